#include "server/rpc/convert_date.h"

#include "domain/civil_day.h"

namespace kakunin {

bool IsAbsent(const google::type::Date& date) {
  return date.year() == 0 && date.month() == 0 && date.day() == 0;
}

std::optional<absl::CivilDay> DayFromProto(const google::type::Date& date) {
  if (!IsRealDay(date.year(), date.month(), date.day())) return std::nullopt;
  return absl::CivilDay(date.year(), date.month(), date.day());
}

google::type::Date DayToProto(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

google::protobuf::Timestamp TimeToProto(absl::Time instant) {
  const int64_t micros = absl::ToUnixMicros(instant);
  int64_t seconds = micros / 1'000'000;
  int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    --seconds;
    rest += 1'000'000;
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int>(rest * 1000));
  return timestamp;
}

absl::Time TimeFromProto(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

}  // namespace kakunin
