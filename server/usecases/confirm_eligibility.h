#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "auth/card_verifier.h"
#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "domain/access_policy.h"
#include "domain/actor.h"
#include "domain/answer_row.h"
#include "domain/audit_chain.h"
#include "domain/consent.h"
#include "domain/document_worth.h"
#include "domain/eligibility.h"
#include "domain/holder_verification.h"
#include "domain/home_relation.h"
#include "domain/next_step.h"
#include "domain/record_access.h"
#include "domain/text/insurer_number.h"
#include "server/usecases/card_act.h"
#include "server/usecases/inquiry_guard.h"
#include "server/usecases/insurer_delays.h"
#include "server/usecases/unlinked_cards.h"
#include "storage/confirmation_store.h"
#include "storage/feed_store.h"

namespace kakunin {

// KeyQuestion asks by symbol and number. The hashes are keyed; the clear values stay at the border.
struct KeyQuestion {
  KeyHash key;                 // what to look up: with the branch when one was given
  KeyHash key_without_branch;  // what a coverage carries
  Decision limit_certificate = Decision::kNotAsked;
  DocumentShown document = DocumentShown::kNone;
  std::optional<absl::CivilDay> document_valid_through;
  std::optional<InsurerNumber> insurer;  // empty: nobody is told whether it is behind
  bool in_bulk = false;                  // a row of a list: nobody has shown a document yet
};

// CardQuestion asks by a card act. The views live as long as the batch.
struct CardQuestion {
  ChallengeId challenge;
  std::string_view certificate;
  std::string_view signature;
  HolderVerification holder_verification = HolderVerification::kPin;
  ConsentDecisions decisions;
  bool assisted = false;
};

// PersonQuestion asks about a patient whom the facility's list of those who consented names. It is
// answered as a card act is, and only within the relation that the patient began.
// In abnormal times it is whom a search found: it rests on the policy, and shows what a card would.
struct PersonQuestion {
  PersonId person;
  Situation situation = Situation::kNormal;
  std::optional<PolicyId> policy;
  bool rehearsal = false;
};

// Inquiry is one question of one terminal.
struct Inquiry {
  const Terminal* terminal = nullptr;
  std::string_view actor_name;
  absl::CivilDay day;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  std::optional<absl::CivilDay> appointment_day;
  LinkId link;  // of the reception at home by which it came; all zero: none
  RequestId request_id;
  PersonPseudonym request_digest;  // keyed digest of the request's octets
  // Decided at the border (another facility's code): audited like every refusal, never looked up.
  std::optional<Reason> refused;
  std::variant<KeyQuestion, CardQuestion, PersonQuestion> question;
};

// Confirmed is what one inquiry came to. `status` not OK: nothing but `audit_id` and `relation`
// counts.
struct Confirmed {
  absl::Status status;
  bool failed_alone = false;  // the database refused this row and took the others of its batch
  AuditId audit_id;
  absl::Time at;
  Validity validity = Validity::kNotFound;
  bool card_in_grace = false;
  bool registered = true;  // card acts: the certificate is linked to a person
  std::optional<absl::Time> certificate_not_after;
  std::vector<Warning> warnings;
  std::optional<DeliveryDelay> delay;  // with kInsurerBehind
  int certificate_days_left = 0;       // with kTerminalCertificateExpiresSoon
  NextStep next_step = NextStep::kReceive;
  std::string patient_handle;
  std::optional<ConsentAct> consent;  // empty: nothing was decided
  // What this facility calls the patient by (照会番号), in the order in which it was set.
  std::vector<std::string> reference_numbers;
  // Serialised public Coverage messages, ready to be spliced into the answer.
  std::vector<std::string> coverages;
  std::optional<HomeRelation> relation;  // on which it rests, or which does not carry it
};

// ConfirmationWitness is told what a batch has come to before it is written, so that more can be
// written in the same commit.
class ConfirmationWitness {
 public:
  struct Seen {
    const Inquiry* inquiry = nullptr;
    const Confirmed* confirmed = nullptr;
    const PersonId* person = nullptr;  // whom the answer is about; null: nobody, or several
    bool failed = false;  // we could not do our work: it was neither answered nor refused
    // The person's coverages as they stand in the answer row; empty when it had to be made anew.
    std::span<const AnswerCoverage> coverages;
  };
  virtual ~ConfirmationWitness() = default;
  // WillWrite is called before each write of the store with what it will hold, in the batch's
  // order: the whole batch, and parts of it when the database refuses a row. Nothing is written
  // when it returns a StoreError.
  virtual absl::Status WillWrite(std::span<const Seen> batch, MonotonicTime deadline) = 0;
};

// CardTrust is what cards are judged by: snapshots that a loader replaces whole.
struct CardTrust {
  std::shared_ptr<const auth::TrustStore> trust;
  std::shared_ptr<const auth::RevocationSnapshot> revocations;
};

// ConfirmationRules is configuration.
struct ConfirmationRules {
  auth::CardPolicy cards = auth::DefaultCardPolicy();
  DocumentRules documents;
  absl::Time phone_from = absl::FromUnixSeconds(1758207600);  // 2025-09-19 00:00 JST, jpki.md 1.6
  absl::Duration challenge_life = absl::Seconds(60);
  // At home, of the consents that certificates of coverages are shown by; as records have it.
  CertificateRules consents;
};

// ConfirmationKeys are the installation's secret keys. Shared by all lanes.
struct ConfirmationKeys {
  const auth::HmacKey& audit;
  const auth::PatientHandleKey& handle;
};

// IssueInquiry asks for a challenge.
struct IssueInquiry {
  const Terminal* terminal = nullptr;
  std::string_view actor_name;
  CardPurpose purpose = CardPurpose::kConfirm;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  PersonPseudonym request_digest;
  std::optional<Reason> refused;
};

struct Issued {
  absl::Status status;
  AuditId audit_id;
  ChallengeId challenge;
  absl::Time expires;
  std::string to_be_signed;
};

// ConfirmEligibility is the core of the service: it answers a whole batch, in the order consume the
// challenges, verify the cards, read, decide, write, answer. At home an answer without the card
// rests on the patient's relation to the facility (NeedsRelation): else NO_CONSENT, CONSENT_EXPIRED
// or CONSENT_REVOKED; what it opens beside eligibility is looked up again, as records are, by the
// card that it was agreed with. Every lane has one, with the lane's
// own store; the desk, bulk inquiry and re-inquiry share this code. Not thread-safe.
class ConfirmEligibility {
 public:
  // All references outlive the object. `build` makes an answer row from the truth when a stored row
  // has another format. `hash` is SHA-256 for the audit chain. `unlinked`, when there is one, is
  // told of good cards of nobody; `delays`, when there is one, is asked about insurers of whose
  // insured nobody is found.
  ConfirmEligibility(ConfirmationStore& store, InquiryGuard& guard, const ConfirmationKeys& keys,
                     const ConfirmationRules& rules, AnswerBuilder build, HashFunction hash,
                     UnlinkedCards* unlinked = nullptr, const InsurerDelays* delays = nullptr);

