#include "server/usecases/reception.h"

#include <fmt/format.h>

#include <utility>

#include "domain/civil_day.h"
#include "domain/error.h"
#include "domain/reception_door.h"
#include "server/usecases/batch_write.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// Long enough for one call that follows at once.
constexpr absl::Duration kHandleLife = absl::Minutes(1);

std::string ActorName(const ReceptionVisit& visit) {
  const std::string_view slash = visit.app_id.empty() ? "" : "/";
  return fmt::format("{}/{}{}{}", visit.door.facility_code, kReceptionTerminal, slash,
                     visit.app_id);
}

}  // namespace

absl::StatusOr<FoundLink> OpenReception(Database& database, ReceptionLinkStore& links,
                                        const LinkTokenHash& token, std::string_view app_id,
                                        absl::Time now, MonotonicTime deadline) {
  std::optional<FoundLink> found;
  RETURN_IF_ERROR(database.Read(deadline, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(found, links.Open(tx, token, app_id));
    return absl::OkStatus();
  }));
  if (!found || !IsOpen(found->link, now)) return MakeError(Reason::kReceptionClosed);
  // A link ends with its facility's use, and works while its form of care is added.
  const FacilityWindows windows = WindowsOf(found->terms, {});
  const Terminal door{.forms_not_added = FormsNotAdded(windows, now)};
  if (WhyNotServed(windows, TerminalKind::kDesk, now) || !HasForm(door, found->link.form_of_care)) {
    return MakeError(Reason::kReceptionClosed);
  }
  return *std::move(found);
}

bool Reception::Connect(MonotonicTime deadline) {
  return parts_.confirm.Connect(deadline) && parts_.consents.Connect(deadline) &&
         stream_.Connect(deadline) && parts_.accesses.Connect(deadline);
}

Issued Reception::Begin(const ReceptionVisit& visit, CardPurpose purpose) {
  if (!Connect(visit.deadline)) return {.status = MakeError(Reason::kDatabaseUnavailable)};
  const std::string actor = ActorName(visit);
  const IssueInquiry inquiry{.terminal = &visit.door,
                             .actor_name = actor,
                             .purpose = purpose,
                             .form_of_care = visit.link->link.form_of_care,
                             .request_digest = visit.request_digest};
  return parts_.confirm.Issue({&inquiry, 1}, visit.at, visit.deadline).front();
}

Confirmed Reception::GiveConsents(const ReceptionVisit& visit, const CardQuestion& card,
                                  const RequestId& request_id, const CardTrust& cards) {
  if (!Connect(visit.deadline)) return {.status = MakeError(Reason::kDatabaseUnavailable)};
  const std::string actor = ActorName(visit);
  const Inquiry inquiry{.terminal = &visit.door,
                        .actor_name = actor,
                        .day = CivilDayAt(visit.at),
                        .form_of_care = visit.link->link.form_of_care,
                        .appointment_day = visit.link->link.appointment_day,
                        .link = visit.link->link.id,
                        .request_id = request_id,
                        .request_digest = visit.request_digest,
                        .question = card};
  Confirmed confirmed =
      std::move(parts_.confirm.Confirm({&inquiry, 1}, cards, visit.at, visit.deadline).front());
  confirmed.coverages.clear();
  confirmed.patient_handle.clear();
  return confirmed;
}

std::optional<PersonId> Reception::Identify(const ReceptionVisit& visit, const CardAct& act,
                                            CardPurpose purpose, Operation operation,
                                            const CardTrust& cards, OwnConsents& answer) {
  if (!Connect(visit.deadline)) {
    answer.status = MakeError(Reason::kDatabaseUnavailable);
    return std::nullopt;
  }
  AuditRecord record = AuditRecordFor(visit.door, ActorName(visit), operation,
                                      visit.link->link.form_of_care, visit.at, parts_.audit_key);
  record.request_digest = visit.request_digest;
  CardIdentity found = IdentifyByCard(parts_.identities, act, purpose, record, cards, parts_.rules,
                                      parts_.unlinked, visit.deadline);
  if (found.status.ok() && found.person && operation == Operation::kListConsents) {
    const auto in_question = RepeatedOnConflict(
        [&] { return parts_.identities.IsInQuestion(*found.person, visit.deadline); });
    if (!in_question.ok()) {
      found = {.status = AsAnswer(in_question.status())};
    } else if (*in_question) {
      found = {.status = MakeError(Reason::kIdentityInQuestion),
               .exact = std::string(FactsOf(Reason::kIdentityInQuestion).name)};
    }
  }
  if (found.status.ok() && found.person) return found.person;

  answer.status = found.status;
  record.code = static_cast<int>(found.status.code());
  record.reason = found.exact;
  if (found.status.ok()) {
    answer.registered = false;
    record.details = "verdict=NOT_REGISTERED";
  } else if (found.exact.empty()) {
    record.reason = FactsOf(*ReasonOf(found.status)).name;
  }
  const absl::Status written = stream_.Write([&](AuditChain& chain) {
    chain.Link(record);
    return parts_.identities.Write(record, std::nullopt, visit.deadline);
  });
  answer.audit_id = record.id;
  if (!written.ok()) answer.status = AsAnswer(written);
  return std::nullopt;
}

