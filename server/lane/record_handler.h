#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "server/clock.h"
#include "server/lane/consent_handler.h"
#include "server/lane/lane.h"
#include "server/usecases/read_records.h"

namespace kakunin {

// RecordHandler is the border of RecordService inside one record lane: it reads requests, hands a
// batch to the usecase and writes the answers; calls of ConsentService it passes on. Used by the
// lane's thread alone.
class RecordHandler final : public LaneHandler {
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
  RecordHandler(ReadRecords& usecase, ConsentHandler& consents, RevocationSource revocations,
                const Clock& clock, Border border);

  bool Accept(LaneCall& call) override;
  void RunBatch(std::span<LaneCall* const> batch) override;
  void Idle() override;

  // Connected tells whether the lane had its database connection when it last looked. From any
  // thread.
  bool Connected() const { return connected_.load(std::memory_order_relaxed); }

 private:
  bool Connect();
  void Show(std::span<LaneCall* const> batch);

  ReadRecords& usecase_;
  ConsentHandler& consents_;
  RevocationSource revocations_;
  const Clock& clock_;
  Border border_;
  std::atomic<bool> connected_{false};
};

}  // namespace kakunin
