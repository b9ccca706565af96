#include "server/usecases/applications.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/digest.h"
#include "auth/uuid.h"
#include "domain/civil_day.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr std::string_view kNotYours =
    "この施設の申請はできません。利用申請が承認された施設の医療機関等コードを入力してください。";
constexpr std::string_view kOtherFacility =
    "アカウントの施設と医療機関等コードが違います。複数の施設は一括申込で申請してください。";
constexpr std::string_view kOpenAlready =
    "この施設の利用申請は既にあります。申請中のものを出し直すか、取り下げてください。";

Reason ReasonOf(JoiningRefusal refusal) {
  switch (refusal) {
    case JoiningRefusal::kOperationTestIncomplete:
      return Reason::kOperationTestIncomplete;
    case JoiningRefusal::kIntroductionIncomplete:
      return Reason::kIntroductionIncomplete;
    case JoiningRefusal::kDocumentsMissing:
      return Reason::kDocumentsMissing;
    case JoiningRefusal::kDeadlinePassed:
      return Reason::kSubsidyDeadlinePassed;
    case JoiningRefusal::kNotInThisState:
      break;
  }
  return Reason::kApplicationNotInThisState;
}

std::string ActorOf(const ApplicantAccount& account) { return "applicant/" + account.account; }

void AddApplication(AuditRecord& record, const Application& application) {
  AddDetail(record, "application", auth::UuidText(application.id.octets));
  AddDetail(record, "facility", application.facility_code);
}

// Step moves `application` and writes the step down; `event` must be one that its state allows.
absl::Status Step(Transaction& tx, const ApplicationStores& stores, Application& application,
                  ApplicationEvent event, ApplicationState to, const std::string& actor,
                  absl::Time at, const std::string& note) {
  application.state = to;
  application.changed = at;
  ++application.steps;
  return stores.applications.AddStep(tx, application.id,
                                     {.step = application.steps,
                                      .at = at,
                                      .actor = actor,
                                      .event = event,
                                      .state = to,
                                      .note = note});
}

// One application of the account's own, locked.
absl::StatusOr<Application> HoldOwn(Transaction& tx, AuditRecord& record,
                                    const ApplicationStores& stores,
                                    const ApplicantAccount& account, const ApplicationId& id) {
  ASSIGN_OR_RETURN(auto held, stores.applications.Hold(tx, id));
  if (!held || held->account != account.account) return MakeError(Reason::kApplicationNotFound);
  AddApplication(record, *held);
  return *std::move(held);
}

bool IsInUse(const std::optional<FacilityRow>& facility) {
  return facility && facility->active && !facility->test_began;
}

// Applying is one form on its way.
struct Applying {
  const FormToSubmit& form;
  ApplyingFacility facility;
  std::string facility_name;
  std::vector<FieldViolation> faults;
};

bool HasField(const ApplicationVersion& version, const std::string& field,
              const std::string& value) {
  const auto fields = ReadForm(version.content);
  return fields && std::ranges::find(*fields, FormField{field, value}) != fields->end();
}

