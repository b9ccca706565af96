#include "storage/postgres/json_array.h"

#include <fmt/format.h>

#include <charconv>

namespace kakunin {
namespace {

// ArrayReader reads an array of flat objects of strings and integers, as PostgreSQL prints jsonb.
class ArrayReader {
 public:
  using Member = std::function<bool(std::string_view name, const std::string& value)>;

  explicit ArrayReader(std::string_view json) : rest_(json) {}

  // Read calls `begin` for each object and `member` for each of its members, numbers as their
  // digits; false when the text is anything else.
  bool Read(const std::function<void()>& begin, const Member& member) {
    if (!Take('[')) return false;
    if (Take(']')) return AtEnd();
    do {
      if (!Take('{')) return false;
      begin();
      if (Take('}')) continue;
      do {
        std::string name;
        std::string value;
        if (!ReadText(name) || !Take(':') || !ReadValue(value) || !member(name, value)) {
          return false;
        }
      } while (Take(','));
      if (!Take('}')) return false;
    } while (Take(','));
    return Take(']') && AtEnd();
  }

 private:
  void SkipSpace() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  bool AtEnd() {
    SkipSpace();
    return rest_.empty();
  }
  bool Take(char wanted) {
    SkipSpace();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool ReadValue(std::string& value) {
    SkipSpace();
    if (!rest_.empty() && rest_.front() == '"') return ReadText(value);
    if (Take('[')) return ReadNumbers(value);
    const size_t end = rest_.find_first_not_of("-0123456789");
    value = rest_.substr(0, end);
    rest_.remove_prefix(value.size());
    return !value.empty();
  }
  bool ReadNumbers(std::string& value) {
    const size_t end = rest_.find(']');
    if (end == std::string_view::npos) return false;
    value = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool ReadText(std::string& text) {
    if (!Take('"')) return false;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c != '\\') {
        text += c;
      } else if (!ReadEscape(text)) {
        return false;
      }
    }
    return false;
  }
  bool ReadEscape(std::string& text) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (const size_t at = kLetters.find(c); at != std::string_view::npos) {
      text += kMeanings[at];
      return true;
    }
    // Only control characters are written with a number.
    unsigned code = 0;
    if (c != 'u' || rest_.size() < 4) return false;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + 4, code, 16);
    if (error != std::errc() || end != rest_.data() + 4 || code >= 0x80) return false;
    text += static_cast<char>(code);
    rest_.remove_prefix(4);
    return true;
  }

  std::string_view rest_;
};

template <class Number>
bool AssignNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void JsonArrayWriter::BeginObject() { out_ += out_.size() == 1 ? "{" : ",{"; }

void JsonArrayWriter::Number(std::string_view name, int64_t value) {
  Name(name);
  out_ += std::to_string(value);
}

void JsonArrayWriter::Text(std::string_view name, std::string_view value) {
  Name(name);
  out_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') out_ += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

void JsonArrayWriter::Day(std::string_view name, const std::optional<absl::CivilDay>& day) {
  if (day) Text(name, fmt::format("{:04}-{:02}-{:02}", day->year(), day->month(), day->day()));
}

void JsonArrayWriter::Numbers(std::string_view name, std::span<const int> values) {
  Name(name);
  out_ += '[';
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out_ += ',';
    out_ += std::to_string(values[i]);
  }
  out_ += ']';
}

void JsonArrayWriter::Name(std::string_view name) {
  if (out_.back() != '{') out_ += ',';
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

bool ReadJsonArray(
    std::string_view json, const std::function<void()>& begin,
    const std::function<bool(std::string_view name, const std::string& value)>& member) {
  return ArrayReader(json).Read(begin, member);
}

bool AssignJson(std::string_view text, int& number) { return AssignNumber(text, number); }

bool AssignJson(std::string_view text, int64_t& number) { return AssignNumber(text, number); }

bool AssignJson(std::string_view text, std::optional<absl::CivilDay>& day) {
  int year = 0;
  int month = 0;
  int day_of_month = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' ||
      !AssignNumber(text.substr(0, 4), year) || !AssignNumber(text.substr(5, 2), month) ||
      !AssignNumber(text.substr(8, 2), day_of_month)) {
    return false;
  }
  day = absl::CivilDay(year, month, day_of_month);
  return true;
}

bool AssignJson(std::string_view text, std::vector<int>& numbers) {
  while (!text.empty()) {
    const size_t comma = text.find(',');
    std::string_view one = text.substr(0, comma);
    if (one.starts_with(' ')) one.remove_prefix(1);
    if (!AssignNumber(one, numbers.emplace_back())) return false;
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return true;
}

}  // namespace kakunin
