#include "domain/month_record.h"

#include <cstdint>
#include <limits>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

constexpr size_t kLengthsOctets = 9;               // source, and the lengths of both parts
constexpr size_t kDigestsAt = kLengthsOctets + 4;  // after the day
constexpr size_t kHeadOctets = kDigestsAt + 2 * kEntryDigestOctets;
constexpr int32_t kNoDay = std::numeric_limits<int32_t>::min();

void PutNumber(std::string& out, size_t number) {
  const auto bits = static_cast<uint32_t>(number);
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(bits >> shift));
}

uint32_t NumberAt(std::string_view octets, size_t at) {
  uint32_t bits = 0;
  for (int i = 3; i >= 0; --i) bits = bits << 8 | static_cast<uint8_t>(octets[at + i]);
  return bits;
}

std::optional<absl::CivilDay> DayAt(std::string_view octets, size_t at) {
  const auto number = static_cast<int32_t>(NumberAt(octets, at));
  return number == kNoDay ? std::nullopt : std::optional(DayFromNumber(number));
}

}  // namespace

std::string EncodeMonthRecord(std::span<const RecordEntry> entries, HashFunction hash) {
  std::string out;
  const auto put_digest = [&](std::string_view part) {
    const Digest32 digest = hash(part);
    out.append(digest.begin(), digest.begin() + kEntryDigestOctets);
  };
  for (const RecordEntry& entry : entries) {
    out.push_back(static_cast<char>(entry.source));
    PutNumber(out, entry.body.size());
    PutNumber(out, entry.facilities.size());
    PutNumber(out, entry.reckoned ? DayNumber(*entry.reckoned) : kNoDay);
    put_digest(entry.body);
    put_digest(entry.facilities);
    out.append(entry.body).append(entry.facilities);
  }
  return out;
}

absl::StatusOr<std::vector<RecordEntry>> DecodeMonthRecord(std::string_view octets) {
  std::vector<RecordEntry> entries;
  while (!octets.empty()) {
    const auto broken = [] {
      return absl::DataLossError("month record is not in the expected format");
    };
    if (octets.size() < kHeadOctets) return broken();
    const size_t body = NumberAt(octets, 1);
    const size_t facilities = NumberAt(octets, 5);
    if (octets.size() - kHeadOctets < body || octets.size() - kHeadOctets - body < facilities) {
      return broken();
    }
    entries.push_back(
        {.source = static_cast<uint8_t>(octets[0]),
         .body = octets.substr(kHeadOctets, body),
         .facilities = octets.substr(kHeadOctets + body, facilities),
         .reckoned = DayAt(octets, kLengthsOctets),
         .body_digest = octets.substr(kDigestsAt, kEntryDigestOctets),
         .facilities_digest = octets.substr(kDigestsAt + kEntryDigestOctets, kEntryDigestOctets)});
    octets.remove_prefix(kHeadOctets + body + facilities);
  }
  return entries;
}

}  // namespace kakunin
