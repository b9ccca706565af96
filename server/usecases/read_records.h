#pragma once

#include <functional>
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
#include "domain/record_access.h"
#include "server/usecases/answer_octets.h"
#include "server/usecases/audit_stream.h"
#include "server/usecases/consent_evidence.h"
#include "server/usecases/inquiry_guard.h"
#include "server/usecases/patient_resolver.h"
#include "server/usecases/record_page.h"
#include "storage/record_store.h"

namespace kakunin {

// RecordInquiry is one question of one terminal about a patient's records.
struct RecordInquiry {
  const Terminal* terminal = nullptr;
  std::string_view actor_name;
  Operation operation = Operation::kGetDrugHistory;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  std::optional<absl::CivilDay> appointment_day;
  // A sealed handle of this facility's confirmation, or the keyed hash of insurer, symbol, number,
  // birth date and branch: the clear values stay at the border.
  NamedPatient patient;
  // Each is decided by itself; a call of which none may be shown is refused with the first's
  // reason.
  std::vector<RecordKind> kinds;
  absl::CivilMonth from_month;      // first month asked for
  absl::CivilMonth through_month;   // last month asked for
  std::optional<RecordPlace> page;  // where to go on, from an answer's `next`
  bool receipts_only = false;       // drugs: without the twins of the e-prescription service
  absl::CivilDay day;               // certificates: the day for which they are asked
  PersonPseudonym request_digest;   // keyed digest of the request's octets
  // Decided at the border (another facility's code): audited like every refusal, never looked up.
  std::optional<Reason> refused;
};

// DecidedKind is what became of one kind that was asked for.
struct DecidedKind {
  RecordKind kind = RecordKind::kDrug;
  std::optional<Reason> denial;  // empty: shown
  absl::Time until;              // shown: first instant at which the consent no longer holds
};

// ShownCertificate is one certificate as the answer holds it: a serialised CertificateAnswer that
// holds nothing else.
struct ShownCertificate {
  RecordKind kind = RecordKind::kLimitCertificate;
  std::string octets;
};

// RecordAnswer is what one inquiry came to. `status` not OK: nothing but `audit_id` counts.
struct RecordAnswer {
  absl::Status status;
  AuditId audit_id;
  absl::Time at;
  std::vector<DecidedKind> kinds;
  // Of the kinds that are shown, newest first, without what a protected patient hides. They
  // view into the store's last read and live as long as the batch.
  RecordPage page;
  std::vector<ShownCertificate> certificates;  // valid on the day, of the kinds that are shown
  // The first month of which there can be records, when the months asked for begin before.
  std::optional<absl::CivilMonth> none_before;
  // Behind `page`, where it is not what is stored.
  std::vector<std::shared_ptr<const std::string>> rebuilt;
  std::string patient_handle;
  // On what it rests in place of a consent.
  Situation situation = Situation::kNormal;
  bool rehearsal = false;
  bool failed_alone = false;  // the database refused this row and took the others of its batch

  // Until is the first instant at which some shown kind's consent no longer holds.
  absl::Time Until() const;
  bool Shows(RecordKind kind) const;
};

// ReadRecords answers a batch of questions about records, in the order open the handles, read,
// decide, write, answer: nothing is answered whose audit row is not durable, nor on a consent whose
// end was durable before. Every record lane has one, with the lane's own store. Not thread-safe.
class ReadRecords {
 public:
  struct Keys {
    const auth::HmacKey& audit;
    const auth::PatientHandleKey& handle;
  };

  // All references outlive the object. `guard` counts questions by number, as for confirmations:
  // whoever guesses keys must not do it here instead. `hash` is SHA-256 for the audit chain.
  ReadRecords(RecordStore& store, InquiryGuard& guard, const Keys& keys, const RecordRules& rules,
              AnswerOctets octets, HashFunction hash);

  // Read answers; one result per inquiry, in order. `revocations` null: nothing is known of any
  // certificate, so that consents given by card are refused, retryably.
  std::vector<RecordAnswer> Read(std::span<const RecordInquiry> inquiries,
                                 const auth::RevocationSnapshot* revocations, absl::Time now,
                                 MonotonicTime deadline);

  // Connect makes one step towards a connection, up to `deadline`; true when there is one.
  bool Connect(MonotonicTime deadline) { return stream_.Connect(deadline); }

  // NoticeLoss looks whether the connection ended while nothing ran.
  void NoticeLoss() { stream_.NoticeLoss(); }

 private:
  struct Case;

  void Admit(Case& c, const FirstDaysKept& kept, absl::Time now);
  // NamedByHandle is whom the call names, as far as nothing need be looked up for it.
  std::optional<PersonId> NamedByHandle(const Case& c, absl::Time now);
  // Reads for what was admitted and decides it; forgets what was decided on an earlier read.
  void ReadAndDecide(std::span<Case*> admitted, const auth::RevocationSnapshot* revocations,
                     const FirstDaysKept& kept, absl::Time now, MonotonicTime deadline);
  void Find(std::span<Case*> cases, MonotonicTime deadline);
  void Decide(Case& c, const auth::RevocationSnapshot* revocations, const FirstDaysKept& kept,
              absl::Time now, MonotonicTime deadline);
  // Writes all; `decide_anew` reads and decides the batch again when a consent in it has ended
  // since.
  void Write(std::span<Case*> cases, const std::function<void()>& decide_anew,
             MonotonicTime deadline);
  absl::Status WriteOnce(std::span<Case*> cases, MonotonicTime deadline);

  RecordStore& store_;
  PatientResolver patients_;
  const Keys keys_;
  const RecordRules& rules_;
  AnswerOctets octets_;
  HashFunction hash_;
  AuditStream stream_;
};

}  // namespace kakunin
