#include "server/usecases/search_patient.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "auth/encoding.h"
#include "domain/civil_day.h"
#include "domain/eligibility.h"
#include "domain/error.h"
#include "server/usecases/refusal.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

constexpr int kSeveral = 2;

// Use is what one call comes to before it is kept.
struct Use {
  AbnormalTimesPolicy policy;
  std::vector<PersonId> persons;
  AbnormalView view;
  std::optional<Reason> refused;
  AuditId audit_id;
};

absl::StatusOr<std::vector<PersonId>> Find(Transaction& tx, AbnormalTimesStore& store,
                                           const PatientSearch& search, absl::CivilDay today) {
  if (const auto* key = std::get_if<KeyHash>(&search.patient)) {
    ASSIGN_OR_RETURN(const auto numbered, store.FindByKey(tx, *key));
    std::vector<PersonId> persons;
    for (const NumberedCoverage& coverage : numbered) {
      // An old card, which others may hold, must not lead to what its holder is insured by today.
      if (!CoversDay(coverage.days, today)) continue;
      if (std::ranges::count(persons, coverage.person) == 0) persons.push_back(coverage.person);
    }
    return persons;
  }
  const auto& items = std::get<FourItems>(search.patient);
  ASSIGN_OR_RETURN(const auto born, store.FindBorn(tx, items.birth_date, items.sex));
  std::vector<PersonId> persons;
  for (const NamedCoverage& coverage : born) {
    if (std::ranges::count(persons, coverage.person) != 0) continue;
    if (Agree(items, {.name = coverage.name,
                      .name_kana = coverage.name_kana,
                      .other_name = coverage.other_name,
                      .other_name_kana = coverage.other_name_kana,
                      .address = coverage.address})) {
      persons.push_back(coverage.person);
    }
  }
  // One among those that were compared may be several among all.
  if (born.size() > static_cast<size_t>(kMostBornOnADay)) persons.resize(kSeveral);
  return persons;
}

void KeepSeen(const SeesOnly& sees_only, std::vector<PersonId>& persons) {
  std::erase_if(persons, [&](const PersonId& person) { return !Sees(sees_only, person); });
}

// Keep commits a use: `find` fills in policy and persons, or a refusal. `opens` tells whether it
// opens a view.
absl::StatusOr<Use> Keep(const PatientSearchParts& parts, const TerminalCall& call,
                         const StatedConsent& consent, bool opens, MonotonicTime deadline,
                         const std::function<absl::Status(Transaction&, Use&)>& find) {
  Use use;
  RETURN_IF_ERROR(parts.database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    use = {};
    use.refused = call.refused;
    AuditRecord record = call.record;
    if (!use.refused) RETURN_IF_ERROR(find(tx, use));
    if (use.refused) {
      AddRefusal(MakeError(*use.refused), record);
      return tx.AppendAudit(record).status();
    }
    AbnormalView& view = use.view;
    view.id = ViewId{auth::RandomArray<16>()};
    view.policy = use.policy.id;
    view.at = record.at;
    view.end = record.at;
    view.facility_code = call.facility_code;
    view.terminal_id = call.terminal_id;
    view.user = record.user;
    view.role = record.role;
    view.operation = record.operation;
    view.consent = consent.oral;
    view.no_consent = consent.not_obtained;
    view.persons_found = std::min<int>(static_cast<int>(use.persons.size()), kSeveral);
    SetSituation(use.policy.situation, use.policy.rehearsal, record);
    record.details =
        fmt::format("view:{};policy:{};found={};consent={};why={}", auth::HexEncode(view.id.octets),
                    auth::HexEncode(view.policy.octets), view.persons_found,
                    consent.oral ? static_cast<int>(*consent.oral) : 0,
                    consent.not_obtained ? static_cast<int>(*consent.not_obtained) : 0);
    std::optional<RecordAccess> access;
    if (view.persons_found == 1) {
      const PersonId& person = use.persons.front();
      view.person = PseudonymOf(parts.audit_key, person);
      record.person = view.person;
      // A handle holds whole seconds; the row says what the handle does.
      if (opens) {
        view.end = absl::FromUnixSeconds(absl::ToUnixSeconds(ViewEnd(use.policy, record.at)));
      }
      access = RecordAccess{.person = person,
                            .at = record.at,
                            .facility_code = call.facility_code,
                            .user = record.user,
                            .operation = record.operation,
                            .view = view.id};
    }
    ASSIGN_OR_RETURN(use.audit_id, tx.AppendAudit(record));
    return parts.store.AddView(tx, view, use.audit_id, access);
  }));
  if (use.refused) return MakeError(*use.refused);
  return use;
}

std::string HandleOf(const auth::PatientHandleKey& handles, const Use& use) {
  return handles.SealView(use.view.facility_code,
                          {.person = use.persons.front().octets,
                           .view = use.view.id.octets,
                           .policy = use.view.policy.octets,
                           .situation = static_cast<uint8_t>(use.policy.situation),
                           .end = use.view.end});
}

}  // namespace

