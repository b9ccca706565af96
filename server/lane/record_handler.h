#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "server/clock.h"
#include "server/lane/connected_handler.h"
#include "server/usecases/read_records.h"

namespace kakunin {

// RecordHandler is the border of RecordService inside one record lane: it reads requests, hands a
// batch to the usecase and writes the answers. Used by the lane's thread alone.
class RecordHandler final : public ConnectedHandler<ReadRecords> {
 public:
  // RevocationSource gives the newest snapshot; called once a batch.
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
  RecordHandler(ReadRecords& usecase, RevocationSource revocations, const Clock& clock,
                Border border);

  bool Accept(LaneCall& call) override;

 private:
  void Run(std::span<LaneCall* const> batch) override;

  RevocationSource revocations_;
  const Clock& clock_;
  Border border_;
};

}  // namespace kakunin
