#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "auth/digest.h"
#include "server/clock.h"
#include "server/lane/connected_handler.h"
#include "server/usecases/consent_desk.h"

namespace kakunin {

// ConsentHandler is the border of ConsentService inside one record lane. Used by the lane's
// thread alone.
class ConsentHandler final : public ConnectedHandler<ConsentDesk> {
 public:
  using RevocationSource = std::function<std::shared_ptr<const auth::RevocationSnapshot>()>;

  struct Border {
    const auth::HmacKey& lookup_key;
    const auth::HmacKey& audit_key;
    // The lane's bound on its database work for one batch.
    std::chrono::milliseconds database_bound{1000};
    // Told of every call whose rows the database refused while it took the others of the batch.
    std::function<void(std::string_view terminal)> failed_alone = {};
  };

  // All references outlive the handler.
  ConsentHandler(ConsentDesk& desk, RevocationSource revocations, const Clock& clock,
                 Border border);

  bool Accept(LaneCall& call) override;

 private:
  void Run(std::span<LaneCall* const> batch) override;

  RevocationSource revocations_;
  const Clock& clock_;
  Border border_;
  std::string buffer_;  // reused
};

}  // namespace kakunin
