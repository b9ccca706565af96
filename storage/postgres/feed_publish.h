#pragma once

#include <pqxx/transaction_base>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/feed_store.h"

namespace kakunin {

// FeedPublish merges one feed into the truth, set by set, inside the caller's transaction: nothing
// is overwritten, what is replaced gets its known period closed. Throws what libpqxx throws.
//
// Locks are taken in one order, so that no two feeds wait in a ring: the feed itself (by the
// caller), the insurer, numbers of new persons by their hash, answer rows by person. Coverages of
// one insurer change under the insurer's lock only, and a person's answer under the person's.
class FeedPublish {
 public:
  // `work` and `feed` outlive the object; the feed's row is locked.
  FeedPublish(pqxx::transaction_base& work, const FeedRow& feed, absl::Time at);

  // Run does everything and marks the feed published. Returns a StoreError when a stored row cannot
  // be read.
  absl::Status Run(const AnswerBuilder& build);

 private:
  void LockInsurer();
  void Classify();
  void FindPersons();
  void LockPersons();
  void WriteTruth();
  void WriteHidden();
  void WriteLookups();
  absl::Status WriteTouchedAnswers(const AnswerBuilder& build);
  void WriteFindings();
  void Finish();
  // Exec runs a statement in which {feed}, {insurer} and {at} stand for this feed's values,
  // {staged_row} for the staged row of `p`, and {content}, {staged} and {known} for the columns of
  // a coverage: bare, of the staged row `r`, and of the coverage `c`.
  pqxx::result Exec(std::string_view sql);

  pqxx::transaction_base& work_;
  const FeedRow& feed_;
  const std::string feed_id_;
  const std::string insurer_;
  std::string at_;
  int64_t new_persons_ = 0;
};

}  // namespace kakunin
