#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "domain/audit_record.h"
#include "server/usecases/audit_stream.h"
#include "server/usecases/card_identity.h"
#include "server/usecases/confirm_eligibility.h"
#include "server/usecases/consent_desk.h"
#include "server/usecases/list_accesses.h"
#include "storage/access_log_store.h"
#include "storage/database.h"
#include "storage/reception_link_store.h"

namespace kakunin {

// OpenReception finds the link of a token and tells whether a patient may use it now, through the
// app `app_id` where it is not empty. RECEPTION_CLOSED for a token that is nobody's, of a link that
// is over or revoked, of a facility that is not active, has closed, has not added the link's form
// of care or did not name the app: all alike. Or a StoreError.
absl::StatusOr<FoundLink> OpenReception(Database& database, ReceptionLinkStore& links,
                                        const LinkTokenHash& token, std::string_view app_id,
                                        absl::Time now, MonotonicTime deadline);

// ReceptionVisit is one call of a patient at home, through a link that is open. Views and pointers
// outlive the call.
struct ReceptionVisit {
  const FoundLink* link = nullptr;
  Terminal door;                   // domain/reception_door.h
  std::string app_id;              // the app it came through; "": the page
  PersonPseudonym request_digest;  // keyed digest of the request's octets
  absl::Time at;
  MonotonicTime deadline;
};

// OwnConsents is what a patient is told of the own consents. `status` not OK: nothing else counts.
struct OwnConsents {
  absl::Status status;
  AuditId audit_id;
  std::vector<ShownConsent> consents;
  // False: the card is good and nobody's yet, so that nothing is known and nothing was done.
  bool registered = true;
};

// OwnAccesses is who looked at a patient's records. `listed.status` not OK: nothing else counts.
struct OwnAccesses {
  ListedAccesses listed;
  bool facility_names_hidden = false;
};

// kOwnAccessDays is how far back a patient at home is shown accesses, kMostOwnAccesses how many:
// the rest is listed at a facility's terminal. OUR choice.
inline constexpr int kOwnAccessDays = 366;
inline constexpr int kMostOwnAccesses = 200;

// Reception is what a patient at home can do at a facility's link: by the very code of the desk
// (ConfirmEligibility, ConsentDesk), each act identified anew by the card and audited before it is
// answered, with a patient as the actor. Not thread-safe.
class Reception {
 public:
  struct Parts {
    ConfirmEligibility& confirm;
    ConsentDesk& consents;
    ListAccesses& accesses;
    AccessLogStore& identities;
    const auth::HmacKey& audit_key;
    const auth::PatientHandleKey& handle_key;
    const ConfirmationRules& rules;
    UnlinkedCards* unlinked = nullptr;  // as in IdentifyByCard
  };

  // All references outlive the object. `hash` is SHA-256 for the audit chain.
  Reception(const Parts& parts, HashFunction hash)
      : parts_(parts), stream_(parts.identities, hash) {}

  // Begin issues a challenge that serves this session, link and purpose only.
  Issued Begin(const ReceptionVisit& visit, CardPurpose purpose);

  // GiveConsents takes the decisions for the link's form of care and booking, as ConfirmByCard
  // does. What it answers holds nothing that a patient's device has no business with: no coverages,
  // no handle.
  Confirmed GiveConsents(const ReceptionVisit& visit, const CardQuestion& card,
                         const RequestId& request_id, const CardTrust& cards);

  // List shows the patient's consents at this facility, of every form of care. Nobody is shown
  // anything whom an open case concerns: IDENTITY_IN_QUESTION.
  OwnConsents List(const ReceptionVisit& visit, const CardAct& act, const CardTrust& cards);

  // Accesses shows who asked about the patient, at every facility: it is the patient's own record
  // of all of them. A protected person's facilities are not named: whoever lives in the same house
  // may hold the card and know the PIN. Nobody is shown anything whom an open case concerns.
  OwnAccesses Accesses(const ReceptionVisit& visit, const CardAct& act, const CardTrust& cards);

  // Withdraw ends all running consents at this facility and tells which. Once it has returned no
  // server decides by them.
  OwnConsents Withdraw(const ReceptionVisit& visit, const CardAct& act, const CardTrust& cards);

 private:
  // Identify tells who acts; empty: an answer stands in `answer`, audited.
  std::optional<PersonId> Identify(const ReceptionVisit& visit, const CardAct& act,
                                   CardPurpose purpose, Operation operation, const CardTrust& cards,
                                   OwnConsents& answer);
  ConsentInquiry InquiryOf(const ReceptionVisit& visit, Operation operation,
                           const PersonId& person) const;
  bool Connect(MonotonicTime deadline);

  const Parts parts_;
  AuditStream stream_;
};

}  // namespace kakunin
