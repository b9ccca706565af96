#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "server/lane/lane.h"
#include "server/rpc/health.h"
#include "server/usecases/confirm_eligibility.h"

namespace kakunin {

// EligibilityHandler is the border of EligibilityService inside one lane: it reads requests, hands
// a batch to the usecase and writes the answers. Health checks of the terminal port are answered
// here too, so that a SERVING means that the lane's own thread is alive. Used by the lane's thread
// alone.
class EligibilityHandler final : public LaneHandler {
 public:
  // CardTrustSource gives the newest snapshots; called once a batch.
  using CardTrustSource = std::function<CardTrust()>;

  struct Border {
    const Contact& contact;
    const auth::HmacKey& lookup_key;
    const auth::HmacKey& audit_key;
    // The lane's bound on its database work for one batch.
    std::chrono::milliseconds database_bound{1000};
    // Told of every row that failed alone, with the terminal's name (actor_name); may be empty.
    std::function<void(std::string_view terminal)> failed_alone = {};
  };

  // All references outlive the handler.
  EligibilityHandler(ConfirmEligibility& usecase, CardTrustSource cards, const PortHealth& health,
                     const Clock& clock, Border border);

  bool Accept(LaneCall& call) override;
  void RunBatch(std::span<LaneCall* const> batch) override;
  void Idle() override;

  // Connected tells whether the lane had its database connection when it last looked. From any
  // thread.
  bool Connected() const { return connected_.load(std::memory_order_relaxed); }

 private:
  bool Connect();

  bool AcceptBegin(LaneCall& call);
  bool AcceptByCard(LaneCall& call);
  bool AcceptByNumber(LaneCall& call);
  void RunBegins(std::span<LaneCall* const> calls, absl::Time now, MonotonicTime deadline);
  void RunConfirmations(std::span<LaneCall* const> calls, absl::Time now, MonotonicTime deadline);

  ConfirmEligibility& usecase_;
  CardTrustSource cards_;
  const PortHealth& health_;
  const Clock& clock_;
  Border border_;
  std::atomic<bool> connected_{false};
  std::string buffer_;  // reused
};

}  // namespace kakunin
