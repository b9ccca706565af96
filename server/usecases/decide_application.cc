#include "server/usecases/decide_application.h"

#include <fmt/format.h>

#include <span>
#include <utility>
#include <vector>

#include "domain/application_terms.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/usecases/application_steps.h"

namespace kakunin {
namespace {

// What an operator wrote is shown to whom has logged in, and goes into no mail.
News NewsOf(const Application& application, ApplicationEvent event, absl::Time at,
            const std::string& note) {
  News news{.at = at, .application = application.id};
  news.mail_text = fmt::format("{}（{}）は「{}」になりました。", JapaneseNameOf(application.kind),
                               application.facility_code, JapaneseNameOf(application.state));
  news.text = news.mail_text;
  if (!note.empty()) news.text += fmt::format("理由: {}", note);
  if (event == ApplicationEvent::kReturn) {
    news.text += " 直してから出し直してください。";
    news.mail_text += " 理由を確かめ、直してから出し直してください。";
  }
  return news;
}

// BeginTest registers the facility of an approved application and begins its test; true when it is
// in use already, and stays so.
absl::StatusOr<bool> BeginTest(Transaction& tx, const ApplicationStores& stores,
                               const Application& application, absl::Time at, bool validate_only) {
  ASSIGN_OR_RETURN(const auto known, stores.registry.FindFacility(tx, application.facility_code));
  if (IsInUse(known, at)) return true;
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

// SetTerms writes what an approved application makes of its facility's terms.
absl::Status SetTerms(Transaction& tx, const ApplicationStores& stores,
                      const Application& application, std::span<const FormField> form,
                      bool in_use) {
  ASSIGN_OR_RETURN(const auto known, stores.registry.FindFacility(tx, application.facility_code));
  if (!known) return absl::OkStatus();
  const FacilityTerms terms =
      TermsAfter(known->terms, {.kind = application.kind,
                                .introduction_type = application.introduction_type,
                                .form = form,
                                .facility_in_use = in_use});
  if (terms == known->terms) return absl::OkStatus();
  return stores.registry.SetTerms(tx, application.facility_code, terms);
}

// EndUses ends the applications of `account` (empty: of everybody) by which a facility was in use,
// but for `except`, and tells which.
absl::StatusOr<std::vector<Application>> EndUses(Transaction& tx, const ApplicationStores& stores,
                                                 const std::string& account,
                                                 const std::string& facility_code,
                                                 const ApplicationId& except,
                                                 const std::string& actor, absl::Time at,
                                                 const std::string& note) {
  std::vector<Application> ended;
  ASSIGN_OR_RETURN(const auto uses, stores.applications.OfFacility(tx, account, facility_code,
                                                                   ApplicationKind::kUse));
  for (Application one : uses) {
    if (one.id == except || one.state != ApplicationState::kInUse) continue;
    RETURN_IF_ERROR(
        Step(tx, stores, one, ApplicationEvent::kEnd, ApplicationState::kEnded, actor, at, note));
    RETURN_IF_ERROR(stores.applications.UpdateAsOperator(tx, one));
    ended.push_back(std::move(one));
  }
  return ended;
}

// Succeed ends the facility whose business `application` goes on with, on the day before.
absl::Status Succeed(Transaction& tx, AuditRecord& record, const ApplicationStores& stores,
                     const Application& application, const std::string& predecessor,
                     const std::string& actor) {
  AddDetail(record, "predecessor", predecessor);
  RETURN_IF_ERROR(stores.applications.HoldUses(tx, predecessor));
  ASSIGN_OR_RETURN(const auto known, stores.registry.FindFacility(tx, predecessor));
  // Months may lie between the form and the start: whose code it is by now goes on.
  if (!IsInUse(known, record.at)) return MakeError(Reason::kFacilityNotFound);
  RETURN_IF_ERROR(stores.registry.SetTerms(tx, predecessor,
                                           AfterSuccession(known->terms, CivilDayAt(record.at))));
  ASSIGN_OR_RETURN(const auto ended,
                   EndUses(tx, stores, "", predecessor, application.id, actor, record.at,
                           fmt::format("承継: {}", application.facility_code)));
  for (const Application& one : ended) {
    if (one.account != application.account) {
      RETURN_IF_ERROR(stores.applicants.Hold(tx, one.account).status());
    }
    News news{.at = record.at, .application = one.id};
    news.text = news.mail_text =
        fmt::format("{}は{}に承継され、利用を終えました。端末とアカウントは引き継がれません。",
                    predecessor, application.facility_code);
    RETURN_IF_ERROR(stores.applications.AddNews(tx, one.account, news));
  }
  return absl::OkStatus();
}

// EndPredecessor does so when the form names one.
absl::Status EndPredecessor(Transaction& tx, AuditRecord& record, const ApplicationStores& stores,
                            const Application& application, std::span<const FormField> form,
                            const ApplicationDecision& decision) {
  const std::string predecessor = PredecessorIn(form);
  if (predecessor.empty()) return absl::OkStatus();
  return Succeed(tx, record, stores, application, predecessor, decision.operator_name);
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
  const std::vector<FormField> form = ReadForm(version->content).value_or(std::vector<FormField>());
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
      if (!validate_only) {
        RETURN_IF_ERROR(SetTerms(tx, stores, application, form, in_use));
        RETURN_IF_ERROR(EndUses(tx, stores, application.account, application.facility_code,
                                application.id, decision.operator_name, record.at,
                                "新しい利用申請の承認")
                            .status());
      }
      RETURN_IF_ERROR(move(ApplicationEvent::kBeginTest, ApplicationState::kOperationTest, ""));
      // Whoever is in use has long passed it.
      if (in_use) {
        RETURN_IF_ERROR(move(ApplicationEvent::kStartUse, ApplicationState::kInUse, ""));
        if (!validate_only) {
          RETURN_IF_ERROR(EndPredecessor(tx, record, stores, application, form, decision));
        }
      }
    } else if (moves && !validate_only && decision.event == ApplicationEvent::kStartUse) {
      RETURN_IF_ERROR(stores.registry.SetOperationTest(tx, application.facility_code, {}));
      RETURN_IF_ERROR(EndPredecessor(tx, record, stores, application, form, decision));
    } else if (moves && !validate_only && decision.event == ApplicationEvent::kEnd) {
      ASSIGN_OR_RETURN(auto known, stores.registry.FindFacility(tx, application.facility_code));
      if (known) {
        known->active = false;
        RETURN_IF_ERROR(stores.registry.PutFacility(tx, *known));
      }
    }
  }
  if (application.kind != ApplicationKind::kUse && moves && !validate_only &&
      decision.event == ApplicationEvent::kApprove) {
    RETURN_IF_ERROR(SetTerms(tx, stores, application, form, true));
  }
  if (validate_only) return application;
  RETURN_IF_ERROR(stores.applications.UpdateAsOperator(tx, application));
  RETURN_IF_ERROR(stores.applications.AddNews(
      tx, application.account, NewsOf(application, decision.event, record.at, decision.note)));
  return application;
}

}  // namespace kakunin
