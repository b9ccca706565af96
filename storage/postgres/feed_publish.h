#pragma once

#include <pqxx/transaction_base>
#include <string>

#include "absl/status/statusor.h"
#include "storage/feed_store.h"

namespace kakunin {

// FeedPublish merges one feed into the truth, set by set, inside the caller's transaction: nothing
// is overwritten, what is replaced gets its known period closed at `at`. Throws what libpqxx
// throws.
class FeedPublish {
 public:
  // `work` and `feed` outlive the object; the feed's row is locked.
  FeedPublish(pqxx::transaction_base& work, const FeedRow& feed, absl::Time at);

  // Run does everything and marks the feed published. Returns a StoreError when a stored row cannot
  // be read.
  absl::StatusOr<FeedCounts> Run(const AnswerBuilder& build);

 private:
  void Classify();
  void FindPersons();
  void LockPersons();
  void CompareWithTruth();
  void WriteTruth();
  void WriteHidden();
  void WriteLookups();
  absl::Status WriteTouchedAnswers(const AnswerBuilder& build);
  void WriteFindings();
  FeedCounts Finish();
  // Exec runs a statement in which {feed}, {insurer} and {at} stand for this feed's values.
  pqxx::result Exec(const std::string& sql);

  pqxx::transaction_base& work_;
  const FeedRow& feed_;
  const std::string feed_id_;
  const std::string insurer_;
  const std::string at_;
  int64_t new_persons_ = 0;
};

}  // namespace kakunin
