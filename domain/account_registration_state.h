#pragma once

#include <span>
#include <string_view>

#include "domain/joining_step.h"

namespace kakunin {

// AccountRegistrationState is where an account of the portal (アカウント登録) stands. The source
// documents ask for an account before anything is applied for, and tell no states: these are ours.
enum class AccountRegistrationState {
  kRegistered = 1,  // the mail address is not confirmed: may do nothing
  kActive,
  kLapsed,  // not confirmed in time; registered anew by whoever wants it
  kLocked,
  kClosed,
};
inline constexpr int kAccountRegistrationStates = 5;

enum class AccountRegistrationEvent {
  kConfirmAddress = 1,
  kLapse,
  kLock,    // too many wrong passwords, or an operator
  kUnlock,  // an operator, or a new password
  kClose,
};
inline constexpr int kAccountRegistrationEvents = 5;

using AccountRegistrationStep = JoiningStep<AccountRegistrationState, AccountRegistrationEvent>;

// AllAccountRegistrationSteps is every arrow there is.
std::span<const AccountRegistrationStep> AllAccountRegistrationSteps();

// StepAccountRegistration is where `event` leads.
JoiningOutcome<AccountRegistrationState> StepAccountRegistration(AccountRegistrationState from,
                                                                 AccountRegistrationEvent event);

// MayApply tells whether an account in this state may hand in applications.
bool MayApply(AccountRegistrationState state);

// NameOf is the name for machines and drawings, UPPER_SNAKE; JapaneseNameOf the clerk's.
std::string_view NameOf(AccountRegistrationState state);
std::string_view NameOf(AccountRegistrationEvent event);
std::string_view JapaneseNameOf(AccountRegistrationState state);

}  // namespace kakunin