// HasService tells whether an addition of this form of care was approved before.
absl::StatusOr<bool> HasService(Transaction& tx, const ApplicationStores& stores,
                                const ApplicantAccount& account, const ApplicationContent& content,
                                FormOfCare form) {
  ASSIGN_OR_RETURN(const auto earlier,
                   stores.applications.OfFacility(tx, account.account, content.facility_code,
                                                  ApplicationKind::kServiceAddition));
  const std::string word = form == FormOfCare::kHomeVisit ? "home-visit" : "online-care";
  for (const Application& one : earlier) {
    if (one.state != ApplicationState::kApproved) continue;
    ASSIGN_OR_RETURN(const auto version, stores.applications.FindVersion(tx, one.id, one.version));
    if (version && HasField(*version, "form_of_care", word)) return true;
  }
  return false;
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
    const bool open = std::ranges::any_of(uses, [&](const Application& one) {
      return IsOpen(one.state) && (!submission.corrects || one.id != *submission.corrects);
    });
    if (open) applying.faults.push_back({"facility_code", std::string(kOpenAlready)});
  } else {
    // Whoever may speak for a facility has had its application for use approved.
    const auto approved = std::ranges::find_if(uses, [](const Application& one) {
      return one.state == ApplicationState::kApproved ||
             one.state == ApplicationState::kOperationTest || one.state == ApplicationState::kInUse;
    });
    if (approved == uses.end()) {
      applying.faults.push_back({"facility_code", std::string(kNotYours)});
      return absl::OkStatus();
    }
    applying.facility.type = approved->facility_type;
    applying.facility_name = approved->facility_name;
    applying.facility.in_use = approved->state == ApplicationState::kInUse && IsInUse(facility);
    applying.facility.introduction_type = approved->introduction_type;
    const auto* addition = std::get_if<ServiceAddition>(&content.value);
    if (addition != nullptr && addition->form_of_care) {
      ASSIGN_OR_RETURN(applying.facility.has_service_already,
                       HasService(tx, stores, account, content, *addition->form_of_care));
    }
  }
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
  // One after the other, so that of two at one instant the second sees the first.
  if (!validate_only) RETURN_IF_ERROR(stores.applicants.Hold(tx, account.account).status());
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
        finding.working.push_back(
            fmt::format("補助の区分: {}", NameOf(*of_group.rows[i].subsidy_class)));
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

namespace {

absl::StatusOr<std::optional<OperationTestChecklist>> ChecklistOf(Transaction& tx,
                                                                  const ApplicationStores& stores,
                                                                  const Application& application) {
  if (application.state != ApplicationState::kOperationTest) {
    return std::optional<OperationTestChecklist>();
  }
  ASSIGN_OR_RETURN(const auto facility,
                   stores.registry.FindFacility(tx, application.facility_code));
  if (!facility || !facility->test_began) return std::optional(OperationTestChecklist());
  ASSIGN_OR_RETURN(
      const OperationTestChecklist checklist,
      stores.applications.Checklist(tx, application.facility_code, *facility->test_began));
  return std::optional(checklist);
}

bool IsComplete(const std::optional<OperationTestChecklist>& checklist,
                const Application& application) {
  return checklist && application.introduction_type &&
         checklist->IsComplete(*application.introduction_type);
}

}  // namespace

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

namespace {

std::string NewsOf(const Application& application, ApplicationEvent event,
                   const std::string& note) {
  std::string text = fmt::format("{}（{}）は「{}」になりました。", JapaneseNameOf(application.kind),
                                 application.facility_code, JapaneseNameOf(application.state));
  if (!note.empty()) text += fmt::format("理由: {}", note);
  if (event == ApplicationEvent::kReturn) text += " 直してから出し直してください。";
  return text;
}

// BeginTest registers the facility of an approved application and begins its test; true when it is
// in use already, and stays so.
absl::StatusOr<bool> BeginTest(Transaction& tx, const ApplicationStores& stores,
                               const Application& application, absl::Time at, bool validate_only) {
  ASSIGN_OR_RETURN(const auto known, stores.registry.FindFacility(tx, application.facility_code));
  if (IsInUse(known)) return true;
  // The test is the facility's and ends with the application that began it.
  if (known && known->active && known->test_began) {
    return MakeError(Reason::kApplicationNotInThisState);
  }
  if (validate_only) return false;
  // What it was told of patients when it was in use before is not shown in the test.
  RETURN_IF_ERROR(stores.applications.DropLists(tx, application.facility_code));
  const FacilityRow row{.facility_code = application.facility_code,
                        .type = application.facility_type,
                        .name = known ? known->name : application.facility_name,
                        .active = true};
  RETURN_IF_ERROR(stores.registry.PutFacility(tx, row));
  RETURN_IF_ERROR(stores.registry.SetOperationTest(tx, application.facility_code, at));
  return false;
}

// NeedsAnother tells whether a decision is not for who could have handed the application in.
bool NeedsAnother(ApplicationEvent event) {
  return event == ApplicationEvent::kApprove || event == ApplicationEvent::kCheckDocuments ||
         event == ApplicationEvent::kPay || event == ApplicationEvent::kStartUse;
}

}  // namespace

