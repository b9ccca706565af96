#include "auth/der_reader.h"

#include <algorithm>

namespace kakunin::auth {
namespace {

constexpr uint8_t kConstructedBit = 0x20;
constexpr uint8_t kClassMask = 0xc0;
constexpr uint8_t kContextClass = 0x80;
constexpr uint8_t kNumberMask = 0x1f;
constexpr uint8_t kNumericString = 0x12;
constexpr uint8_t kVisibleString = 0x1a;
constexpr uint8_t kBmpString = 0x1e;

bool IsValidOid(DerBytes content) {
  if (content.empty() || (content.back() & 0x80) != 0) return false;
  bool at_start = true;
  for (const uint8_t octet : content) {
    if (at_start && octet == 0x80) return false;
    at_start = (octet & 0x80) == 0;
  }
  return true;
}

bool IsValidBitString(DerBytes content) {
  if (content.empty() || content[0] > 7) return false;
  const uint8_t spare = content[0];
  if (content.size() == 1) return spare == 0;
  return (content.back() & ((1u << spare) - 1)) == 0;
}

bool IsContinuation(DerBytes content, size_t at) {
  return at < content.size() && (content[at] & 0xc0) == 0x80;
}

// The length of the well-formed UTF-8 sequence at `at` (no overlong form, no surrogate), or 0.
size_t Utf8SequenceLength(DerBytes content, size_t at) {
  const uint8_t lead = content[at];
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(content, at + i)) return 0;
  }
  const uint8_t second = content[at + 1];
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
      (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return length;
}

// A NUL inside a name is the classic way to show one name and mean another: refused everywhere.
bool IsValidUtf8(DerBytes content) {
  for (size_t i = 0; i < content.size();) {
    const size_t length = Utf8SequenceLength(content, i);
    if (length == 0 || content[i] == 0) return false;
    i += length;
  }
  return true;
}

bool IsAscii(DerBytes content) {
  return std::all_of(content.begin(), content.end(), [](uint8_t c) { return c != 0 && c < 0x80; });
}

bool IsPrintable(DerBytes content) {
  return std::all_of(content.begin(), content.end(), [](uint8_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view(" '()+,-./:=?").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool IsValidBmp(DerBytes content) {
  if (content.size() % 2 != 0) return false;
  for (size_t i = 0; i < content.size(); i += 2) {
    if (content[i] == 0 && content[i + 1] == 0) return false;
    if (content[i] >= 0xd8 && content[i] <= 0xdf) return false;
  }
  return true;
}

bool IsValidUniversalPrimitive(uint8_t tag, DerBytes content) {
  switch (tag) {
    case der::kBoolean:
      return content.size() == 1 && (content[0] == 0x00 || content[0] == 0xff);
    case der::kInteger:
    case der::kEnumerated:
      return IsMinimalInteger(content);
    case der::kBitString:
      return IsValidBitString(content);
    case der::kOctetString:
      return true;
    case der::kNull:
      return content.empty();
    case der::kOid:
      return IsValidOid(content);
    case der::kUtf8String:
      return IsValidUtf8(content);
    case der::kPrintableString:
      return IsPrintable(content);
    case der::kIa5String:
    case kNumericString:
    case kVisibleString:
    case der::kUtcTime:
    case der::kGeneralizedTime:
      return IsAscii(content);
    case kBmpString:
      return IsValidBmp(content);
    default:
      return false;
  }
}

// X.690 11.6: SET OF elements ascend as octet strings, the shorter padded with zero octets, which
// for encodings (never prefixes of one another) is the plain lexicographic order.
bool AscendsFrom(DerBytes previous, DerBytes next) {
  return !std::lexicographical_compare(next.begin(), next.end(), previous.begin(), previous.end());
}

bool IsStrictElements(DerBytes input, bool sorted, int depth) {
  if (depth > kMaxDerDepth) return false;
  DerReader reader(input);
  DerBytes previous;
  while (!reader.empty()) {
    const std::optional<DerElement> element = reader.ReadAny();
    if (!element) return false;
    if (sorted && !AscendsFrom(previous, element->encoded)) return false;
    previous = element->encoded;
    const uint8_t tag = element->tag;
    const uint8_t tag_class = tag & kClassMask;
    if (tag_class == 0) {
      if (tag == der::kSequence || tag == der::kSet) {
        if (!IsStrictElements(element->content, tag == der::kSet, depth + 1)) return false;
      } else if (!IsValidUniversalPrimitive(tag, element->content)) {
        return false;
      }
    } else if (tag_class != kContextClass) {
      return false;
    } else if ((tag & kConstructedBit) != 0 &&
               !IsStrictElements(element->content, false, depth + 1)) {
      return false;
    }
  }
  return true;
}

std::optional<int> TwoDigits(DerBytes text, size_t at) {
  const int high = text[at] - '0';
  const int low = text[at + 1] - '0';
  if (high < 0 || high > 9 || low < 0 || low > 9) return std::nullopt;
  return high * 10 + low;
}

int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Days since 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that the
// leap day is the last.
int64_t DaysSinceEpoch(int year, int month, int day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = y / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

}  // namespace

std::optional<DerElement> DerReader::ReadAny() {
  if (rest_.size() < 2 || (rest_[0] & kNumberMask) == kNumberMask) return std::nullopt;
  size_t length = rest_[1];
  size_t header = 2;
  if (length >= 0x80) {
    const size_t octets = length & 0x7f;
    if (octets == 0 || octets > 4 || rest_.size() < 2 + octets) return std::nullopt;
    length = 0;
    for (size_t i = 0; i < octets; ++i) length = length << 8 | rest_[2 + i];
    // Minimal: no leading zero octet, no long form of a short length.
    if (rest_[2] == 0 || length < 0x80) return std::nullopt;
    header += octets;
  }
  if (rest_.size() - header < length) return std::nullopt;
  const DerElement element{rest_[0], rest_.subspan(header, length), rest_.first(header + length)};
  rest_ = rest_.subspan(header + length);
  return element;
}

std::optional<DerElement> DerReader::Read(uint8_t tag) {
  if (!NextIs(tag)) return std::nullopt;
  return ReadAny();
}

std::optional<DerElement> ReadWhole(DerBytes input, uint8_t tag) {
  DerReader reader(input);
  std::optional<DerElement> element = reader.Read(tag);
  if (!reader.empty()) return std::nullopt;
  return element;
}

bool IsStrictDer(DerBytes input) {
  DerReader reader(input);
  if (!reader.ReadAny() || !reader.empty()) return false;
  return IsStrictElements(input, /*sorted=*/false, 0);
}

bool IsMinimalInteger(DerBytes content) {
  if (content.empty()) return false;
  if (content.size() == 1) return true;
  const bool next_high = (content[1] & 0x80) != 0;
  return !(content[0] == 0x00 && !next_high) && !(content[0] == 0xff && next_high);
}

std::optional<int64_t> ParseDerTime(const DerElement& element) {
  const DerBytes text = element.content;
  size_t at = 0;
  int year = 0;
  if (element.tag == der::kUtcTime && text.size() == 13) {
    const std::optional<int> two = TwoDigits(text, 0);
    if (!two) return std::nullopt;
    year = *two < 50 ? 2000 + *two : 1900 + *two;
    at = 2;
  } else if (element.tag == der::kGeneralizedTime && text.size() == 15) {
    const std::optional<int> century = TwoDigits(text, 0);
    const std::optional<int> two = TwoDigits(text, 2);
    if (!century || !two) return std::nullopt;
    year = *century * 100 + *two;
    if (year < 2050) return std::nullopt;
    at = 4;
  } else {
    return std::nullopt;
  }
  int fields[5];  // month, day, hour, minute, second
  for (int& field : fields) {
    const std::optional<int> two = TwoDigits(text, at);
    if (!two) return std::nullopt;
    field = *two;
    at += 2;
  }
  const auto [month, day, hour, minute, second] = fields;
  if (text[at] != 'Z' || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month) ||
      hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  return ((DaysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

}  // namespace kakunin::auth
