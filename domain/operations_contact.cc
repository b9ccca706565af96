#include "domain/operations_contact.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

constexpr std::string_view kAskOperations = "運用担当に";  // 連絡, 依頼

}  // namespace

bool AsksToCallOperations(std::string_view sentence) {
  return sentence.find(kAskOperations) != std::string_view::npos;
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
  std::string sentence = fmt::format("運用担当の電話は {} （{}）です。", contact.number, hours);
  if (!contact.have_ready.empty()) {
    sentence += fmt::format("電話の前に{}を用意してください。", contact.have_ready);
  }
  return sentence;
}

}  // namespace kakunin
