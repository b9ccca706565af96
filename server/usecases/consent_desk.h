#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "auth/revocation_snapshot.h"
#include "domain/access_policy.h"
#include "domain/actor.h"
#include "domain/error.h"
#include "server/usecases/audit_stream.h"
#include "server/usecases/consent_evidence.h"
#include "server/usecases/explain_decision.h"
#include "server/usecases/inquiry_guard.h"
#include "server/usecases/patient_resolver.h"
#include "storage/record_store.h"

namespace kakunin {

// ConsentInquiry is one call of ConsentService; `operation` tells which fields count.
struct ConsentInquiry {
  const Terminal* terminal = nullptr;
  std::string_view actor_name;
  Operation operation = Operation::kListConsents;
  // A sealed handle of this facility, or the keyed hash of a number; nobody: the whole facility, or
  // a decision by its audit id.
  std::optional<NamedPatient> patient;
  bool without_branch = false;  // the number came without one
  // Empty: every one (not for a revocation or a hypothetical call).
  std::optional<FormOfCare> form_of_care;
  // Online care: one booking; empty: every one.
  std::optional<absl::CivilDay> appointment_day;
  // RevokeConsent
  int kinds = kAllConsentKinds;
  ConsentEndReason reason = ConsentEndReason::kRevokedByFacility;
  RequestId request_id;
  // CheckConsentEnd: ends in [from, to), behind `after`.
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();
  AuditId after;
  // ExplainDecision: a decision of this facility, else a hypothetical call about `kind`.
  std::optional<AuditId> decision;
  RecordKind kind = RecordKind::kDrug;
  PersonPseudonym request_digest;
  // Decided at the border (another facility's code): audited like every refusal, never looked up.
  std::optional<Reason> refused;
};

// ShownConsent is one consent of a patient at the facility that asks.
struct ShownConsent {
  ConsentKind kind = ConsentKind::kDrug;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  std::optional<absl::CivilDay> appointment_day;
  absl::Time decided_at;
  ConsentMethod method = ConsentMethod::kCard;
  absl::Time window_end;  // agreed: InfiniteFuture: until ended; declined: unused
  ConsentStanding standing = ConsentStanding::kRunning;
  absl::Time since;
  // Why nothing is shown by it although it runs: what has become of its card. A list alone tells.
  std::optional<Reason> not_counting;
};

// EndedConsents is one act that ended consents of some patient of the facility.
struct EndedConsents {
  std::string patient_handle;
  ConsentEnd end;
};

// ConsentAnswer is what one inquiry came to. `status` not OK: nothing but `audit_id` counts.
struct ConsentAnswer {
  absl::Status status;
  AuditId audit_id;
  // ListConsents: all. RevokeConsent: what this request ended. CheckConsentEnd about a patient:
  // what has ended.
  std::vector<ShownConsent> consents;
  std::vector<EndedConsents> ends;  // CheckConsentEnd about the whole facility
  bool more = false;                // further ends follow the last one
  std::vector<ExplainedKind> explanations;
  bool failed_alone = false;  // the database refused this row and took the others of its batch
};

// kMostEnds is how many ends one answer about a whole facility holds.
inline constexpr int64_t kMostEnds = 500;

// ConsentDesk answers a batch of calls about consents, in the order read, decide, write, answer. It
// shares a record lane's store with ReadRecords and keeps an audit stream of its own. Not
// thread-safe.
class ConsentDesk {
 public:
  struct Keys {
    const auth::HmacKey& audit;
    const auth::PatientHandleKey& handle;
  };

  // All references outlive the object. `guard` counts questions by number.
  ConsentDesk(RecordStore& store, InquiryGuard& guard, const Keys& keys, const RecordRules& rules,
              HashFunction hash);

  // Answer answers; one result per inquiry, in order. Once the answer to a revocation is there, no
  // server of the installation decides by what it ended; what was committed before may still be on
  // its way out.
  std::vector<ConsentAnswer> Answer(std::span<const ConsentInquiry> inquiries,
                                    const auth::RevocationSnapshot* revocations, absl::Time now,
                                    MonotonicTime deadline);

  // Connect makes one step towards a connection, up to `deadline`; true when there is one.
  bool Connect(MonotonicTime deadline) { return stream_.Connect(deadline); }

  // NoticeLoss looks whether the connection ended while nothing ran.
  void NoticeLoss() { stream_.NoticeLoss(); }

 private:
  struct Case;

  void Admit(Case& c, absl::Time now);
  void ReadAndDecide(std::span<Case*> admitted, const auth::RevocationSnapshot* revocations,
                     absl::Time now, MonotonicTime deadline);
  // What is not found by a patient: ends of the facility, a decision by its audit id.
  void FindByFacility(Case& c, absl::Time now, MonotonicTime deadline);
  void FindPatients(std::span<Case*> cases, MonotonicTime deadline);
  void Decide(Case& c, const auth::RevocationSnapshot* revocations, absl::Time now);
  void CountInquiry(Case& c, absl::Time now);
  void Write(std::span<Case*> cases, std::span<Case*> admitted,
             const auth::RevocationSnapshot* revocations, absl::Time now, MonotonicTime deadline);
  absl::Status WriteOnce(std::span<Case*> cases, MonotonicTime deadline);

  RecordStore& store_;
  PatientResolver patients_;
  const Keys keys_;
  const RecordRules& rules_;
  AuditStream stream_;
};

}  // namespace kakunin
