#include "server/http/reception_lane.h"

#include "auth/hash_function.h"
#include "server/rpc/coverage_octets.h"
#include "storage/postgres/access_log_store.h"
#include "storage/postgres/confirmation_store.h"
#include "storage/postgres/record_store.h"

namespace kakunin {

struct ReceptionLane::Stores {
  Stores(const Backend& backend, const std::string& conninfo, const std::string& role)
      : confirmations(
            MakeConfirmationStore(conninfo, role, "kakunin web confirmations", backend.fence)),
        records(MakeRecordStore(conninfo, role, "kakunin web consents", backend.fence)),
        identities(MakeAccessLogStore(conninfo, role, "kakunin web identities", backend.fence)),
        confirm(*confirmations, backend.guard, {backend.audit_key, backend.handle_key},
                backend.rules, &BuildAnswerRow, auth::kSha256, backend.unlinked),
        consents(*records, backend.guard, {backend.audit_key, backend.handle_key},
                 backend.record_rules, auth::kSha256),
        accesses(*identities, backend.audit_key, backend.rules, auth::kSha256, backend.unlinked),
        reception({.confirm = confirm,
                   .consents = consents,
                   .accesses = accesses,
                   .identities = *identities,
                   .audit_key = backend.audit_key,
                   .handle_key = backend.handle_key,
                   .rules = backend.rules,
                   .unlinked = backend.unlinked},
                  auth::kSha256) {}

  // NoticeLoss lets an act begin anew where the database went away since the last one.
  void NoticeLoss() {
    confirm.NoticeLoss();
    consents.NoticeLoss();
    identities->NoticeLoss();
  }

  std::unique_ptr<ConfirmationStore> confirmations;
  std::unique_ptr<RecordStore> records;
  std::unique_ptr<AccessLogStore> identities;
  ConfirmEligibility confirm;
  ConsentDesk consents;
  ListAccesses accesses;
  Reception reception;
};

ReceptionLane::ReceptionLane(Backend backend, const std::string& conninfo, const std::string& role)
    : backend_(std::move(backend)), stores_(std::make_unique<Stores>(backend_, conninfo, role)) {}

ReceptionLane::~ReceptionLane() = default;

Issued ReceptionLane::Begin(const ReceptionVisit& visit, CardPurpose purpose) {
  const std::lock_guard lock(mutex_);
  stores_->NoticeLoss();
  return stores_->reception.Begin(visit, purpose);
}

Confirmed ReceptionLane::GiveConsents(const ReceptionVisit& visit, const CardQuestion& card,
                                      const RequestId& request_id) {
  const std::lock_guard lock(mutex_);
  stores_->NoticeLoss();
  return stores_->reception.GiveConsents(visit, card, request_id, backend_.cards());
}

OwnConsents ReceptionLane::List(const ReceptionVisit& visit, const CardAct& act) {
  const std::lock_guard lock(mutex_);
  stores_->NoticeLoss();
  return stores_->reception.List(visit, act, backend_.cards());
}

OwnAccesses ReceptionLane::Accesses(const ReceptionVisit& visit, const CardAct& act) {
  const std::lock_guard lock(mutex_);
  stores_->NoticeLoss();
  return stores_->reception.Accesses(visit, act, backend_.cards());
}

OwnConsents ReceptionLane::Withdraw(const ReceptionVisit& visit, const CardAct& act) {
  const std::lock_guard lock(mutex_);
  stores_->NoticeLoss();
  return stores_->reception.Withdraw(visit, act, backend_.cards());
}

}  // namespace kakunin
