#include "domain/application.h"

#include <algorithm>
#include <array>

namespace kakunin {
namespace {

using enum ApplicationState;

// The machines' states and ours; a state that a machine lacks is empty.
constexpr std::pair<ApplicationState, UseApplicationState> kUseStates[] = {
    {kSubmitted, UseApplicationState::kSubmitted},
    {kReturned, UseApplicationState::kReturned},
    {kApproved, UseApplicationState::kApproved},
    {kOperationTest, UseApplicationState::kOperationTest},
    {kInUse, UseApplicationState::kInUse},
    {kRefused, UseApplicationState::kRefused},
    {kWithdrawn, UseApplicationState::kWithdrawn},
    {kEnded, UseApplicationState::kEnded},
};
constexpr std::pair<ApplicationState, SubsidyApplicationState> kSubsidyStates[] = {
    {kSubmitted, SubsidyApplicationState::kSubmitted},
    {kDocumentsChecked, SubsidyApplicationState::kDocumentsChecked},
    {kReturned, SubsidyApplicationState::kReturned},
    {kApproved, SubsidyApplicationState::kApproved},
    {kRefused, SubsidyApplicationState::kRefused},
    {kPaid, SubsidyApplicationState::kPaid},
};
constexpr std::pair<ApplicationEvent, UseApplicationEvent> kUseEvents[] = {
    {ApplicationEvent::kSubmit, UseApplicationEvent::kSubmit},
    {ApplicationEvent::kReturn, UseApplicationEvent::kReturn},
    {ApplicationEvent::kApprove, UseApplicationEvent::kApprove},
    {ApplicationEvent::kRefuse, UseApplicationEvent::kRefuse},
    {ApplicationEvent::kWithdraw, UseApplicationEvent::kWithdraw},
    {ApplicationEvent::kBeginTest, UseApplicationEvent::kBeginTest},
    {ApplicationEvent::kStartUse, UseApplicationEvent::kStartUse},
    {ApplicationEvent::kEnd, UseApplicationEvent::kEnd},
};
constexpr std::pair<ApplicationEvent, SubsidyApplicationEvent> kSubsidyEvents[] = {
    {ApplicationEvent::kSubmit, SubsidyApplicationEvent::kSubmit},
    {ApplicationEvent::kCheckDocuments, SubsidyApplicationEvent::kCheckDocuments},
    {ApplicationEvent::kReturn, SubsidyApplicationEvent::kReturn},
    {ApplicationEvent::kApprove, SubsidyApplicationEvent::kApprove},
    {ApplicationEvent::kRefuse, SubsidyApplicationEvent::kRefuse},
    {ApplicationEvent::kPay, SubsidyApplicationEvent::kPay},
};

constexpr JoiningOutcome<ApplicationState> kNone{.to = {},
                                                 .refusal = JoiningRefusal::kNotInThisState};

template <class Pairs, class Ours>
auto TheirsOf(const Pairs& pairs, Ours ours) -> std::optional<decltype(pairs[0].second)> {
  for (const auto& pair : pairs) {
    if (pair.first == ours) return pair.second;
  }
  return std::nullopt;
}

template <class Pairs, class Theirs>
JoiningOutcome<ApplicationState> OursOf(const Pairs& pairs, const JoiningOutcome<Theirs>& outcome) {
  if (!outcome.to) return {.to = {}, .refusal = outcome.refusal};
  for (const auto& pair : pairs) {
    if (pair.second == *outcome.to) return {.to = pair.first, .refusal = {}};
  }
  return kNone;
}

}  // namespace

JoiningOutcome<ApplicationState> StepApplication(ApplicationKind kind,
                                                 std::optional<ApplicationState> from,
                                                 ApplicationEvent event,
                                                 const ApplicationFacts& facts) {
  if (kind == ApplicationKind::kSubsidy) {
    const auto theirs = TheirsOf(kSubsidyEvents, event);
    const auto state =
        from ? TheirsOf(kSubsidyStates, *from) : std::optional(SubsidyApplicationState::kDraft);
    if (!theirs || !state) return kNone;
    return OursOf(kSubsidyStates, StepSubsidyApplication(*state, *theirs, facts.submission));
  }
  if (kind != ApplicationKind::kUse) {
    const bool shared =
        event == ApplicationEvent::kSubmit || event == ApplicationEvent::kReturn ||
        event == ApplicationEvent::kApprove || event == ApplicationEvent::kRefuse ||
        (event == ApplicationEvent::kWithdraw && from != ApplicationState::kApproved);
    if (!shared) return kNone;
  }
  const auto theirs = TheirsOf(kUseEvents, event);
  const auto state =
      from ? TheirsOf(kUseStates, *from) : std::optional(UseApplicationState::kDraft);
  if (!theirs || !state) return kNone;
  return OursOf(kUseStates, StepUseApplication(*state, *theirs, facts.test_complete));
}

bool IsOpen(ApplicationState state) {
  return state != kRefused && state != kWithdrawn && state != kEnded && state != kPaid;
}

std::string CanonicalForm(std::span<const FormField> fields) {
  std::vector<const FormField*> sorted;
  for (const FormField& field : fields) {
    if (!field.value.empty()) sorted.push_back(&field);
  }
  std::ranges::stable_sort(
      sorted, {}, [](const FormField* field) -> const std::string& { return field->field; });
  std::string octets;
  for (const FormField* field : sorted) octets += field->field + "=" + field->value + "\n";
  return octets;
}

std::optional<std::vector<FormField>> ReadForm(std::string_view octets) {
  std::vector<FormField> fields;
  while (!octets.empty()) {
    const size_t end = octets.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = octets.substr(0, end);
    const size_t equals = line.find('=');
    if (equals == 0 || equals == std::string_view::npos) return std::nullopt;
    fields.push_back({std::string(line.substr(0, equals)), std::string(line.substr(equals + 1))});
    octets.remove_prefix(end + 1);
  }
  return fields;
}

std::string_view NameOf(ApplicationKind kind) {
  constexpr std::array<std::string_view, kApplicationKinds> kNames = {
      "USE", "CARD_READERS", "SERVICE_ADDITION", "SUBSIDY", "CLOSURE"};
  return kNames[static_cast<size_t>(kind) - 1];
}

std::string_view JapaneseNameOf(ApplicationKind kind) {
  constexpr std::array<std::string_view, kApplicationKinds> kNames = {
      "オンライン資格確認利用申請", "顔認証付きカードリーダー申込",
      "訪問診療等・オンライン診療等の追加", "補助金申請", "廃止・休止の届出"};
  return kNames[static_cast<size_t>(kind) - 1];
}

std::string_view NameOf(ApplicationState state) {
  constexpr std::array<std::string_view, kApplicationStates> kNames = {
      "SUBMITTED", "RETURNED",  "APPROVED", "OPERATION_TEST",    "IN_USE",
      "REFUSED",   "WITHDRAWN", "ENDED",    "DOCUMENTS_CHECKED", "PAID"};
  return kNames[static_cast<size_t>(state) - 1];
}

std::string_view JapaneseNameOf(ApplicationState state) {
  constexpr std::array<std::string_view, kApplicationStates> kNames = {
      "申請済み", "差戻し", "承認", "運用テスト中", "運用中",
      "不承認",   "取下げ", "終了", "書類確認済み", "支払済み"};
  return kNames[static_cast<size_t>(state) - 1];
}

std::string_view NameOf(ApplicationEvent event) {
  constexpr std::array<std::string_view, kApplicationEvents> kNames = {
      "SUBMIT",     "RETURN",    "APPROVE", "REFUSE",          "WITHDRAW",
      "BEGIN_TEST", "START_USE", "END",     "CHECK_DOCUMENTS", "PAY"};
  return kNames[static_cast<size_t>(event) - 1];
}

}  // namespace kakunin
