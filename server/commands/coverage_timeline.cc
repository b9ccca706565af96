#include "server/commands/coverage_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "absl/time/time.h"
#include "domain/civil_day.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

using Versions = google::protobuf::RepeatedPtrField<v1::CoverageVersion>;

constexpr int kBarColumns = 48;

absl::CivilDay First(const v1::CoverageVersion& version) {
  return DayFromProto(version.qualification_date()).value_or(absl::CivilDay());
}

// The first day NOT covered.
std::optional<absl::CivilDay> End(const v1::CoverageVersion& version) {
  if (!version.has_disqualification_date()) return std::nullopt;
  return DayFromProto(version.disqualification_date());
}

// Axis is the days that the bars stand for: a tenth more than what is told, so that what begins or
// runs on is seen to.
struct Axis {
  absl::CivilDay from;
  absl::CivilDay to;

  int Column(absl::CivilDay day) const {
    const auto columns = (day - from) * kBarColumns / std::max<absl::civil_diff_t>(to - from, 1);
    return static_cast<int>(std::clamp<absl::civil_diff_t>(columns, 0, kBarColumns - 1));
  }
};

Axis AxisOf(const Versions& versions, absl::CivilDay day) {
  Axis axis{day, day + 1};
  for (const v1::CoverageVersion& version : versions) {
    axis.from = std::min(axis.from, First(version));
    axis.to = std::max({axis.to, First(version) + 1, End(version).value_or(axis.to)});
  }
  const auto margin = (axis.to - axis.from) / 10 + 1;
  return {axis.from - margin, axis.to + margin};
}

std::string Bar(const v1::CoverageVersion& version, const Axis& axis, absl::CivilDay day) {
  std::string bar(kBarColumns, '.');
  const auto end = End(version);
  const int last = end ? axis.Column(*end) : kBarColumns;
  // Acquired and lost on one day covers none and does occur.
  for (int column = axis.Column(First(version)); column < last; ++column) bar[column] = '=';
  if (!end) bar.back() = '>';
  bar[axis.Column(day)] = '|';
  return bar;
}

std::string DayText(absl::CivilDay day) { return absl::FormatCivilTime(day); }

std::string InstantText(const google::protobuf::Timestamp& instant) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(instant), JapanTime());
}

// What one version says, in words.
std::string Words(const v1::CoverageVersion& version) {
  std::string words = DayText(First(version)) + " -";
  if (const auto end = End(version)) words += " " + DayText(*end - 1);
  if (version.has_partial_contribution_percent()) {
    words += fmt::format("  {}%", version.partial_contribution_percent());
  }
  words += "  送信 (feed) ";
  if (version.feed_kind() > v1::FEED_KIND_COVERAGES) {
    words += v1::FeedKind_Name(version.feed_kind()).substr(sizeof("FEED_KIND_") - 1) + " ";
  }
  words += std::to_string(version.feed_number());
  if (version.feed_state() == v1::FEED_STATE_UNDONE) words += " 取消済み (undone)";
  if (!version.visible()) words += "  非表示 (hidden)";
  return words;
}

}  // namespace

std::string DrawTimeline(const Versions& versions, absl::CivilDay day) {
  const Axis axis = AxisOf(versions, day);
  std::string drawn = fmt::format("{:52}{:<24}{:>24}\n", "", DayText(axis.from), DayText(axis.to));
  std::string heading;
  for (const v1::CoverageVersion& version : versions) {
    const std::string of = fmt::format("{}: {} {}", version.person(), version.insurer_number(),
                                       version.coverage_reference());
    if (of != heading) drawn += of + "\n";
    heading = of;
    drawn += fmt::format("  {}{} {} - {:19}  {}  {}\n", version.known() ? '*' : ' ',
                         version.covers() ? '+' : ' ', InstantText(version.known_from()),
                         version.has_known_to() ? InstantText(version.known_to()) : "",
                         Bar(version, axis, day), Words(version));
  }
  return drawn;
}

}  // namespace kakunin
