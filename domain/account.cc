#include "domain/account.h"

#include <algorithm>

#include "domain/text/clear_number.h"

namespace kakunin {
namespace {

constexpr size_t kLeastNameOctets = 3;
constexpr size_t kMostNameOctets = 32;

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsQualified(Role role) {
  return role == Role::kDoctor || role == Role::kDentist || role == Role::kPharmacist ||
         role == Role::kOtherQualified;
}

}  // namespace

AccountKind KindOf(Role role) {
  if (role == Role::kAdministrator) return AccountKind::kAdministrator;
  return IsQualified(role) ? AccountKind::kMedicalInformationViewer : AccountKind::kGeneral;
}

std::optional<Role> RoleFor(AccountKind kind, std::optional<Role> qualification) {
  if (kind == AccountKind::kMedicalInformationViewer) {
    return qualification && IsQualified(*qualification) ? qualification : std::nullopt;
  }
  if (qualification) return std::nullopt;
  return kind == AccountKind::kAdministrator ? Role::kAdministrator : Role::kGeneral;
}

bool IsUserName(std::string_view text) {
  if (text.size() < kLeastNameOctets || text.size() > kMostNameOctets) return false;
  if (!IsLetterOrDigit(text.front()) || LooksLikeIndividualNumber(text)) return false;
  return std::ranges::all_of(
      text, [](char c) { return IsLetterOrDigit(c) || c == '.' || c == '_' || c == '-'; });
}

AccountState StateOf(const Account& account) {
  if (account.disabled) return AccountState::kDisabled;
  if (account.locked) return AccountState::kLocked;
  return account.wrong_tries >= kMostWrongTries ? AccountState::kLockedByTries
                                                : AccountState::kOpen;
}

bool MayTry(const Account& account, absl::Time at) {
  if (StateOf(account) != AccountState::kOpen) return false;
  return !account.one_time_end || at < *account.one_time_end;
}

}  // namespace kakunin
