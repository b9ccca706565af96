#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/joining_step.h"
#include "domain/person_id.h"
#include "domain/subsidy_application_state.h"
#include "domain/use_application.h"
#include "domain/use_application_state.h"

namespace kakunin {

using ApplicationId = Id128<struct ApplicationTag>;

// ApplicationKind is what is applied for. Numbers of onboarding_service.proto; stored.
enum class ApplicationKind {
  kUse = 1,  // オンライン資格確認利用申請, with the order of card readers if there is one
  kCardReaders,      // 顔認証付きカードリーダー申込
  kServiceAddition,  // home visits or online care added
  kSubsidy,          // 補助金申請
  kClosure,          // 廃止・休止の届出
};
inline constexpr int kApplicationKinds = 5;

// ApplicationState is where an application of any kind stands: of one for use the states of
// UseApplicationState, of one for a subsidy those of SubsidyApplicationState, of the others the
// first four that are theirs. Numbers of onboarding_service.proto; stored. Nothing is a draft here:
// what was not submitted is the applicant's own.
enum class ApplicationState {
  kSubmitted = 1,
  kReturned,  // 差戻し
  kApproved,
  kOperationTest,
  kInUse,
  kRefused,
  kWithdrawn,
  kEnded,
  kDocumentsChecked,
  kPaid,
};
inline constexpr int kApplicationStates = 10;

// ApplicationEvent is what somebody does with it. Numbers of onboarding_service.proto; stored.
enum class ApplicationEvent {
  kSubmit = 1,
  kReturn,
  kApprove,
  kRefuse,
  kWithdraw,
  kBeginTest,
  kStartUse,
  kEnd,
  kCheckDocuments,
  kPay,
};
inline constexpr int kApplicationEvents = 10;

// ApplicationFacts is what a step depends on beside the state.
struct ApplicationFacts {
  bool test_complete = false;    // for kStartUse
  SubsidySubmission submission;  // for kSubmit of a subsidy
};

// StepApplication is where `event` leads an application of this kind; without `from` it is new. It
// follows the machines of use_application_state.h and subsidy_application_state.h. The other kinds
// are submitted, returned, approved, refused and withdrawn as an application for use is, but what
// was approved of them is not withdrawn.
JoiningOutcome<ApplicationState> StepApplication(ApplicationKind kind,
                                                 std::optional<ApplicationState> from,
                                                 ApplicationEvent event,
                                                 const ApplicationFacts& facts);

// IsOpen tells whether anything may still become of an application by its own machine.
bool IsOpen(ApplicationState state);

// Application is one application of one facility as it stands.
struct Application {
  ApplicationId id;
  std::string account;
  ApplicationKind kind = ApplicationKind::kUse;
  ApplicationState state = ApplicationState::kSubmitted;
  std::string facility_code;
  FacilityType facility_type = FacilityType::kClinic;
  std::string facility_name;
  std::optional<IntroductionType> introduction_type;  // exactly of kUse
  std::string group_name;                             // empty: it applies for itself
  int version = 1;                                    // of what was handed in
  int steps = 0;
  absl::Time first_submitted;
  absl::Time changed;
  std::optional<absl::Time> start_requested;  // the facility asked for its start of use
};

// ApplicationVersion is what was handed in, each time.
struct ApplicationVersion {
  int version = 1;
  absl::Time submitted;
  std::string content;  // CanonicalForm
  std::string working;  // what was reckoned from it and shown, line by line
  // The operator who was told the applicant's one-time password, and could have handed it in.
  std::string password_given_by;
};

// ApplicationStep is one step of its history.
struct ApplicationStep {
  int step = 0;
  absl::Time at;
  std::string actor;  // "applicant/acc-...", an operator's name
  ApplicationEvent event = ApplicationEvent::kSubmit;
  ApplicationState state = ApplicationState::kSubmitted;  // it led to
  std::string note;                                       // a reason; empty: none
};

// FormField is one field of a form as it was filled in: one line of text each.
struct FormField {
  std::string field;
  std::string value;
  bool operator==(const FormField&) const = default;
};

// kFormFormat names CanonicalForm's layout in stored rows.
inline constexpr int kFormFormat = 1;

// CanonicalForm writes the fields that say something in the order of their names: equal forms give
// equal octets, whatever message or file they came in. Fields and values hold no line's end.
std::string CanonicalForm(std::span<const FormField> fields);
// ReadForm reads what CanonicalForm wrote; empty: it is none.
std::optional<std::vector<FormField>> ReadForm(std::string_view octets);

// NameOf is the name for machines, UPPER_SNAKE; JapaneseNameOf the clerk's; KeyOf the word for
// options.
std::string_view NameOf(ApplicationKind kind);
std::string_view JapaneseNameOf(ApplicationKind kind);
std::string_view NameOf(ApplicationState state);
std::string_view JapaneseNameOf(ApplicationState state);
std::string_view NameOf(ApplicationEvent event);

}  // namespace kakunin
