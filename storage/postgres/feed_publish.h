#pragma once

#include <pqxx/transaction_base>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "storage/feed_store.h"

namespace kakunin {

class FeedPublish;

// FeedContent is what the rows of one kind of feed do to the truth: the part of publishing that
// differs from kind to kind. The temporary table `publishing` has one row a staged row:
// chunk_number, row_index, reference, number_hash, number_key_id, person_id, verdict, and what a
// kind needs beside. A verdict is NEW, CHANGED, LOST, UNCHANGED, HIDDEN, or the reason of a
// refusal.
class FeedContent {
 public:
  virtual ~FeedContent() = default;

  // staging is the table of the staged rows.
  virtual const std::string& staging() const = 0;
  // words are what the kind's statements may name in braces, beside those of FeedPublish::Exec.
  virtual const std::vector<std::pair<const char*, std::string>>& words() const = 0;
  // Judge makes `publishing`; only duplicates are looked for after it.
  virtual void Judge(FeedPublish& publish) = 0;
  // WritePersons gives persons who are new what stands for them when they are locked.
  virtual absl::Status WritePersons(FeedPublish& publish) = 0;
  // Write writes truth, hidden rows and every copy, the persons being locked.
  virtual absl::Status Write(FeedPublish& publish) = 0;
};

// FeedPublish merges one feed into the truth, set by set, inside the caller's transaction: nothing
// is overwritten, what is replaced gets its known period closed. Throws what libpqxx throws.
//
// Locks are taken in one order, so that no two feeds wait in a ring: the feed itself (by the
// caller), the party, numbers of new persons by their hash, answer rows by person. Rows of one
// party change under the party's lock only, and the copies about a person under the person's.
class FeedPublish {
 public:
  // `work` and `content` outlive the object; the feed's row is locked.
  FeedPublish(pqxx::transaction_base& work, const FeedRow& feed, absl::Time at,
              FeedContent& content);

  // Run does everything and marks the feed published. Returns a StoreError when a stored row cannot
  // be read.
  absl::Status Run();

  // Exec runs a statement in which {feed}, {party} and {at} stand for this feed's values, {staging}
  // for the table of its staged rows, {staged_row} for the one of `p`, {new}, {changed} and {lost}
  // for the actions.
  pqxx::result Exec(std::string_view sql);

  // Replaces tells whether any row replaces or ends one that is known: a first delivery does not,
  // and need not look for any.
  bool Replaces();

  pqxx::transaction_base& work() { return work_; }

 private:
  void LockParty();
  void FindPersons();

  pqxx::transaction_base& work_;
  FeedContent& content_;
  const std::string feed_id_;
  const std::string party_;
  std::string at_;
  int64_t new_persons_ = 0;
};

// ColumnsOf is "r.insurer_number, r.coverage_reference, ...": `columns` behind an alias.
std::string ColumnsOf(std::string_view columns, std::string_view alias);

}  // namespace kakunin
