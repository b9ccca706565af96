#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "domain/abnormal_times.h"
#include "domain/actor.h"
#include "domain/audit_record.h"
#include "storage/abnormal_times_store.h"

namespace kakunin {

// PolicyDesk is what operators' acts on policies need. `key` signs; null: this server has none, and
// every act but ending is refused (kPolicyKeyMissing).
struct PolicyDesk {
  AbnormalTimesStore& store;
  const auth::HmacKey* key = nullptr;
};

// ToldPolicy is a policy as an operator is told it.
struct ToldPolicy {
  AbnormalTimesPolicy policy;
  bool signature_good = false;
  int facilities_reached = 0;
};

// ProposePolicy proposes `wanted`, whose id, proposer and instants of approval and end are set
// here. INVALID_ARGUMENT names what cannot be: unknown facilities, a right for what is no hospital,
// an extension that is of another kind or reaches further than what it extends. kPolicyBodyMissing:
// nobody said whose operator it is.
absl::StatusOr<ToldPolicy> ProposePolicy(Transaction& tx, AuditRecord& record,
                                         const PolicyDesk& desk, const Operator& by,
                                         AbnormalTimesPolicy wanted, bool validate_only);

// ApprovePolicy puts a policy into force. kPolicyNotFound, kPolicyDecided, kPolicyOver,
// kPolicySameOperator, kPolicySameBody, kPolicyBodyMissing, kPolicySignatureWrong.
absl::StatusOr<ToldPolicy> ApprovePolicy(Transaction& tx, AuditRecord& record,
                                         const PolicyDesk& desk, const Operator& by,
                                         const PolicyId& id, bool validate_only);

// EndPolicy ends a policy or a proposal; one operator may, since nothing is opened by it. One that
// is ended stays as it is. Without a key, or where its signature is wrong, it is stored unsigned:
// it is in force nowhere either way.
absl::StatusOr<ToldPolicy> EndPolicy(Transaction& tx, AuditRecord& record, const PolicyDesk& desk,
                                     const Operator& by, const PolicyId& id, bool validate_only);

// PolicyPage is one page of the policies, newest first.
struct PolicyPage {
  std::vector<ToldPolicy> policies;
  std::optional<PolicyPlace> next;  // others follow
};

// ListPolicies tells the policies behind `after`; ShowPolicy tells one (kPolicyNotFound).
absl::StatusOr<PolicyPage> ListPolicies(Transaction& tx, AuditRecord& record,
                                        const PolicyDesk& desk, const PolicyPlace& after,
                                        int limit);
absl::StatusOr<ToldPolicy> ShowPolicy(Transaction& tx, AuditRecord& record, const PolicyDesk& desk,
                                      const PolicyId& id);

// PolicyReport is one page of a policy's uses, oldest first.
struct PolicyReport {
  ToldPolicy policy;
  std::vector<ReportedUse> uses;
  std::optional<UsePlace> next;  // others follow
};

// ReportPolicy tells every use of a policy behind `after`. kPolicyNotFound.
absl::StatusOr<PolicyReport> ReportPolicy(Transaction& tx, AuditRecord& record,
                                          const PolicyDesk& desk, const PolicyId& id,
                                          const UsePlace& after, int limit);

}  // namespace kakunin
