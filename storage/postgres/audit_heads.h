#pragma once

#include <pqxx/transaction_base>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/audit_fence.h"
#include "storage/database.h"

namespace kakunin {

// kAuditHeadsNotKept asks for the places, from 1, of the heads that a database does not keep: those
// that are not there with this hash, and did not go with their month either. Place 0, the first,
// tells of a standby: what it lacks may be on its way, so that it is refused and raises no alarm.
// Parameters are AuditHeadArrays, as text.
inline constexpr char kAuditHeadsNotKept[] =
    "SELECT place FROM kakunin.audit_heads_not_kept($1::uuid[], $2::bigint[], $3::timestamptz[],"
    " $4::bytea[]) AS place UNION ALL SELECT 0 WHERE pg_is_in_recovery() ORDER BY place";
inline constexpr std::string_view kStandbyPlace = "0";

// AuditHeadArrays are heads as four array literals.
struct AuditHeadArrays {
  explicit AuditHeadArrays(std::span<const SeenHead> heads);

  std::string streams;
  std::string numbers;
  std::string ats;
  std::string hashes;
};

// LacksTheAudit tells from an SQLSTATE that the database has no such question: it is of before the
// migration that brought it, so of before anything that was seen.
bool LacksTheAudit(std::string_view sqlstate);

// HasWhatWasSeen asks for the newest that `fence` knows and tells it the answer; false of a
// standby, of which it tells nothing. Throws what libpqxx throws.
bool HasWhatWasSeen(pqxx::transaction_base& work, AuditFence& fence);

// AuditHeadsNotKept returns which of `heads` the database does not keep, by their index; all of
// them when it is older than the question itself. StoreError; kUnavailable of a standby.
absl::StatusOr<std::vector<size_t>> AuditHeadsNotKept(Transaction& tx,
                                                      std::span<const SeenHead> heads);

// A keeper is a server that keeps, in a file, what it saw: KnowsAuditHeadKeeper tells whether it
// was noted, NoteAuditHeadKeeper notes it, again without effect. StoreError.
absl::StatusOr<bool> KnowsAuditHeadKeeper(Transaction& tx, const std::string& server);
absl::Status NoteAuditHeadKeeper(Transaction& tx, const std::string& server);

}  // namespace kakunin
