#include "server/usecases/applications.h"

#include <algorithm>
#include <set>
#include <utility>

#include "auth/digest.h"
#include "auth/uuid.h"
#include "domain/application_terms.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/usecases/application_steps.h"
#include "server/usecases/earlier_applications.h"

namespace kakunin {
namespace {

constexpr std::string_view kNotYours =
    "この施設の申請はできません。利用申請が承認された施設の医療機関等コードを入力してください。";
constexpr std::string_view kOtherFacility =
    "アカウントの施設と医療機関等コードが違います。複数の施設は一括申込で申請してください。";
constexpr std::string_view kNotInUse =
    "運用中の施設ではありません。承継する前の医療機関等コードを確かめてください。";
constexpr std::string_view kOpenAlready =
    "この施設の利用申請は既にあります。申請中のものを出し直すか、取り下げてください。";

std::string ActorOf(const ApplicantAccount& account) { return "applicant/" + account.account; }

// One application of the account's own, locked.
absl::StatusOr<Application> HoldOwn(Transaction& tx, AuditRecord& record,
                                    const ApplicationStores& stores,
                                    const ApplicantAccount& account, const ApplicationId& id) {
  ASSIGN_OR_RETURN(auto held, stores.applications.Hold(tx, id));
  if (!held || held->account != account.account) return MakeError(Reason::kApplicationNotFound);
  AddApplication(record, *held);
  return *std::move(held);
}

// Applying is one form on its way.
struct Applying {
  const FormToSubmit& form;
  ApplyingFacility facility;
  std::string facility_name;
  std::vector<FieldViolation> faults;
};

// What the facility ordered or applied for before: it is bounded in all, not an application.
absl::Status JudgeEarlier(Transaction& tx, const ApplicationStores& stores,
                          const ApplicantAccount& account, const Submission& submission,
                          Applying& applying) {
  const ApplicationContent& content = applying.form.content;
  const EarlierApplications earlier(stores, {.facility_code = content.facility_code,
                                             .account = account.account,
                                             .except = submission.corrects});
  const auto* use = std::get_if<JoiningApplication>(&content.value);
  if (std::holds_alternative<CardReaderOrder>(content.value) ||
      (use != nullptr && use->reader_order)) {
    ASSIGN_OR_RETURN(applying.facility.readers_before, earlier.Readers(tx));
  }
  if (std::holds_alternative<SubsidyRequest>(content.value)) {
    ASSIGN_OR_RETURN(applying.facility.reader_orders, earlier.Orders(tx));
    ASSIGN_OR_RETURN(applying.facility.group_class, earlier.GroupClass(tx));
    const auto form = ReadForm(applying.form.canonical);
    ASSIGN_OR_RETURN(applying.facility.has_subsidy_already,
                     earlier.HasSubsidy(tx, form ? ValueIn(*form, "measure") : ""));
  }
  return absl::OkStatus();
}

// HoldFacilities takes the facilities' locks, in one order: of two applications at one instant the
// second sees the first, whoever's they are.
absl::Status HoldFacilities(Transaction& tx, const ApplicationStores& stores,
                            const Submission& submission) {
  std::set<std::string> codes;
  for (const FormToSubmit& form : submission.forms) codes.insert(form.content.facility_code);
  for (const std::string& code : codes) RETURN_IF_ERROR(stores.applications.HoldUses(tx, code));
  return absl::OkStatus();
}

// HasService tells whether the facility has this form of care, or an approved day on which it
// begins.
bool HasService(const FacilityTerms& terms, FormOfCare form) {
  return (form == FormOfCare::kHomeVisit ? terms.home_visits_from : terms.online_care_from) !=
         kNotAdded;
}

// A facility of the restricted type applies for the full one beside the application by which it is
// in use, and one whose use is over by closure applies anew.
bool IsInTheWay(const Application& earlier, const JoiningApplication& wanted,
                bool facility_in_use) {
  if (!IsOpen(earlier.state)) return false;
  if (earlier.state != ApplicationState::kInUse) return true;
  const bool to_full = earlier.introduction_type == IntroductionType::kRestricted &&
                       wanted.use.introduction_type == IntroductionType::kFull;
  return facility_in_use && !to_full;
}

// A successor names a facility that there is.
absl::Status JudgePredecessor(Transaction& tx, const AuditRecord& record,
                              const ApplicationStores& stores, const std::string& code,
                              Applying& applying) {
  if (code.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto predecessor, stores.registry.FindFacility(tx, code));
  if (!IsInUse(predecessor, record.at)) {
    applying.faults.push_back({"predecessor_code", std::string(kNotInUse)});
  }
  return absl::OkStatus();
}

// Judge finds out how the facility stands and what is wrong with what it hands in.
absl::Status Judge(Transaction& tx, const AuditRecord& record, const ApplicationStores& stores,
                   const ApplicantAccount& account, const Submission& submission,
                   const JoiningRules& rules, Applying& applying, ContentFinding& finding) {
  const ApplicationContent& content = applying.form.content;
  const bool own = content.facility_code == account.facility_code;
  ASSIGN_OR_RETURN(const auto facility, stores.registry.FindFacility(tx, content.facility_code));
  ASSIGN_OR_RETURN(const auto uses,
                   stores.applications.OfFacility(tx, account.account, content.facility_code,
                                                  ApplicationKind::kUse));
  applying.facility.type = account.facility_type;
  applying.facility_name = own ? account.facility_name : content.facility_code;
  if (const auto* use = std::get_if<JoiningApplication>(&content.value)) {
    applying.facility.type = use->use.facility_type.value_or(account.facility_type);
    if (!own && submission.group_name.empty() && !content.facility_code.empty()) {
      applying.faults.push_back({"facility_code", std::string(kOtherFacility)});
    }
    const bool in_use = IsInUse(facility, record.at);
    const bool open = std::ranges::any_of(uses, [&](const Application& one) {
      return one.id != submission.corrects && IsInTheWay(one, *use, in_use);
    });
    if (open) applying.faults.push_back({"facility_code", std::string(kOpenAlready)});
    RETURN_IF_ERROR(JudgePredecessor(tx, record, stores, use->use.predecessor_code, applying));
  } else {
    // Whoever may speak for a facility has had its application for use approved.
    const auto approved = std::find_if(uses.rbegin(), uses.rend(), [](const Application& one) {
      return one.state == ApplicationState::kApproved ||
             one.state == ApplicationState::kOperationTest || one.state == ApplicationState::kInUse;
    });
    if (approved == uses.rend()) {
      applying.faults.push_back({"facility_code", std::string(kNotYours)});
      return absl::OkStatus();
    }
    applying.facility.type = approved->facility_type;
    applying.facility_name = approved->facility_name;
    applying.facility.in_use =
        approved->state == ApplicationState::kInUse && IsInUse(facility, record.at);
    applying.facility.introduction_type = approved->introduction_type;
    if (facility) {
      applying.facility.home_visits_from = facility->terms.home_visits_from;
      applying.facility.online_care_from = facility->terms.online_care_from;
      applying.facility.ground = facility->terms.ground;
    }
    const auto* addition = std::get_if<ServiceAddition>(&content.value);
    if (addition != nullptr && addition->form_of_care && facility) {
      applying.facility.has_service_already = HasService(facility->terms, *addition->form_of_care);
    }
  }
  RETURN_IF_ERROR(JudgeEarlier(tx, stores, account, submission, applying));
  finding = CheckContent(content, applying.facility, rules, CivilDayAt(record.at));
  return absl::OkStatus();
}

void AddFaults(std::vector<FieldViolation>& faults, const std::vector<FieldViolation>& more) {
  for (const FieldViolation& one : more) {
    const bool told = std::ranges::any_of(
        faults, [&](const FieldViolation& other) { return other.field == one.field; });
    if (!told) faults.push_back(one);
  }
}

// The group's own faults, and each row's class and doubles, as rules of the whole.
GroupFinding FindingOfGroup(const Submission& submission, const JoiningRules& rules,
                            absl::CivilDay day) {
  GroupApplication group{.name = submission.group_name,
                         .prescriptions = submission.group_prescriptions};
  for (const FormToSubmit& form : submission.forms) {
    const auto* use = std::get_if<JoiningApplication>(&form.content.value);
    if (use != nullptr) group.rows.push_back(*use);
  }
  return CheckGroupApplication(group, rules, day);
}

absl::StatusOr<Application> Store(Transaction& tx, AuditRecord& record,
                                  const ApplicationStores& stores, const ApplicantAccount& account,
                                  const Submission& submission, const Applying& applying,
                                  const ContentFinding& finding, std::optional<Application> held) {
  const auto step =
      StepApplication(submission.kind, held ? std::optional(held->state) : std::nullopt,
                      ApplicationEvent::kSubmit, {.submission = finding.submission});
  if (!step.to) return MakeError(ReasonOf(*step.refusal));
  const bool is_new = !held.has_value();
  Application application;
  if (is_new) {
    application = {.id = {auth::RandomArray<16>()},
                   .account = account.account,
                   .kind = submission.kind,
                   .facility_code = applying.form.content.facility_code,
                   .group_name = submission.group_name,
                   .version = 0,
                   .first_submitted = record.at};
  } else {
    application = *std::move(held);
  }
  // What counts is what was handed in last: it is what the reviewer is shown.
  application.facility_type = applying.facility.type;
  application.facility_name = applying.facility_name;
  if (const auto* use = std::get_if<JoiningApplication>(&applying.form.content.value)) {
    application.introduction_type = use->use.introduction_type;
  }
  // Returned from its test, it is tested again before its start is asked for.
  application.start_requested.reset();
  ++application.version;
  AddApplication(record, application);
  RETURN_IF_ERROR(Step(tx, stores, application, ApplicationEvent::kSubmit, *step.to,
                       ActorOf(account), record.at, ""));
  RETURN_IF_ERROR(is_new ? stores.applications.Insert(tx, application)
                         : stores.applications.UpdateAsApplicant(tx, application));
  std::string working;
  for (const std::string& line : finding.working) working += line + "\n";
  RETURN_IF_ERROR(stores.applications.AddVersion(tx, application.id,
                                                 {.version = application.version,
                                                  .submitted = record.at,
                                                  .content = applying.form.canonical,
                                                  .working = working,
                                                  .password_given_by = account.password_given_by}));
  return application;
}

}  // namespace

absl::StatusOr<std::vector<SubmittedForm>> SubmitApplications(Transaction& tx, AuditRecord& record,
                                                              const ApplicationStores& stores,
                                                              const ApplicantAccount& account,
                                                              const Submission& submission,
                                                              const JoiningRules& rules,
                                                              bool validate_only) {
  const bool group = !submission.group_name.empty();
  AddDetail(record, "kind", NameOf(submission.kind));
  if (!validate_only) {
    RETURN_IF_ERROR(stores.applicants.Hold(tx, account.account).status());
    RETURN_IF_ERROR(HoldFacilities(tx, stores, submission));
  }
  std::optional<Application> corrected;
  if (submission.corrects) {
    ASSIGN_OR_RETURN(corrected, HoldOwn(tx, record, stores, account, *submission.corrects));
    if (corrected->kind != submission.kind ||
        corrected->facility_code != submission.forms.front().content.facility_code) {
      return MakeError(Reason::kApplicationNotInThisState);
    }
  }
  GroupFinding of_group;
  if (group) {
    of_group = FindingOfGroup(submission, rules, CivilDayAt(record.at));
    if (!of_group.violations.empty()) return InvalidFields(of_group.violations);
  }
  std::vector<SubmittedForm> submitted(submission.forms.size());
  for (size_t i = 0; i < submission.forms.size(); ++i) {
    Applying applying{.form = submission.forms[i], .faults = submission.forms[i].unread};
    ContentFinding finding;
    RETURN_IF_ERROR(Judge(tx, record, stores, account, submission, rules, applying, finding));
    AddFaults(applying.faults, finding.violations);
    if (group && i < of_group.rows.size()) {
      AddFaults(applying.faults, of_group.rows[i].violations);
      if (of_group.rows[i].subsidy_class) {
        finding.working.push_back(GroupClassLine(*of_group.rows[i].subsidy_class));
      }
    }
    submitted[i].working = finding.working;
    if (!applying.faults.empty()) {
      if (!group) {
        for (FieldViolation& fault : applying.faults) fault.field = "forms[0]." + fault.field;
        return InvalidFields(applying.faults);
      }
      submitted[i].faults = std::move(applying.faults);
      continue;
    }
    if (validate_only) {
      const auto step = StepApplication(
          submission.kind, corrected ? std::optional(corrected->state) : std::nullopt,
          ApplicationEvent::kSubmit, {.submission = finding.submission});
      if (!step.to) return MakeError(ReasonOf(*step.refusal));
      continue;
    }
    ASSIGN_OR_RETURN(submitted[i].application,
                     Store(tx, record, stores, account, submission, applying, finding, corrected));
  }
  return submitted;
}

absl::StatusOr<Application> WithdrawApplication(Transaction& tx, AuditRecord& record,
                                                const ApplicationStores& stores,
                                                const ApplicantAccount& account,
                                                const ApplicationId& id, bool validate_only) {
  ASSIGN_OR_RETURN(Application held, HoldOwn(tx, record, stores, account, id));
  const auto step = StepApplication(held.kind, held.state, ApplicationEvent::kWithdraw, {});
  if (!step.to) return MakeError(ReasonOf(*step.refusal));
  if (validate_only || held.state == *step.to) return held;
  RETURN_IF_ERROR(Step(tx, stores, held, ApplicationEvent::kWithdraw, *step.to, ActorOf(account),
                       record.at, ""));
  RETURN_IF_ERROR(stores.applications.UpdateAsApplicant(tx, held));
  return held;
}

absl::StatusOr<Application> RequestStartOfUse(Transaction& tx, AuditRecord& record,
                                              const ApplicationStores& stores,
                                              const ApplicantAccount& account,
                                              const ApplicationId& id, bool validate_only) {
  ASSIGN_OR_RETURN(Application held, HoldOwn(tx, record, stores, account, id));
  if (held.state != ApplicationState::kOperationTest) {
    return MakeError(Reason::kApplicationNotInThisState);
  }
  ASSIGN_OR_RETURN(const auto checklist, ChecklistOf(tx, stores, held));
  if (!IsComplete(checklist, held)) return MakeError(Reason::kOperationTestIncomplete);
  if (validate_only || held.start_requested) return held;
  held.start_requested = record.at;
  RETURN_IF_ERROR(stores.applications.UpdateAsApplicant(tx, held));
  return held;
}

absl::StatusOr<bool> SpeaksFor(Transaction& tx, const ApplicationStores& stores,
                               const std::string& account, const std::string& facility_code) {
  ASSIGN_OR_RETURN(const auto uses, stores.applications.OfFacility(tx, account, facility_code,
                                                                   ApplicationKind::kUse));
  return std::ranges::any_of(uses, [](const Application& one) {
    return one.state == ApplicationState::kOperationTest || one.state == ApplicationState::kInUse;
  });
}

absl::StatusOr<ShownApplication> ShowApplication(Transaction& tx, AuditRecord& record,
                                                 const ApplicationStores& stores,
                                                 const std::string& account,
                                                 const ApplicationId& id) {
  ShownApplication shown;
  ASSIGN_OR_RETURN(auto found, stores.applications.Find(tx, id));
  if (!found || (!account.empty() && found->account != account)) {
    return MakeError(Reason::kApplicationNotFound);
  }
  AddApplication(record, *found);
  shown.application = *std::move(found);
  ASSIGN_OR_RETURN(auto version, stores.applications.FindVersion(tx, shown.application.id,
                                                                 shown.application.version));
  if (!version) return MakeError(Reason::kInternal);
  shown.version = *std::move(version);
  ASSIGN_OR_RETURN(shown.steps, stores.applications.Steps(tx, shown.application.id));
  ASSIGN_OR_RETURN(shown.checklist, ChecklistOf(tx, stores, shown.application));
  return shown;
}

}  // namespace kakunin
