#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "domain/access_log.h"
#include "domain/audit_record.h"
#include "domain/holder_verification.h"
#include "server/usecases/audit_stream.h"
#include "server/usecases/card_identity.h"
#include "server/usecases/confirm_eligibility.h"
#include "storage/access_log_store.h"

namespace kakunin {

// AccessListing is what every question for a list says. `record` is the audit row as far as the
// door knows it: who asks, by which operation, when. The usecase knows no door.
struct AccessListing {
  AuditRecord record;
  AccessRange range;
  // Decided at the door (policy, another facility's code): audited, nothing is read.
  std::optional<Reason> refused;
  SeesOnly sees_only;  // as Terminal::sees_only
};

// FacilityListing asks for the calls of one facility.
struct FacilityListing {
  AccessListing listing;
  std::string facility_code;
};

// PatientListing asks for the accesses to one patient, who identifies by this card act or has
// identified at the door before.
struct PatientListing {
  AccessListing listing;
  std::variant<CardAct, PersonId> patient;
  // Whom the patient is told of this very look: the facility whose terminal it was made at and the
  // user there. Empty: none.
  std::string facility_code;
};

// ListedAccesses is one page. `status` not OK: nothing but `audit_id` counts.
struct ListedAccesses {
  absl::Status status;
  AuditId audit_id;
  absl::Time at;
  std::vector<Access> accesses;              // newest first
  std::optional<absl::Time> complete_until;  // facility: first instant that may not be whole
  std::optional<PersonId> person;      // patient: whose list it is; empty: the card is nobody's
  std::optional<AccessPosition> next;  // older ones follow
  bool failed_alone = false;           // the database refused this call's rows
};

// ListAccesses shows who asked for what, and when: to a facility's administrator from the copy by
// facility, to a patient from what is kept by person. Nothing is shown whose audit row is not
// durable. Not thread-safe.
class ListAccesses {
 public:
  // All references outlive the object. `hash` is SHA-256 for the audit chain; `unlinked` as in
  // IdentifyByCard.
  ListAccesses(AccessLogStore& store, const auth::HmacKey& audit_key,
               const ConfirmationRules& rules, HashFunction hash,
               UnlinkedCards* unlinked = nullptr);

  ListedAccesses OfFacility(const FacilityListing& asked, MonotonicTime deadline);

  // OfPatient judges a card act as ConfirmByCard does, except that a card in its grace shows
  // nothing: CARD_ELIGIBILITY_ONLY, and nobody whom an open case concerns is shown anything:
  // IDENTITY_IN_QUESTION. The act happens at `asked.listing.record.at`.
  ListedAccesses OfPatient(const PatientListing& asked, const CardTrust& cards,
                           MonotonicTime deadline);

  // Connect makes one step towards a connection, up to `deadline`; true when there is one.
  bool Connect(MonotonicTime deadline) { return stream_.Connect(deadline); }

  // NoticeLoss looks whether the connection ended while nothing ran.
  void NoticeLoss() { stream_.NoticeLoss(); }

 private:
  struct Case;

  void Identify(Case& c, const CardAct& act, const CardTrust& cards, MonotonicTime deadline);
  void Show(Case& c, std::vector<Access> accesses, int limit);
  ListedAccesses Finish(Case& c, MonotonicTime deadline);

  AccessLogStore& store_;
  const auth::HmacKey& audit_key_;
  const ConfirmationRules& rules_;
  UnlinkedCards* const unlinked_;
  AuditStream stream_;
};

}  // namespace kakunin
