#include "domain/operations_contact.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "domain/civil_day.h"

namespace kakunin {

bool AsksToCallOperations(Reason reason) {
  using enum Reason;
  constexpr Reason kAsking[] = {kCertificateNotRegistered,
                                kCertificateNamesDiffer,
                                kTerminalRevoked,
                                kTerminalSuspended,
                                kFacilityInactive,
                                kFacilityClosed,
                                kInsurerInactive,
                                kReviewerInactive,
                                kCardLinkProviderInactive,
                                kEmergencyRightMissing,
                                kEnrolmentCodeRefused,
                                kEnrolmentCodeExpired,
                                kEnrolmentCodeUsed,
                                kEnrolmentCodeOvertaken,
                                kEnrolmentReceiptRefused,
                                kGroundEndLater,
                                kRenewalOpen,
                                kInternal};
  return std::ranges::find(kAsking, reason) != std::end(kAsking);
}

std::string HaveReadySentence(const Contact& contact) {
  if (contact.have_ready.empty()) return "";
  return fmt::format("電話の前に{}を用意してください。", contact.have_ready);
}

std::string OperationsContactSentence(const Contact& contact, absl::Time at) {
  if (contact.number.empty()) return "";
  const std::string hours = fmt::format("{}{}時から{}時まで", contact.weekends ? "" : "平日の",
                                        contact.opens_hour, contact.closes_hour);
  if (!IsOpen(contact, at)) {
    const absl::CivilDay today(absl::ToCivilDay(at, JapanTime()));
    const bool closed_day =
        std::ranges::find(contact.closed_days, today) != contact.closed_days.end();
    return fmt::format("運用担当への電話は{}です。{}", hours,
                       closed_day ? "本日は休業日です。" : "いまは時間外です。");
  }
  return fmt::format("運用担当の電話は {} （{}）です。", contact.number, hours) +
         HaveReadySentence(contact);
}

}  // namespace kakunin
