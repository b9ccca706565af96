#include "domain/terminal_certificate.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

// From here on there is time to plan, then to act, then none.
constexpr int kActDays = 30;
constexpr int kUrgentDays = 7;
static_assert(std::find(kWarningDays.begin(), kWarningDays.end(), kActDays) != kWarningDays.end());
static_assert(kWarningDays.back() == kUrgentDays);

bool IsOver(const CertificateRequest& request) {
  return request.state == CertificateRequestState::kRefused ||
         request.state == CertificateRequestState::kDelivered;
}

}  // namespace

std::optional<Reason> WhyNotApproved(const CertificateRequest& request, std::string_view by,
                                     const Digest32& key) {
  if (request.state != CertificateRequestState::kSubmitted) {
    return Reason::kCertificateRequestDecided;
  }
  if (request.code_issued_by == by) return Reason::kCertificateRequestSameOperator;
  if (request.key_fingerprint != key) return Reason::kCertificateRequestOtherKey;
  return std::nullopt;
}

std::optional<Reason> WhyNotRefused(const CertificateRequest& request) {
  if (IsOver(request)) return Reason::kCertificateRequestDecided;
  return std::nullopt;
}

std::optional<Reason> WhyNotDelivered(const CertificateRequest& request) {
  if (IsOver(request)) return Reason::kCertificateRequestDecided;
  if (request.state != CertificateRequestState::kApproved) {
    return Reason::kCertificateRequestNotApproved;
  }
  return std::nullopt;
}

CertificateRequest AsTold(CertificateRequest request, absl::Time now) {
  if (!request.delivered || now >= *request.delivered + kKnownEverywhereAfter) return request;
  request.state = CertificateRequestState::kApproved;
  request.certificate_der.clear();
  request.issuer_der.clear();
  return request;
}

absl::Time EndAfter(absl::Time not_before, int months) {
  const absl::CivilSecond begin = absl::ToCivilSecond(not_before, JapanTime());
  const absl::CivilMonth last = absl::CivilMonth(begin) + months;
  // The 31st of a month that has none is the first of the next.
  const absl::CivilDay day =
      std::min(absl::CivilDay(last) + (begin.day() - 1), absl::CivilDay(last + 1));
  return absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), begin.hour(),
                                           begin.minute(), begin.second()),
                         JapanTime());
}

bool HasRightDates(absl::Time not_before, absl::Time ends, absl::Time now) {
  return not_before >= now - kEarliestBeginning && not_before <= now + kLatestBeginning &&
         ends > now && ends <= EndAfter(not_before, kLongestCertificateMonths);
}

absl::Time OverlapEnd(absl::Time ends, absl::Time now) {
  return std::min(ends, now + kLongestOverlap);
}

std::optional<int> DaysLeft(absl::Time ends, absl::Time now) {
  if (now < ends - kWarnsBefore) return std::nullopt;
  return static_cast<int>((ends - now) / absl::Hours(24));
}

std::string CertificateEndSentence(int days_left) {
  if (days_left >= kActDays) {
    return fmt::format("端末の電子証明書の有効期限まであと{}日です。端末で証明書を更新できます。",
                       days_left);
  }
  if (days_left >= kUrgentDays) {
    return fmt::format(
        "端末の電子証明書の有効期限まであと{}日です。早めに端末で証明書を更新してください。",
        days_left);
  }
  return fmt::format(
      "端末の電子証明書の有効期限まであと{}日です。期限を過ぎると資格確認ができません。至急、端末で"
      "証明書を更新してください。",
      days_left);
}

}  // namespace kakunin