absl::StatusOr<FoundPatient> SearchPatient(const PatientSearchParts& parts,
                                           const TerminalCall& call, const PatientSearch& search,
                                           MonotonicTime deadline) {
  const Terminal& terminal = *search.terminal;
  const absl::Time now = call.record.at;
  const bool opens = search.situation == Situation::kDisaster;
  const auto find = [&](Transaction& tx, Use& use) -> absl::Status {
    const AbnormalTimesPolicy* const policy =
        PolicyInForce(terminal, search.situation, RecordKind::kEligibility, now, search.policy);
    if (policy == nullptr) {
      use.refused = Reason::kAbnormalTimesNotInForce;
    } else if (!parts.guard.Allows(terminal.facility_code, terminal.terminal_id, now)) {
      use.refused = Reason::kInquiryLimit;
    }
    if (use.refused) return absl::OkStatus();
    use.policy = *policy;
    ASSIGN_OR_RETURN(use.persons, Find(tx, parts.store, search, CivilDayAt(now)));
    if (terminal.sees_only != nullptr) KeepSeen(terminal.sees_only, use.persons);
    if (policy->rehearsal) KeepSeen(terminal.abnormal_times->test_persons, use.persons);
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const Use use, Keep(parts, call, search.consent, opens, deadline, find));
  FoundPatient found{.policy = use.policy,
                     .persons_found = use.view.persons_found,
                     .view_end = use.view.end,
                     .audit_id = use.audit_id};
  // In a rehearsal nobody real is found, which is no guessing.
  if (found.persons_found != 1) {
    if (!use.policy.rehearsal)
      parts.guard.NoMatch(terminal.facility_code, terminal.terminal_id, now);
    return found;
  }
  const PersonId& person = use.persons.front();
  if (!use.policy.rehearsal) {
    parts.guard.Found(terminal.facility_code, terminal.terminal_id, person, now);
  }
  Inquiry asked;
  asked.terminal = &terminal;
  asked.actor_name = search.actor_name;
  asked.day = CivilDayAt(now);
  asked.request_digest = call.record.request_digest;
  asked.question = PersonQuestion{.person = person,
                                  .situation = search.situation,
                                  .policy = use.policy.id,
                                  .rehearsal = use.policy.rehearsal};
  parts.confirm.NoticeLoss();
  std::vector<Confirmed> confirmed =
      parts.confirm.Confirm(std::span(&asked, 1), CardTrust{}, now, deadline);
  found.confirmed = std::move(confirmed.front());
  if (!found.confirmed.status.ok()) return found.confirmed.status;
  if (found.confirmed.audit_id.number == 0) return MakeError(Reason::kDatabaseUnavailable);
  // Whose records they are is in question: nothing is opened, and the warning says so.
  const bool in_question =
      std::ranges::count(found.confirmed.warnings, Warning::kIdentityInQuestion) != 0;
  if (opens && !in_question) found.view_handle = HandleOf(parts.handles, use);
  return found;
}

absl::StatusOr<OpenedView> OpenEmergencyView(const PatientSearchParts& parts,
                                             const TerminalCall& call, const Terminal& terminal,
                                             const EmergencyOpening& opening,
                                             MonotonicTime deadline) {
  const absl::Time now = call.record.at;
  const StatedConsent consent{.oral = OralConsent::kNotObtained, .not_obtained = opening.reason};
  const auto find = [&](Transaction& tx, Use& use) -> absl::Status {
    const AbnormalTimesPolicy* const policy = PolicyInForce(
        terminal, Situation::kEmergency, RecordKind::kEligibility, now, opening.policy);
    const auto card = parts.handles.Open(EmergencyScope(terminal.facility_code), opening.handle);
    if (policy == nullptr) {
      use.refused = Reason::kEmergencyRightMissing;
    } else if (!card || now >= card->end) {
      use.refused = Reason::kPatientHandleRefused;
    } else {
      use.policy = *policy;
      use.persons = {PersonId{card->person}};
      if (terminal.sees_only != nullptr) KeepSeen(terminal.sees_only, use.persons);
      if (policy->rehearsal) KeepSeen(terminal.abnormal_times->test_persons, use.persons);
      if (use.persons.empty()) use.refused = Reason::kPatientHandleRefused;
    }
    if (use.refused) return absl::OkStatus();
    // The case may be younger than the card act, whose answer warned of none.
    ASSIGN_OR_RETURN(const bool in_question, parts.store.IsInQuestion(tx, use.persons.front()));
    if (in_question) use.refused = Reason::kIdentityInQuestion;
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const Use use, Keep(parts, call, consent, /*opens=*/true, deadline, find));
  return OpenedView{.policy = use.policy,
                    .handle = HandleOf(parts.handles, use),
                    .end = use.view.end,
                    .audit_id = use.audit_id};
}

}  // namespace kakunin