absl::StatusOr<Application> DecideApplication(Transaction& tx, AuditRecord& record,
                                              const ApplicationStores& stores,
                                              const ApplicationDecision& decision,
                                              bool validate_only) {
  ASSIGN_OR_RETURN(const auto found, stores.applications.Find(tx, decision.id));
  if (!found) return MakeError(Reason::kApplicationNotFound);
  // The account first: its news are numbered under its row.
  RETURN_IF_ERROR(stores.applicants.Hold(tx, found->account).status());
  // Then all that could move this facility.
  RETURN_IF_ERROR(stores.applications.HoldUses(tx, found->facility_code));
  ASSIGN_OR_RETURN(auto held, stores.applications.Hold(tx, decision.id));
  if (!held) return MakeError(Reason::kApplicationNotFound);
  Application application = *std::move(held);
  AddApplication(record, application);
  AddDetail(record, "event", NameOf(decision.event));
  if (decision.version != 0 && decision.version != application.version) {
    return MakeError(Reason::kApplicationChangedMeanwhile);
  }
  ASSIGN_OR_RETURN(const auto version,
                   stores.applications.FindVersion(tx, decision.id, application.version));
  if (!version) return MakeError(Reason::kInternal);
  if (NeedsAnother(decision.event) && version->password_given_by == decision.operator_name) {
    return MakeError(Reason::kApplicationSameOperator);
  }
  ASSIGN_OR_RETURN(const auto checklist, ChecklistOf(tx, stores, application));
  const ApplicationFacts facts{.test_complete = IsComplete(checklist, application)};
  const auto step = StepApplication(application.kind, application.state, decision.event, facts);
  if (!step.to) return MakeError(ReasonOf(*step.refusal));
  // A decision that is made again moves nothing: the facility may be another application's by now.
  const bool moves = *step.to != application.state;
  const auto move = [&](ApplicationEvent event, ApplicationState to, const std::string& note) {
    if (validate_only) {
      application.state = to;
      return absl::OkStatus();
    }
    return Step(tx, stores, application, event, to, decision.operator_name, record.at, note);
  };
  RETURN_IF_ERROR(move(decision.event, *step.to, decision.note));
  if (application.kind == ApplicationKind::kUse) {
    if (moves && decision.event == ApplicationEvent::kApprove) {
      ASSIGN_OR_RETURN(const bool in_use,
                       BeginTest(tx, stores, application, record.at, validate_only));
      AddDetail(record, "in_use", in_use ? 1 : 0);
      RETURN_IF_ERROR(move(ApplicationEvent::kBeginTest, ApplicationState::kOperationTest, ""));
      // Whoever is in use has long passed it.
      if (in_use) RETURN_IF_ERROR(move(ApplicationEvent::kStartUse, ApplicationState::kInUse, ""));
    } else if (moves && !validate_only && decision.event == ApplicationEvent::kStartUse) {
      RETURN_IF_ERROR(stores.registry.SetOperationTest(tx, application.facility_code, {}));
    } else if (moves && !validate_only && decision.event == ApplicationEvent::kEnd) {
      ASSIGN_OR_RETURN(auto known, stores.registry.FindFacility(tx, application.facility_code));
      if (known) {
        known->active = false;
        RETURN_IF_ERROR(stores.registry.PutFacility(tx, *known));
      }
    }
  }
  if (validate_only) return application;
  RETURN_IF_ERROR(stores.applications.UpdateAsOperator(tx, application));
  RETURN_IF_ERROR(stores.applications.AddNews(tx, application.account, record.at, application.id,
                                              NewsOf(application, decision.event, decision.note)));
  return application;
}

}  // namespace kakunin
