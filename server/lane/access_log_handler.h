#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "server/clock.h"
#include "server/lane/connected_handler.h"
#include "server/usecases/list_accesses.h"

namespace kakunin {

// AccessLogHandler is the border of AccessLogService inside one record lane. Lists are asked for
// seldom: the calls of a batch are answered one after the other. Used by the lane's thread alone.
class AccessLogHandler final : public ConnectedHandler<ListAccesses> {
 public:
  // CardTrustSource gives the newest snapshots; called once a batch.
  using CardTrustSource = std::function<CardTrust()>;

  struct Border {
    const auth::HmacKey& audit_key;
    const auth::PatientHandleKey& handle_key;
    // The lane's bound on its database work for one batch.
    std::chrono::milliseconds database_bound{1000};
    // Told of every call whose rows the database refused.
    std::function<void(std::string_view terminal)> failed_alone = {};
  };

  // All references outlive the handler.
  AccessLogHandler(ListAccesses& usecase, CardTrustSource cards, const Clock& clock, Border border);

  bool Accept(LaneCall& call) override;

 private:
  void Run(std::span<LaneCall* const> batch) override;
  bool AcceptFacility(LaneCall& call);
  bool AcceptPatient(LaneCall& call);
  void Answer(LaneCall& call, const CardTrust& cards, MonotonicTime deadline);

  CardTrustSource cards_;
  const Clock& clock_;
  Border border_;
};

}  // namespace kakunin
