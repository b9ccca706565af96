#include "server/commands/feed_cell.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "auth/encoding.h"
#include "domain/text/normalise.h"
#include "google/type/date.pb.h"

namespace kakunin {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsDay(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == google::type::Date::descriptor();
}

template <class Number>
std::optional<Number> NumberOf(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// YYYY-MM-DD, YYYY/MM/DD or YYYYMMDD.
std::optional<google::type::Date> DayOfCell(std::string_view text) {
  std::string digits;
  if (text.size() == 10 && text[4] == text[7] && (text[4] == '-' || text[4] == '/')) {
    digits = std::string(text.substr(0, 4)).append(text.substr(5, 2)).append(text.substr(8));
  } else if (text.size() == 8) {
    digits = text;
  }
  if (digits.size() != 8 ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  const int number = *NumberOf<int>(digits);
  const absl::CivilDay day(number / 10000, number / 100 % 100, number % 100);
  if (day.month() != number / 100 % 100 || day.day() != number % 100 || day.year() < 1) {
    return std::nullopt;
  }
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

// A word of the enumeration, with or without its prefix, or its number.
const EnumValueDescriptor* WordOfCell(const EnumDescriptor& words, std::string_view text) {
  std::string word(text);
  std::transform(word.begin(), word.end(), word.begin(), [](char c) {
    return c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  });
  constexpr std::string_view kNone = "UNSPECIFIED";
  const std::string& none = words.value(0)->name();
  const EnumValueDescriptor* value = words.FindValueByName(word);
  if (value == nullptr) {
    value = words.FindValueByName(none.substr(0, none.size() - kNone.size()) + word);
  }
  if (value == nullptr) {
    if (const auto number = NumberOf<int>(text)) value = words.FindValueByNumber(*number);
  }
  return value != nullptr && value->number() == 0 ? nullptr : value;
}

std::optional<bool> YesOrNo(std::string_view text) {
  if (text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  return std::nullopt;
}

// Sets or adds one value; what is wrong, or nothing.
std::string_view SetOne(const FieldDescriptor& field, std::string_view text, Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const bool add = field.is_repeated();
  const std::string_view trimmed = TrimWhiteSpace(text);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        auto octets = auth::HexDecode(trimmed);
        if (!octets) return "not hexadecimal digits, two an octet";
        reflection.SetString(&message, &field, *std::move(octets));
        return {};
      }
      std::string value(text);
      add ? reflection.AddString(&message, &field, std::move(value))
          : reflection.SetString(&message, &field, std::move(value));
      return {};
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto day = DayOfCell(trimmed);
      if (!day) return "not a day: write YYYY-MM-DD";
      (add ? reflection.AddMessage(&message, &field) : reflection.MutableMessage(&message, &field))
          ->CopyFrom(*day);
      return {};
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor* word = WordOfCell(*field.enum_type(), trimmed);
      if (word == nullptr) return "not one of the words or numbers of this column";
      reflection.SetEnum(&message, &field, word);
      return {};
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      const auto value = YesOrNo(trimmed);
      if (!value) return "neither 1 nor 0";
      reflection.SetBool(&message, &field, *value);
      return {};
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      const auto number = NumberOf<int32_t>(trimmed);
      if (!number) return "not a whole number";
      reflection.SetInt32(&message, &field, *number);
      return {};
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      const auto number = NumberOf<int64_t>(trimmed);
      if (!number) return "not a whole number";
      reflection.SetInt64(&message, &field, *number);
      return {};
    }
    default:
      return "a column of a kind that no table has";
  }
}

}  // namespace

bool IsFeedLeaf(const FieldDescriptor& field) {
  if (IsDay(field)) return true;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return false;
  return !field.is_repeated() || field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

std::string_view SetFeedCell(const FieldDescriptor& field, std::string_view text,
                             Message& message) {
  if (!field.is_repeated()) return SetOne(field, text, message);
  for (;;) {
    const size_t end = std::min(text.find('|'), text.size());
    const std::string_view wrong = SetOne(field, text.substr(0, end), message);
    if (!wrong.empty() || end == text.size()) return wrong;
    text.remove_prefix(end + 1);
  }
}

}  // namespace kakunin