  // Issue makes challenges; one result per inquiry, in order.
  std::vector<Issued> Issue(std::span<const IssueInquiry> inquiries, absl::Time now,
                            MonotonicTime deadline);

  // Confirm answers; one result per inquiry, in order. Nothing is answered whose audit row is not
  // durable. Without `cards` no card is taken, and nothing opens by what one agreed to before.
  // `witness` may be null.
  std::vector<Confirmed> Confirm(std::span<const Inquiry> inquiries, const CardTrust& cards,
                                 absl::Time now, MonotonicTime deadline,
                                 ConfirmationWitness* witness = nullptr);

  // Connect makes one step towards a connection, up to `deadline`; true when there is one.
  bool Connect(MonotonicTime deadline);

  // NoticeLoss looks whether the connection ended while nothing ran.
  void NoticeLoss() { store_.NoticeLoss(); }

 private:
  struct Case;  // one inquiry on its way through the steps

  void Admit(Case& c, Operation operation, absl::Time now);
  void ConsumeChallenges(std::span<Case> cases, absl::Time now, MonotonicTime deadline);
  void VerifyCards(std::span<Case> cases, const CardTrust& cards, absl::Time now);
  void Read(std::span<Case*> cases, MonotonicTime deadline);
  // Relate judges the relations that cases rest on. Nobody, several, and somebody who never was at
  // the facility read alike.
  void Relate(std::span<Case*> cases, const CardTrust& cards, absl::Time now,
              MonotonicTime deadline);
  // RelateAnew does so for answers about to be written, when ends of consents have crossed them.
  void RelateAnew(std::span<Case*> cases, const CardTrust& cards, absl::Time now,
                  MonotonicTime deadline);
  absl::Status ReadRelations(std::span<Case*> cases, const CardTrust& cards, absl::Time now,
                             MonotonicTime deadline);
  void DecideAll(std::span<Case*> cases, absl::Time now, MonotonicTime deadline);
  // `keep` tells that the octets of `row` outlive the batch.
  void Decide(Case& c, std::string_view row, absl::Time now, bool keep);
  void Complete(Case& c, absl::Time now);
  void AddReferenceNumbers(std::span<Case*> cases, MonotonicTime deadline);
  void Write(std::span<Case*> cases, const CardTrust& cards, absl::Time now, MonotonicTime deadline,
             ConfirmationWitness* witness);
  absl::Status WriteOnce(std::span<Case*> cases, MonotonicTime deadline,
                         ConfirmationWitness* witness);

  ConfirmationStore& store_;
  InquiryGuard& guard_;
  const ConfirmationKeys keys_;
  const ConfirmationRules& rules_;
  AnswerBuilder build_;
  HashFunction hash_;
  UnlinkedCards* unlinked_;
  const InsurerDelays* delays_;
  std::optional<AuditChain> chain_;  // a new stream for every connection
};

}  // namespace kakunin
