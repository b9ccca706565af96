#pragma once

#include <array>
#include <span>
#include <vector>

#include "server/lane/lane.h"

namespace kakunin {

// RecordLaneHandler shares a record lane between its services. A batch is run service by service,
// each part with the bound of a batch: ends of consents first, so that what is revoked in a batch
// is shown to nobody in it.
class RecordLaneHandler final : public LaneHandler {
 public:
  // All outlive the handler.
  RecordLaneHandler(LaneHandler& consents, LaneHandler& records, LaneHandler& accesses)
      : parts_{&consents, &records, &accesses} {}

  bool Accept(LaneCall& call) override { return parts_[PartOf(call)]->Accept(call); }
  void RunBatch(std::span<LaneCall* const> batch) override {
    std::array<std::vector<LaneCall*>, kParts> calls;
    for (LaneCall* call : batch) calls[PartOf(*call)].push_back(call);
    for (size_t part = 0; part < kParts; ++part) {
      if (!calls[part].empty()) parts_[part]->RunBatch(calls[part]);
    }
  }
  void Idle() override {
    for (LaneHandler* part : parts_) part->Idle();
  }

 private:
  static constexpr size_t kParts = 3;

  static size_t PartOf(const LaneCall& call) {
    switch (call.call().policy->operation) {
      case Operation::kListConsents:
      case Operation::kRevokeConsent:
      case Operation::kCheckConsentEnd:
      case Operation::kExplainDecision:
        return 0;
      case Operation::kListFacilityAccess:
      case Operation::kListPatientAccess:
        return 2;
      default:
        return 1;
    }
  }

  std::array<LaneHandler*, kParts> parts_;
};

}  // namespace kakunin
