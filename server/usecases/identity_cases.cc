#include "server/usecases/identity_cases.h"

#include "auth/encoding.h"
#include "domain/error.h"

namespace kakunin {
namespace {

absl::StatusOr<IdentityCase> FindOf(Transaction& tx, AuditRecord& record, IdentityCaseStore& cases,
                                    const std::string& insurer, const CaseId& id, bool lock) {
  AddDetail(record, "case", auth::HexEncode(id.octets));
  ASSIGN_OR_RETURN(auto found, cases.Find(tx, id, lock));
  if (!found || !found->row || found->row->insurer_number != insurer) {
    return MakeError(Reason::kCaseNotFound);
  }
  return *std::move(found);
}

}  // namespace

absl::StatusOr<IdentityCase> FindIdentityCase(Transaction& tx, AuditRecord& record,
                                              IdentityCaseStore& cases, const std::string& insurer,
                                              const CaseId& id) {
  return FindOf(tx, record, cases, insurer, id, /*lock=*/false);
}

absl::StatusOr<ReleasedCase> ReleaseIdentityCase(Transaction& tx, AuditRecord& record,
                                                 IdentityCaseStore& cases,
                                                 const std::string& insurer, const CaseId& id,
                                                 const std::string& released_by,
                                                 const CopyBuilders& build) {
  ASSIGN_OR_RETURN(IdentityCase found, FindOf(tx, record, cases, insurer, id, /*lock=*/true));
  if (found.state == IdentityCaseState::kReleased) {
    AddDetail(record, "repeat", 1);
    return ReleasedCase{.identity_case = std::move(found)};
  }
  if (found.state != IdentityCaseState::kOpen) return MakeError(Reason::kCaseNotOpen);
  // Nothing was stored of a row that would make a reference another person's: there is nothing to
  // be released.
  if (found.reason == kReasonOfConflict) return MakeError(Reason::kPersonConflict);
  ASSIGN_OR_RETURN(const int64_t released, cases.Release(tx, found,
                                                         {.at = record.at,
                                                          .actor_kind = record.actor_kind,
                                                          .actor = record.actor,
                                                          .decided_by = released_by},
                                                         build));
  AddDetail(record, "released", released);
  ASSIGN_OR_RETURN(auto ended, cases.Find(tx, id, /*lock=*/false));
  if (!ended) return MakeError(Reason::kCaseNotFound);
  return ReleasedCase{.identity_case = *std::move(ended), .released = released};
}

}  // namespace kakunin
