#pragma once

#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

namespace kakunin {

// IsAbsent tells an unset date from a wrong one: an unset field reads as 0-0-0.
bool IsAbsent(const google::type::Date& date);

// DayFromProto reads a whole, real day; empty for anything else, a month alone included.
std::optional<absl::CivilDay> DayFromProto(const google::type::Date& date);

google::type::Date DayToProto(absl::CivilDay day);

// TimeToProto writes `instant`, cut to the microseconds that every stored instant has.
google::protobuf::Timestamp TimeToProto(absl::Time instant);
absl::Time TimeFromProto(const google::protobuf::Timestamp& timestamp);

}  // namespace kakunin
