#include "server/usecases/decide_application.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "domain/application_terms.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/usecases/application_steps.h"
#include "server/usecases/earlier_applications.h"

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
  // The test is the facility's: another application's goes on. One that nobody's application is in
  // any more, by a return or a withdrawal, begins anew.
  ASSIGN_OR_RETURN(const auto uses, stores.applications.OfFacility(
                                        tx, "", application.facility_code, ApplicationKind::kUse));
  const bool tested = std::ranges::any_of(uses, [&](const Application& one) {
    return one.id != application.id && one.state == ApplicationState::kOperationTest;
  });
  if (tested) return MakeError(Reason::kApplicationNotInThisState);
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

// IsAnothersToo tells whether the terminals of the facility of `application` may call by somebody's
// other application, too: a clinic's own and its chain's, say.
absl::StatusOr<bool> IsAnothersToo(Transaction& tx, const ApplicationStores& stores,
                                   const Application& application) {
  ASSIGN_OR_RETURN(const auto uses, stores.applications.OfFacility(
                                        tx, "", application.facility_code, ApplicationKind::kUse));
  return std::ranges::any_of(uses, [&](const Application& one) {
    return one.id != application.id &&
           (one.state == ApplicationState::kInUse || one.state == ApplicationState::kOperationTest);
  });
}

// TellPredecessor tells the account of an ended application who goes on with its facility.
absl::Status TellPredecessor(Transaction& tx, const ApplicationStores& stores,
                             const Application& successor, const Application& ended,
                             const std::string& predecessor, absl::Time at) {
  News news{.at = at, .application = ended.id};
  news.text = news.mail_text =
      fmt::format("{}は{}に承継され、利用を終えました。端末とアカウントは引き継がれません。",
                  predecessor, successor.facility_code);
  return stores.applications.AddNews(tx, ended.account, news);
}

// AccountsInUse are those by whose applications a facility is in use.
absl::StatusOr<std::set<std::string>> AccountsInUse(Transaction& tx,
                                                    const ApplicationStores& stores,
                                                    const std::string& facility_code) {
  std::set<std::string> accounts;
  ASSIGN_OR_RETURN(const auto uses,
                   stores.applications.OfFacility(tx, "", facility_code, ApplicationKind::kUse));
  for (const Application& one : uses) {
    if (one.state == ApplicationState::kInUse) accounts.insert(one.account);
  }
  return accounts;
}

// HoldAll locks all that a decision about `found` may write to and others write to, too: first the
// accounts, whose news are numbered under their rows, then the facilities, each in one order. The
// one row of the registry's generation comes after all of them (SetTerms and what else writes to
// the registry): nobody waits for anything while the whole installation waits for that. The
// predecessor is that of the form as it was found; "": none.
absl::Status HoldAll(Transaction& tx, const ApplicationStores& stores, const Application& found,
                     const std::string& predecessor) {
  std::set<std::string> accounts = {found.account};
  std::set<std::string> facilities = {found.facility_code};
  if (!predecessor.empty()) {
    ASSIGN_OR_RETURN(accounts, AccountsInUse(tx, stores, predecessor));
    accounts.insert(found.account);
    facilities.insert(predecessor);
  }
  for (const std::string& one : accounts) {
    RETURN_IF_ERROR(stores.applicants.Hold(tx, one).status());
  }
  for (const std::string& one : facilities) {
    RETURN_IF_ERROR(stores.applications.HoldUses(tx, one));
  }
  if (predecessor.empty()) return absl::OkStatus();
  // Somebody else's use of it began while this waited.
  ASSIGN_OR_RETURN(const auto now, AccountsInUse(tx, stores, predecessor));
  for (const std::string& one : now) {
    if (!accounts.contains(one)) RETURN_IF_ERROR(stores.applicants.Hold(tx, one).status());
  }
  return absl::OkStatus();
}

// PredecessorOf names whom `event` may end beside; empty: nobody.
std::string PredecessorOf(const Application& application, ApplicationEvent event,
                          std::span<const FormField> form) {
  const bool may_start =
      event == ApplicationEvent::kApprove || event == ApplicationEvent::kStartUse;
  if (application.kind != ApplicationKind::kUse || !may_start) return "";
  return PredecessorIn(form);
}

// Succeed tells whose business `application` goes on with; where its use `starts`, that facility
// ends on the day before.
absl::StatusOr<std::optional<Predecessor>> Succeed(Transaction& tx, AuditRecord& record,
                                                   const ApplicationStores& stores,
                                                   const Application& application,
                                                   std::span<const FormField> form,
                                                   const std::string& actor, bool starts,
                                                   bool validate_only) {
  Predecessor predecessor{.facility_code = PredecessorIn(form)};
  if (predecessor.facility_code.empty()) return std::optional<Predecessor>();
  const std::string& code = predecessor.facility_code;
  AddDetail(record, "predecessor", code);
  ASSIGN_OR_RETURN(const auto known, stores.registry.FindFacility(tx, code));
  if (known) predecessor.name = known->name;
  predecessor.in_use = IsInUse(known, record.at);
  if (!starts) return std::optional(std::move(predecessor));
  // Months may lie between the form and the start: whose code it is by now goes on.
  if (!predecessor.in_use) return MakeError(Reason::kFacilityNotFound);
  const FacilityTerms after = AfterSuccession(known->terms, CivilDayAt(record.at));
  predecessor.last_day = after.closure.last_day;
  if (validate_only) return std::optional(std::move(predecessor));
  RETURN_IF_ERROR(stores.registry.SetTerms(tx, code, after));
  ASSIGN_OR_RETURN(const auto ended, EndUses(tx, stores, "", code, application.id, actor, record.at,
                                             fmt::format("承継: {}", application.facility_code)));
  for (const Application& one : ended) {
    RETURN_IF_ERROR(TellPredecessor(tx, stores, application, one, code, record.at));
  }
  return std::optional(std::move(predecessor));
}

