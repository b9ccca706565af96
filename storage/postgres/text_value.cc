#include "storage/postgres/text_value.h"

#include <charconv>

namespace kakunin {
namespace {

constexpr char kInstantFormat[] = "%E4Y-%m-%d %H:%M:%E6S+00";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int IntAt(std::string_view text, size_t begin, size_t length) {
  int value = 0;
  if (begin + length <= text.size()) {
    std::from_chars(text.data() + begin, text.data() + begin + length, value);
  }
  return value;
}

}  // namespace

std::string HexText(std::string_view octets) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(octets.size() * 2);
  for (const char c : octets) {
    const auto octet = static_cast<uint8_t>(c);
    text.push_back(kHex[octet >> 4]);
    text.push_back(kHex[octet & 15]);
  }
  return text;
}

std::string OctetsFromHex(std::string_view text) {
  std::string octets;
  octets.reserve(text.size() / 2);
  int high = -1;
  for (const char c : text) {
    if (c == '-') continue;
    const int digit = HexDigit(c);
    if (digit < 0) break;
    if (high < 0) {
      high = digit;
    } else {
      octets.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return octets;
}

std::string ByteaText(std::string_view octets) { return "\\x" + HexText(octets); }

std::string ByteaFromText(std::string_view text) {
  return text.starts_with("\\x") ? OctetsFromHex(text.substr(2)) : std::string();
}

std::string InstantText(absl::Time at) {
  if (at == absl::InfiniteFuture()) return "infinity";
  if (at == absl::InfinitePast()) return "-infinity";
  return absl::FormatTime(kInstantFormat, at, absl::UTCTimeZone());
}

absl::Time InstantFromText(std::string_view text) {
  if (text == "infinity") return absl::InfiniteFuture();
  if (text == "-infinity") return absl::InfinitePast();
  const absl::CivilSecond second(IntAt(text, 0, 4), IntAt(text, 5, 2), IntAt(text, 8, 2),
                                 IntAt(text, 11, 2), IntAt(text, 14, 2), IntAt(text, 17, 2));
  int micros = 0;
  if (text.size() > 19 && text[19] == '.') {
    int scale = 1'000'000;
    for (size_t i = 20; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
      micros = micros * 10 + (text[i] - '0');
      scale /= 10;
    }
    micros *= scale;
  }
  return absl::FromCivil(second, absl::UTCTimeZone()) + absl::Microseconds(micros);
}

std::string DayText(absl::CivilDay day) { return absl::FormatCivilTime(day); }

absl::CivilDay DayFromText(std::string_view text) {
  return absl::CivilDay(IntAt(text, 0, 4), IntAt(text, 5, 2), IntAt(text, 8, 2));
}

std::string TextArray(std::span<const std::string> elements) {
  std::string text = "{";
  for (const std::string& element : elements) {
    if (text.size() > 1) text.push_back(',');
    text.push_back('"');
    for (const char c : element) {
      if (c == '"' || c == '\\') text.push_back('\\');
      text.push_back(c);
    }
    text.push_back('"');
  }
  text.push_back('}');
  return text;
}

}  // namespace kakunin
