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
// chunk_number, row_index, reference, number_hash, number_key_id, person_id, verdict, what the risk
// is reckoned from (as in kNoRiskColumns, and `running`: 1 when it begins to run, -1 when it ends),
// `identity_fields` of a coverage that is hidden in doubt (domain/resident_identity.h), and what a
// kind needs beside. A verdict is NEW, CHANGED, LOST, UNCHANGED, HIDDEN, or the reason
// of a refusal; `corrected` is never null.
class FeedContent {
 public:
  virtual ~FeedContent() = default;

  // staging is the table of the staged rows.
  virtual const std::string& staging() const = 0;
  // words are what statements may name in braces, beside those of FeedPublish::Exec. Every kind has
  // {truth}, {hidden} and {by_reference}, its tables, with {party_column} and {reference_column},
  // and {held_kind}, the HeldKind of its rows; {content}, its columns, and {known}, the same of a
  // row `c`; {and_visible}, {month}, {and_month}, {and_prior_month}, {named_month} and
  // {prior_month} where kinds differ in undoing; {known_row}, the current row of `p` in the truth,
  // {diff}, the names of the columns in which a staged row `r` differs from a known one `c`, and
  // {lost_diff}, those that a loss changes; {told_by}, the column of `publishing` by which the
  // truth names a row, {told_in_truth}, and {keeps_told}, whether it matters that a later feed told
  // what is known (feed_order.h).
  virtual const std::vector<std::pair<const char*, std::string>>& words() const = 0;
  // Judge makes `publishing`, and calls RefuseOutdated before anything looks at what rows come to;
  // only duplicates, and who falls with a refused row, are looked for after it.
  virtual void Judge(FeedPublish& publish) = 0;
  // NoteFindings adds what is told of rows that are taken all the same.
  virtual void NoteFindings(FeedPublish& /*publish*/) {}
  // AddFigures adds what the risk is reckoned from beside the columns of `publishing`.
  virtual void AddFigures(FeedPublish& /*publish*/, FeedFigures& /*figures*/) {}
  // WritePersons gives persons who are new what stands for them when they are locked.
  virtual absl::Status WritePersons(FeedPublish& publish) = 0;
  // Write writes truth, hidden rows and every copy, the persons being locked.
  virtual absl::Status Write(FeedPublish& publish) = 0;
  // WriteUndone writes every copy of what `undoing` names (feed_undo.cc), after the truth.
  virtual absl::Status WriteUndone(FeedPublish& publish) = 0;
};

// FeedPublish judges one feed and merges it into the truth, set by set, inside the caller's
// transaction: nothing is overwritten, what is replaced gets its known period closed. Throws what
// libpqxx throws.
//
// Locks are taken in one order, so that no two feeds wait in a ring: the feed itself (by the
// caller), repairs of who is who held off, the party, numbers of new persons by their hash, answer
// rows by person. Rows of one party change under the party's lock only, and the copies about a
// person under the person's.
class FeedPublish {
 public:
  // `work` and `content` outlive the object; the feed's row is locked.
  FeedPublish(pqxx::transaction_base& work, const FeedRow& feed, absl::Time at,
              FeedContent& content);

  // Judge makes `publishing` and keeps what it found: counts, findings, a sample. The truth is as
  // it was, and stays so until the transaction ends: the party is locked.
  FeedFigures Judge();
  // Run merges what Judge of the same transaction accepted and marks the feed published. Returns a
  // StoreError when a stored row cannot be read.
  absl::Status Run();

  // Merge does to the truth what is in `publishing`, and to nothing else of the feed.
  absl::Status Merge();

  // RefuseDuplicates refuses rows under a reference that stands twice, unless all tell what is
  // known. Judge does so last; a kind may need it earlier.
  void RefuseDuplicates();

  // RefuseBeside refuses the other rows of each person of whom a row is refused, here or when it
  // was pushed: what is told of a person is true together or not at all. A person is whom the
  // individual number names; a row that is outdated says nothing of the others. As above.
  void RefuseBeside();

  // RefuseOutdated refuses the rows of which a later feed has told since (feed_order.h). What is
  // not judged as a feed, but released, is not compared.
  void RefuseOutdated();

  // LockParty holds every other feed of the party back, and moves {at} behind them.
  void LockParty();

  // Exec runs a statement in which {feed}, {party} and {at} stand for this feed's values, {staging}
  // for the table of its staged rows, {staged_row} for the one of `p`, {new}, {changed} and {lost}
  // for the actions, {published} and {undone} for states, {waiting} for those before both,
  // {published_at} for the feed's own instant, {own_number} for its number.
  pqxx::result Exec(std::string_view sql);

  // Replaces tells whether any row replaces or ends one that is known: a first delivery does not,
  // and need not look for any.
  bool Replaces();

  pqxx::transaction_base& work() { return work_; }

 private:
  // `told_in_vain`: rows that were not staged and are not unchanged after all.
  FeedFigures ReadFigures(int64_t told_in_vain);
  void KeepCounts(const FeedFigures& figures);
  void FindPersons();

  pqxx::transaction_base& work_;
  FeedContent& content_;
  const FeedKind kind_;
  const std::string feed_id_;
  const std::string party_;
  const std::string published_at_;
  std::string at_;
  int64_t new_persons_ = 0;
  bool is_told_later_ = false;
};

// WriteAnswersOfNew gives the persons of new rows who have no answer row one: WritePersons of the
// kinds that tell nothing of coverages. Returns a StoreError when a stored row cannot be read.
absl::Status WriteAnswersOfNew(FeedPublish& publish, const AnswerBuilder& build);

// kNoRiskColumns are the columns of the risk for a kind of which nothing of the sort can be told.
inline constexpr char kNoRiskColumns[] =
    "false AS corrected, false AS swapped, false AS had_bands, false AS bands_gone,"
    " false AS elderly, false AS elderly_bare, false AS named, NULL::smallint AS identity_fields";

// kDoubtReason tells of a row that is hidden in doubt, by its `identity_fields`, whose number
// nobody knows, who is hidden with another row of the same person, who differs.
inline constexpr char kDoubtReason[] =
    "CASE WHEN identity_fields >= 64 THEN 'IDENTITY_MISMATCH_BESIDE'"
    " WHEN identity_fields = 32 THEN 'RESIDENT_UNKNOWN' ELSE 'IDENTITY_MISMATCH' END";

// DiffOf is an expression for the names of those of `columns` that differ between `r` and `c`.
std::string DiffOf(std::string_view columns);

// ColumnsOf is "r.insurer_number, r.coverage_reference, ...": `columns` behind an alias.
std::string ColumnsOf(std::string_view columns, std::string_view alias);

}  // namespace kakunin