// NeedsAnother tells whether a decision is not for who could have handed the application in.
bool NeedsAnother(ApplicationEvent event) {
  return event == ApplicationEvent::kApprove || event == ApplicationEvent::kCheckDocuments ||
         event == ApplicationEvent::kPay || event == ApplicationEvent::kStartUse;
}

}  // namespace

absl::StatusOr<DecidedApplication> DecideApplication(Transaction& tx, AuditRecord& record,
                                                     const ApplicationStores& stores,
                                                     const ApplicationDecision& decision,
                                                     bool validate_only) {
  ASSIGN_OR_RETURN(const auto found, stores.applications.Find(tx, decision.id));
  if (!found) return MakeError(Reason::kApplicationNotFound);
  ASSIGN_OR_RETURN(const auto version,
                   stores.applications.FindVersion(tx, found->id, found->version));
  if (!version) return MakeError(Reason::kInternal);
  const std::vector<FormField> form = ReadForm(version->content).value_or(std::vector<FormField>());
  RETURN_IF_ERROR(HoldAll(tx, stores, *found, PredecessorOf(*found, decision.event, form)));
  ASSIGN_OR_RETURN(auto held, stores.applications.Hold(tx, decision.id));
  if (!held) return MakeError(Reason::kApplicationNotFound);
  DecidedApplication decided{.application = *std::move(held), .predecessor = {}};
  Application& application = decided.application;
  AddApplication(record, application);
  AddDetail(record, "event", NameOf(decision.event));
  // Handed in anew while this waited, it may name another predecessor.
  const bool anew = application.version != found->version;
  if (anew || (decision.version != 0 && decision.version != application.version)) {
    return MakeError(Reason::kApplicationChangedMeanwhile);
  }
  if (NeedsAnother(decision.event) && version->password_given_by == decision.operator_name) {
    return MakeError(Reason::kApplicationSameOperator);
  }
  if (decision.event == ApplicationEvent::kApprove) {
    ASSIGN_OR_RETURN(const auto faults, CheckShares(tx, stores, application, form));
    if (!faults.empty()) return InvalidFields(faults);
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
        // Where nobody is in use, what still says so is of before the facility closed.
        RETURN_IF_ERROR(EndUses(tx, stores, in_use ? application.account : std::string(),
                                application.facility_code, application.id, decision.operator_name,
                                record.at, "新しい利用申請の承認")
                            .status());
      }
      RETURN_IF_ERROR(move(ApplicationEvent::kBeginTest, ApplicationState::kOperationTest, ""));
      // Whoever is in use has long passed it.
      if (in_use) {
        RETURN_IF_ERROR(move(ApplicationEvent::kStartUse, ApplicationState::kInUse, ""));
      }
      ASSIGN_OR_RETURN(decided.predecessor,
                       Succeed(tx, record, stores, application, form, decision.operator_name,
                               /*starts=*/in_use, validate_only));
    } else if (moves && decision.event == ApplicationEvent::kStartUse) {
      if (!validate_only) {
        RETURN_IF_ERROR(stores.registry.SetOperationTest(tx, application.facility_code, {}));
      }
      ASSIGN_OR_RETURN(decided.predecessor,
                       Succeed(tx, record, stores, application, form, decision.operator_name,
                               /*starts=*/true, validate_only));
    } else if (moves && !validate_only && decision.event == ApplicationEvent::kEnd) {
      ASSIGN_OR_RETURN(auto known, stores.registry.FindFacility(tx, application.facility_code));
      ASSIGN_OR_RETURN(const bool goes_on, IsAnothersToo(tx, stores, application));
      AddDetail(record, "in_use", goes_on ? 1 : 0);
      if (known && !goes_on) {
        known->active = false;
        RETURN_IF_ERROR(stores.registry.PutFacility(tx, *known));
      }
    }
  }
  if (application.kind != ApplicationKind::kUse && moves && !validate_only &&
      decision.event == ApplicationEvent::kApprove) {
    RETURN_IF_ERROR(SetTerms(tx, stores, application, form, true));
  }
  if (validate_only) return decided;
  RETURN_IF_ERROR(stores.applications.UpdateAsOperator(tx, application));
  RETURN_IF_ERROR(stores.applications.AddNews(
      tx, application.account, NewsOf(application, decision.event, record.at, decision.note)));
  return decided;
}

}  // namespace kakunin