ConsentInquiry Reception::InquiryOf(const ReceptionVisit& visit, Operation operation,
                                    const PersonId& person) const {
  ConsentInquiry inquiry;
  inquiry.terminal = &visit.door;
  inquiry.operation = operation;
  inquiry.patient = parts_.handle_key.Seal(
      visit.door.facility_code, {.person = person.octets, .end = visit.at + kHandleLife});
  inquiry.reason = ConsentEndReason::kRevokedByPatient;
  inquiry.request_digest = visit.request_digest;
  return inquiry;
}

OwnConsents Reception::List(const ReceptionVisit& visit, const CardAct& act,
                            const CardTrust& cards) {
  OwnConsents answer;
  const auto person =
      Identify(visit, act, CardPurpose::kConsent, Operation::kListConsents, cards, answer);
  if (!person) return answer;
  const std::string actor = ActorName(visit);
  ConsentInquiry inquiry = InquiryOf(visit, Operation::kListConsents, *person);
  inquiry.actor_name = actor;
  ConsentAnswer listed = std::move(
      parts_.consents.Answer({&inquiry, 1}, cards.revocations.get(), visit.at, visit.deadline)
          .front());
  return {
      .status = listed.status, .audit_id = listed.audit_id, .consents = std::move(listed.consents)};
}

OwnAccesses Reception::Accesses(const ReceptionVisit& visit, const CardAct& act,
                                const CardTrust& cards) {
  OwnAccesses answer;
  if (!Connect(visit.deadline)) {
    answer.listed.status = MakeError(Reason::kDatabaseUnavailable);
    return answer;
  }
  const absl::CivilDay today = CivilDayAt(visit.at);
  PatientListing asked{.listing = {.record = AuditRecordFor(
                                       visit.door, ActorName(visit), Operation::kListPatientAccess,
                                       visit.link->link.form_of_care, visit.at, parts_.audit_key),
                                   .range = {.from = StartOfDay(today - kOwnAccessDays),
                                             .to = EndOfDay(today),
                                             .limit = kMostOwnAccesses}},
                       .patient = act};
  asked.listing.record.request_digest = visit.request_digest;
  asked.listing.record.details = fmt::format("days={}", kOwnAccessDays);
  answer.listed = parts_.accesses.OfPatient(asked, cards, visit.deadline);
  if (!answer.listed.status.ok() || !answer.listed.person) return answer;
  const auto hidden = RepeatedOnConflict(
      [&] { return parts_.identities.HidesFacilityNames(*answer.listed.person, visit.deadline); });
  if (!hidden.ok()) return {.listed = {.status = AsAnswer(hidden.status())}};
  answer.facility_names_hidden = *hidden;
  if (answer.facility_names_hidden) {
    for (Access& access : answer.listed.accesses) {
      access.facility_name.clear();
      access.facility_code.clear();
    }
  }
  return answer;
}

OwnConsents Reception::Withdraw(const ReceptionVisit& visit, const CardAct& act,
                                const CardTrust& cards) {
  OwnConsents answer;
  const auto person =
      Identify(visit, act, CardPurpose::kWithdraw, Operation::kRevokeConsent, cards, answer);
  if (!person) return answer;
  const std::string actor = ActorName(visit);
  // The form that the link is for comes last: its row is the receipt.
  std::vector<FormOfCare> forms = {FormOfCare::kOutpatient, FormOfCare::kHomeVisit,
                                   FormOfCare::kOnlineCare};
  std::erase(forms, visit.link->link.form_of_care);
  forms.push_back(visit.link->link.form_of_care);
  for (const FormOfCare form : forms) {
    ConsentInquiry inquiry = InquiryOf(visit, Operation::kRevokeConsent, *person);
    inquiry.actor_name = actor;
    inquiry.form_of_care = form;
    const ConsentAnswer ended = std::move(
        parts_.consents.Answer({&inquiry, 1}, cards.revocations.get(), visit.at, visit.deadline)
            .front());
    answer.status = ended.status;
    answer.audit_id = ended.audit_id;
    // What was ended before stays ended; the patient asks again.
    if (!ended.status.ok()) return answer;
    answer.consents.insert(answer.consents.end(), ended.consents.begin(), ended.consents.end());
  }
  return answer;
}

}  // namespace kakunin
