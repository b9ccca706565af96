#include "server/rpc/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/text/normalise.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

size_t CountCodePoints(std::string_view utf8) {
  return static_cast<size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char octet) { return (octet & 0xC0) != 0x80; }));
}

// Of well-formed UTF-8: U+0000 to U+001F, U+007F to U+009F.
bool HasControlCharacter(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<uint8_t>(text[i]);
    if (octet < 0x20 || octet == 0x7F) return true;
    if (octet == 0xC2 && static_cast<uint8_t>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

}  // namespace

void FieldErrors::Add(std::string field, std::string_view description) {
  if (violations_.size() == kMostViolations) return;
  violations_.push_back({std::move(field), std::string(description)});
}

absl::Status FieldErrors::ToStatus() const {
  return violations_.empty() ? absl::OkStatus() : InvalidFields(violations_);
}

std::string FieldAt(std::string_view repeated, int index, std::string_view field) {
  return field.empty() ? fmt::format("{}[{}]", repeated, index)
                       : fmt::format("{}[{}].{}", repeated, index, field);
}

std::optional<absl::CivilDay> RequiredDay(FieldErrors& errors, std::string_view field,
                                          const google::type::Date& date) {
  if (IsAbsent(date)) errors.Add(std::string(field), kFieldMissing);
  return OptionalDay(errors, field, date);
}

std::optional<absl::CivilDay> OptionalDay(FieldErrors& errors, std::string_view field,
                                          const google::type::Date& date) {
  if (IsAbsent(date)) return std::nullopt;
  auto day = DayFromProto(date);
  if (!day) errors.Add(std::string(field), kFieldNotADay);
  return day;
}

std::optional<std::array<uint8_t, 16>> ParseUuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kShape.size()) return std::nullopt;
  std::array<uint8_t, 16> octets{};
  size_t digits = 0;
  for (size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '-') {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return std::nullopt;
    octets[digits / 2] = static_cast<uint8_t>(octets[digits / 2] << 4 | value);
    ++digits;
  }
  if (octets == std::array<uint8_t, 16>{}) return std::nullopt;
  return octets;
}

bool OptionalText(FieldErrors& errors, std::string_view field, std::string_view text, size_t most) {
  // FoldForSearch is the one judge of well-formed text without control characters.
  if (!FoldForSearch(text)) {
    errors.Add(std::string(field), "使えない文字が含まれています。");
    return false;
  }
  if (CountCodePoints(text) > most) {
    errors.Add(std::string(field), fmt::format("{}文字以内で入力してください。", most));
    return false;
  }
  return true;
}

bool RequiredText(FieldErrors& errors, std::string_view field, std::string_view text, size_t most) {
  if (TrimWhiteSpace(text).empty()) {
    errors.Add(std::string(field), kFieldMissing);
    return false;
  }
  return OptionalText(errors, field, text, most);
}

bool OptionalLine(FieldErrors& errors, std::string_view field, std::string_view text, size_t most) {
  if (!OptionalText(errors, field, text, most)) return false;
  if (!HasControlCharacter(text)) return true;
  errors.Add(std::string(field), "タブや改行などは使えません。");
  return false;
}

bool RequiredLine(FieldErrors& errors, std::string_view field, std::string_view text, size_t most) {
  if (TrimWhiteSpace(text).empty()) {
    errors.Add(std::string(field), kFieldMissing);
    return false;
  }
  return OptionalLine(errors, field, text, most);
}

std::optional<absl::Time> OptionalInstant(FieldErrors& errors, std::string_view field,
                                          const google::protobuf::Timestamp* instant) {
  if (instant == nullptr) return std::nullopt;
  constexpr int64_t kYear1 = -62'135'596'800;
  constexpr int64_t kYear10000 = 253'402'300'800;
  if (instant->seconds() < kYear1 || instant->seconds() >= kYear10000 || instant->nanos() < 0 ||
      instant->nanos() > 999'999'999) {
    errors.Add(std::string(field), kFieldMalformed);
    return std::nullopt;
  }
  return TimeFromProto(*instant);
}

bool RequiredDigits(FieldErrors& errors, std::string_view field, std::string_view text,
                    size_t count) {
  if (text.empty()) {
    errors.Add(std::string(field), kFieldMissing);
    return false;
  }
  const bool right = text.size() == count && std::all_of(text.begin(), text.end(), [](char c) {
                       return c >= '0' && c <= '9';
                     });
  if (!right)
    errors.Add(std::string(field), fmt::format("半角数字{}桁で入力してください。", count));
  return right;
}

bool RequiredOctets(FieldErrors& errors, std::string_view field, std::string_view octets,
                    size_t least, size_t most) {
  if (octets.empty()) {
    errors.Add(std::string(field), kFieldMissing);
    return false;
  }
  const bool right = octets.size() >= least && octets.size() <= most;
  if (!right) errors.Add(std::string(field), kFieldMalformed);
  return right;
}

}  // namespace kakunin
