#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "domain/audit_record.h"
#include "storage/registry_store.h"
#include "storage/terminal_certificate_store.h"

namespace kakunin {

// CodeToIssue is for which terminal an operator wants a code. `text` is fresh.
struct CodeToIssue {
  std::string facility_code;
  std::string terminal_id;
  TerminalKind kind = TerminalKind::kDesk;
  EnrolmentCodeText text;
  absl::Duration life = kEnrolmentCodeLife;
  std::string label;  // of an activation code; may be empty
};

// IssueEnrolmentCode stores a code of the operator of `record`, within `tx`: its public half and
// its secret's hash. With `validate_only` nothing is written. Returns FACILITY_NOT_FOUND,
// FACILITY_INACTIVE, FACILITY_CLOSED, RESTRICTED_TERMINALS_ONLY for a kind that the facility's type
// does not have, or a StoreError.
absl::StatusOr<EnrolmentCode> IssueEnrolmentCode(Transaction& tx, AuditRecord& record,
                                                 RegistryStore& registry,
                                                 TerminalCertificateStore& store,
                                                 const auth::HmacKey& key,
                                                 const CodeToIssue& wanted, bool validate_only);

}  // namespace kakunin
