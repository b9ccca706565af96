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
// that are not there with this hash, and did not go with their month either. Parameters are
// AuditHeadArrays, as text.
inline constexpr char kAuditHeadsNotKept[] =
    "SELECT place FROM kakunin.audit_heads_not_kept($1::uuid[], $2::bigint[], $3::timestamptz[],"
    " $4::bytea[]) AS place ORDER BY place";

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

// HasWhatWasSeen asks for the newest that `fence` knows and tells it the answer. Throws what
// libpqxx throws.
bool HasWhatWasSeen(pqxx::transaction_base& work, AuditFence& fence);

// AuditHeadsNotKept returns which of `heads` the database does not keep, by their index; all of
// them when it is older than the question itself. StoreError.
absl::StatusOr<std::vector<size_t>> AuditHeadsNotKept(Transaction& tx,
                                                      std::span<const SeenHead> heads);

}  // namespace kakunin
