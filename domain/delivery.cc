#include "domain/delivery.h"

#include <fmt/format.h>

#include "domain/civil_day.h"

namespace kakunin {

std::optional<DeliveryDelay> DelayOf(std::optional<absl::Time> through, absl::Time now,
                                     int tolerated_days) {
  if (!through) return DeliveryDelay{};
  const absl::CivilDay last = CivilDayAt(*through);
  const int64_t days = CivilDayAt(now) - last;
  if (days <= tolerated_days) return std::nullopt;
  return DeliveryDelay{.last_delivery = last, .days = days};
}

std::string DelaySentence(const DeliveryDelay& delay) {
  constexpr std::string_view kThen =
      "届いていない資格があるかもしれません。該当なしでも無保険とは限らないので、保険者に資格を確か"
      "めるか、被保険者資格申立書を書いてもらってください。";
  if (!delay.last_delivery) {
    return fmt::format("この保険者の資格情報は、一件も届いていません。{}", kThen);
  }
  return fmt::format("この保険者の資格情報は{}年{}月{}日の送信が最後で、{}日間届いていません。{}",
                     delay.last_delivery->year(), delay.last_delivery->month(),
                     delay.last_delivery->day(), delay.days, kThen);
}

}  // namespace kakunin
