#include "server/usecases/record_details.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace kakunin {
namespace {

constexpr std::string_view kMarks = ";consents:";
constexpr std::string_view kTerminal = ";terminal:";

// What stands behind `name` up to the next ";".
std::optional<std::string_view> PartOf(std::string_view details, std::string_view name) {
  const size_t at = details.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  details.remove_prefix(at + name.size());
  return details.substr(0, details.find(';'));
}

// Takes what stands before the next `end` off the front of `text`.
std::string_view TakeUntil(char end, std::string_view& text) {
  const std::string_view taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), taken.size() + 1));
  return taken;
}

template <class Number>
std::optional<Number> NumberFrom(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<ConsentMark> MarkFrom(std::string_view text) {
  const auto kind = NumberFrom<int>(TakeUntil('@', text));
  const auto begin = NumberFrom<int64_t>(TakeUntil('@', text));
  if (!kind || *kind < 1 || *kind > kRecordKinds || !begin) return std::nullopt;
  ConsentMark mark{.kind = static_cast<RecordKind>(*kind), .begin = absl::FromUnixMicros(*begin)};
  if (text.empty()) return mark;
  absl::CivilDay booking;
  if (!absl::ParseCivilTime({text.data(), text.size()}, &booking)) return std::nullopt;
  mark.booking = booking;
  return mark;
}

}  // namespace

std::string MarksText(const std::vector<ConsentMark>& marks) {
  std::string text(kMarks);
  for (const ConsentMark& mark : marks) {
    text += fmt::format("{}{}@{}", text.size() > kMarks.size() ? "," : "",
                        static_cast<int>(mark.kind), absl::ToUnixMicros(mark.begin));
    if (mark.booking) text += "@" + absl::FormatCivilTime(*mark.booking);
  }
  return text;
}

std::string TerminalText(const Terminal& terminal) {
  return fmt::format("{}{}@{}", kTerminal, static_cast<int>(terminal.kind),
                     static_cast<int>(terminal.facility_type));
}

std::optional<std::vector<ConsentMark>> ReadMarks(std::string_view details) {
  auto text = PartOf(details, kMarks);
  if (!text) return std::nullopt;
  std::vector<ConsentMark> marks;
  while (!text->empty()) {
    const auto mark = MarkFrom(TakeUntil(',', *text));
    if (!mark) return std::nullopt;
    marks.push_back(*mark);
  }
  return marks;
}

std::optional<TerminalThen> ReadTerminal(std::string_view details) {
  auto text = PartOf(details, kTerminal);
  if (!text) return std::nullopt;
  const auto kind = NumberFrom<int>(TakeUntil('@', *text));
  const auto type = NumberFrom<int>(*text);
  if (!kind || !type) return std::nullopt;
  return TerminalThen{.kind = static_cast<TerminalKind>(*kind),
                      .facility_type = static_cast<FacilityType>(*type)};
}

}  // namespace kakunin
