#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "server/usecases/reception.h"
#include "storage/audit_fence.h"

namespace kakunin {

// ReceptionLane is the patients' acts over connections of their own, apart from the desk's lanes:
// one act at a time, some milliseconds each. Thread-safe.
class ReceptionLane {
 public:
  // References outlive the object.
  struct Backend {
    InquiryGuard& guard;
    const ConfirmationRules& rules;
    const RecordRules& record_rules;
    const auth::HmacKey& audit_key;
    const auth::PatientHandleKey& handle_key;
    std::function<CardTrust()> cards;
    UnlinkedCards* unlinked = nullptr;  // null: nobody looks for the holders of unlinked cards
    AuditFence* fence = nullptr;        // null: no connection is asked for what was seen
  };

  // `conninfo` is of `role`, the terminals'.
  ReceptionLane(Backend backend, const std::string& conninfo, const std::string& role);
  ~ReceptionLane();

  Issued Begin(const ReceptionVisit& visit, CardPurpose purpose);
  Confirmed GiveConsents(const ReceptionVisit& visit, const CardQuestion& card,
                         const RequestId& request_id);
  OwnConsents List(const ReceptionVisit& visit, const CardAct& act);
  OwnAccesses Accesses(const ReceptionVisit& visit, const CardAct& act);
  OwnConsents Withdraw(const ReceptionVisit& visit, const CardAct& act);

 private:
  struct Stores;

  const Backend backend_;
  std::mutex mutex_;
  std::unique_ptr<Stores> stores_;
};

}  // namespace kakunin
