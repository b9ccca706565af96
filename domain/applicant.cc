#include "domain/applicant.h"

#include <algorithm>

namespace kakunin {
namespace {

constexpr std::string_view kPrefix = "acc-";
constexpr size_t kNameDigits = 12;
constexpr size_t kMostMailOctets = 254;

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool IsVisible(char c) { return c > ' ' && c < '\x7f'; }

}  // namespace

bool IsApplicantName(std::string_view text) {
  return text.size() == kPrefix.size() + kNameDigits && text.starts_with(kPrefix) &&
         std::ranges::all_of(text.substr(kPrefix.size()), IsHexDigit);
}

bool IsMailAddress(std::string_view text) {
  const size_t at = text.find('@');
  if (text.size() > kMostMailOctets || at == 0 || at == std::string_view::npos) return false;
  const std::string_view domain = text.substr(at + 1);
  const size_t dot = domain.find('.');
  return std::ranges::all_of(text, IsVisible) && domain.find('@') == std::string_view::npos &&
         dot != 0 && dot != std::string_view::npos && domain.back() != '.' &&
         domain.find("..") == std::string_view::npos;
}

AccountRegistrationState StateAt(const ApplicantAccount& account, absl::Time at) {
  if (account.state == AccountRegistrationState::kRegistered &&
      at >= account.registered + kRegistrationWaits) {
    return AccountRegistrationState::kLapsed;
  }
  if (account.state == AccountRegistrationState::kActive &&
      account.wrong_tries >= kMostWrongTries) {
    return AccountRegistrationState::kLocked;
  }
  return account.state;
}

bool MayTry(const ApplicantAccount& account, absl::Time at) {
  return StateAt(account, at) == AccountRegistrationState::kActive &&
         (!account.one_time_end || at < *account.one_time_end);
}

}  // namespace kakunin
