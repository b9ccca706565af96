#include "domain/account_registration_state.h"

namespace kakunin {
namespace {

using enum AccountRegistrationState;
using Event = AccountRegistrationEvent;

constexpr AccountRegistrationStep kSteps[] = {
    {kRegistered, Event::kConfirmAddress, kActive},
    {kRegistered, Event::kLapse, kLapsed},
    {kRegistered, Event::kClose, kClosed},
    {kActive, Event::kConfirmAddress, kActive},
    {kActive, Event::kLock, kLocked},
    {kActive, Event::kClose, kClosed},
    {kLapsed, Event::kLapse, kLapsed},
    {kLocked, Event::kLock, kLocked},
    {kLocked, Event::kUnlock, kActive},
    {kLocked, Event::kClose, kClosed},
    {kClosed, Event::kClose, kClosed},
};

}  // namespace

std::span<const AccountRegistrationStep> AllAccountRegistrationSteps() { return kSteps; }

JoiningOutcome<AccountRegistrationState> StepAccountRegistration(AccountRegistrationState from,
                                                                 AccountRegistrationEvent event) {
  return FollowStep(AllAccountRegistrationSteps(), from, event);
}

bool MayApply(AccountRegistrationState state) { return state == kActive; }

std::string_view NameOf(AccountRegistrationState state) {
  constexpr std::string_view kNames[kAccountRegistrationStates] = {"REGISTERED", "ACTIVE", "LAPSED",
                                                                   "LOCKED", "CLOSED"};
  return kNames[static_cast<size_t>(state) - 1];
}

std::string_view NameOf(AccountRegistrationEvent event) {
  constexpr std::string_view kNames[kAccountRegistrationEvents] = {"confirm address", "lapse",
                                                                   "lock", "unlock", "close"};
  return kNames[static_cast<size_t>(event) - 1];
}

std::string_view JapaneseNameOf(AccountRegistrationState state) {
  constexpr std::string_view kNames[kAccountRegistrationStates] = {
      "登録済み（メールアドレス未確認）", "利用中", "失効（期限内に未確認）", "ロック中", "閉鎖"};
  return kNames[static_cast<size_t>(state) - 1];
}

}  // namespace kakunin
