#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "storage/record_store.h"

namespace kakunin {

// CrossedStore is a lane's store in front of which something happens between a read and its write.
class CrossedStore final : public RecordStore {
 public:
  explicit CrossedStore(std::unique_ptr<RecordStore> store) : store_(std::move(store)) {}

  std::function<void()> after_read;  // once
  int reads = 0;

  bool Connected() const override { return store_->Connected(); }
  absl::Status Reconnect(MonotonicTime deadline) override { return store_->Reconnect(deadline); }
  void NoticeLoss() override { store_->NoticeLoss(); }
  absl::StatusOr<std::vector<std::vector<FoundPerson>>> Read(
      std::span<const RecordQuestion> questions, MonotonicTime deadline) override {
    auto found = store_->Read(questions, deadline);
    ++reads;
    if (const auto happens = std::exchange(after_read, nullptr)) happens();
    return found;
  }
  absl::StatusOr<std::vector<Coverage>> ReadTruth(const PersonId& person,
                                                  MonotonicTime deadline) override {
    return store_->ReadTruth(person, deadline);
  }
  absl::StatusOr<std::vector<Receipt>> ReadReceipts(const PersonId& person, absl::CivilMonth from,
                                                    absl::CivilMonth through,
                                                    MonotonicTime deadline) override {
    return store_->ReadReceipts(person, from, through, deadline);
  }
  absl::StatusOr<std::vector<HealthCheck>> ReadHealthChecks(const PersonId& person,
                                                            absl::CivilMonth from,
                                                            absl::CivilMonth through,
                                                            MonotonicTime deadline) override {
    return store_->ReadHealthChecks(person, from, through, deadline);
  }
  absl::StatusOr<std::vector<std::vector<FoundPerson>>> ReadConsents(
      std::span<const ConsentQuestion> questions, MonotonicTime deadline) override {
    return store_->ReadConsents(questions, deadline);
  }
  absl::StatusOr<std::vector<ConsentEnd>> ReadEnds(const EndQuestion& question,
                                                   MonotonicTime deadline) override {
    return store_->ReadEnds(question, deadline);
  }
  absl::StatusOr<std::optional<AuditedDecision>> ReadDecision(std::string_view facility_code,
                                                              const AuditId& id,
                                                              MonotonicTime deadline) override {
    return store_->ReadDecision(facility_code, id, deadline);
  }
  absl::Status Write(std::span<const AuditRecord> audit, std::span<const RecordAccess> accesses,
                     std::span<const HeldPerson> held, std::span<const ConsentEnd> ends,
                     MonotonicTime deadline) override {
    return store_->Write(audit, accesses, held, ends, deadline);
  }
  absl::StatusOr<bool> AuditRowExists(const AuditId& id, MonotonicTime deadline) override {
    return store_->AuditRowExists(id, deadline);
  }

 private:
  std::unique_ptr<RecordStore> store_;
};

}  // namespace kakunin
