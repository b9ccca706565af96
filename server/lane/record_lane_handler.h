#pragma once

#include <span>
#include <vector>

#include "server/lane/lane.h"

namespace kakunin {

// SplitHandler lets two handlers share one lane: `rare` gets the operations of `Rare`, `usual` all
// others. Each half of a batch has the bound of a batch.
template <Operation... Rare>
class SplitHandler final : public LaneHandler {
 public:
  // Both outlive the handler.
  SplitHandler(LaneHandler& usual, LaneHandler& rare) : usual_(usual), rare_(rare) {}

  bool Accept(LaneCall& call) override { return Of(call).Accept(call); }
  void RunBatch(std::span<LaneCall* const> batch) override {
    std::vector<LaneCall*> usual;
    std::vector<LaneCall*> rare;
    for (LaneCall* call : batch) (&Of(*call) == &rare_ ? rare : usual).push_back(call);
    if (!usual.empty()) usual_.RunBatch(usual);
    if (!rare.empty()) rare_.RunBatch(rare);
  }
  void Idle() override {
    usual_.Idle();
    rare_.Idle();
  }

 private:
  LaneHandler& Of(const LaneCall& call) const {
    const Operation operation = call.call().policy->operation;
    return ((operation == Rare) || ...) ? rare_ : usual_;
  }

  LaneHandler& usual_;
  LaneHandler& rare_;
};

// RecordLaneHandler is what a record lane runs: records, and lists of accesses.
using RecordLaneHandler =
    SplitHandler<Operation::kListFacilityAccess, Operation::kListPatientAccess>;

}  // namespace kakunin
