#pragma once

#include <google/protobuf/generated_enum_reflection.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/error.h"
#include "domain/person_id.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

namespace kakunin {

// FieldErrors collects what is wrong with a request, so that the caller learns everything at once.
// It never holds a value. One thread at a time.
class FieldErrors {
 public:
  // Add keeps the first kMostViolations: a message of nothing but faults must not grow by a hundred
  // times on its way back.
  void Add(std::string field, std::string_view description);
  static constexpr size_t kMostViolations = 100;
  bool empty() const { return violations_.empty(); }
  const std::vector<FieldViolation>& violations() const { return violations_; }

  // ToStatus is OK when nothing was added, else INVALID_FIELDS with all of it.
  absl::Status ToStatus() const;

 private:
  std::vector<FieldViolation> violations_;
};

// The sentences that a clerk or an insurer's operator reads beside a field's name.
inline constexpr std::string_view kFieldMissing = "必須の項目です。入力してください。";
inline constexpr std::string_view kFieldNotADay = "存在する年月日を西暦で入力してください。";
inline constexpr std::string_view kFieldNotAChoice = "決められた値から選んでください。";
inline constexpr std::string_view kFieldNotAUuid = "UUIDの形式で指定してください。";
inline constexpr std::string_view kFieldMalformed = "形式が正しくありません。";

// FieldAt is the path of one element: FieldAt("decisions", 2, "kind") is "decisions[2].kind"; with
// an empty `field` it is the element itself.
std::string FieldAt(std::string_view repeated, int index, std::string_view field = {});

// RequiredDay and OptionalDay read a whole, real day. An absent optional one is no error.
std::optional<absl::CivilDay> RequiredDay(FieldErrors& errors, std::string_view field,
                                          const google::type::Date& date);
std::optional<absl::CivilDay> OptionalDay(FieldErrors& errors, std::string_view field,
                                          const google::type::Date& date);

// RequiredEnum reads a value that the API knows and that is not UNSPECIFIED. The enumerations of
// domain/ carry the API's numbers (tests/unit/rpc/enum_numbers_test.cc).
template <class DomainEnum, class ApiEnum>
std::optional<DomainEnum> RequiredEnum(FieldErrors& errors, std::string_view field, ApiEnum value) {
  const int number = static_cast<int>(value);
  if (number == 0) {
    errors.Add(std::string(field), kFieldMissing);
    return std::nullopt;
  }
  if (google::protobuf::GetEnumDescriptor<ApiEnum>()->FindValueByNumber(number) == nullptr) {
    errors.Add(std::string(field), kFieldNotAChoice);
    return std::nullopt;
  }
  return static_cast<DomainEnum>(number);
}

// OptionalEnum is RequiredEnum that lets UNSPECIFIED through as an empty result.
template <class DomainEnum, class ApiEnum>
std::optional<DomainEnum> OptionalEnum(FieldErrors& errors, std::string_view field, ApiEnum value) {
  if (static_cast<int>(value) == 0) return std::nullopt;
  return RequiredEnum<DomainEnum>(errors, field, value);
}

// ParseUuid reads 8-4-4-4-12 hexadecimal digits of either case; empty for anything else and for
// the nil UUID, which stands for "none" in stored rows.
std::optional<std::array<uint8_t, 16>> ParseUuid(std::string_view text);

// RequiredUuid and OptionalUuid read an id such as RequestId or FeedId.
template <class Id>
std::optional<Id> OptionalUuid(FieldErrors& errors, std::string_view field, std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto octets = ParseUuid(text);
  if (!octets) {
    errors.Add(std::string(field), kFieldNotAUuid);
    return std::nullopt;
  }
  return Id{*octets};
}
template <class Id>
std::optional<Id> RequiredUuid(FieldErrors& errors, std::string_view field, std::string_view text) {
  if (text.empty()) errors.Add(std::string(field), kFieldMissing);
  return OptionalUuid<Id>(errors, field, text);
}

// RequiredText and OptionalText check that `text` is well-formed UTF-8 without control characters
// other than white space and has at most `most` characters (code points); RequiredText also that it
// is not blank. For what others have written, as it is: addresses, drugs.
bool RequiredText(FieldErrors& errors, std::string_view field, std::string_view text, size_t most);
bool OptionalText(FieldErrors& errors, std::string_view field, std::string_view text, size_t most);

// RequiredLine and OptionalLine want a text of one line, without tabs too: nobody sees them in a
// form, and a log or another system's file breaks at them. For names, references and numbers.
bool RequiredLine(FieldErrors& errors, std::string_view field, std::string_view text, size_t most);
bool OptionalLine(FieldErrors& errors, std::string_view field, std::string_view text, size_t most);

// OptionalInstant reads an instant of the years 1 to 9999. An absent one (null) is no error.
std::optional<absl::Time> OptionalInstant(FieldErrors& errors, std::string_view field,
                                          const google::protobuf::Timestamp* instant);

// RequiredDigits checks for exactly `count` ASCII digits.
bool RequiredDigits(FieldErrors& errors, std::string_view field, std::string_view text,
                    size_t count);

// RequiredOctets checks the length of a bytes field.
bool RequiredOctets(FieldErrors& errors, std::string_view field, std::string_view octets,
                    size_t least, size_t most);

}  // namespace kakunin
