#include "storage/postgres/coverage_json.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>

#include "absl/strings/escaping.h"

namespace kakunin {
namespace {

// ArrayWriter writes an array of flat objects.
class ArrayWriter {
 public:
  void BeginObject() { out_ += out_.size() == 1 ? "{" : ",{"; }
  void EndObject() { out_ += '}'; }
  void Number(std::string_view name, int64_t value) {
    Name(name);
    out_ += std::to_string(value);
  }
  void Text(std::string_view name, std::string_view value) {
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
  void Day(std::string_view name, const std::optional<absl::CivilDay>& day) {
    if (!day) return;
    Text(name, fmt::format("{:04}-{:02}-{:02}", day->year(), day->month(), day->day()));
  }
  std::string Finish() { return std::move(out_) + ']'; }

 private:
  void Name(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    out_ += fmt::format("\"{}\":", name);
  }
  std::string out_ = "[";
};

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
    const size_t end = rest_.find_first_not_of("-0123456789");
    value = rest_.substr(0, end);
    rest_.remove_prefix(value.size());
    return !value.empty();
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
bool Assign(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool Assign(std::string_view text, std::optional<absl::CivilDay>& day) {
  int year = 0;
  int month = 0;
  int day_of_month = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !Assign(text.substr(0, 4), year) ||
      !Assign(text.substr(5, 2), month) || !Assign(text.substr(8, 2), day_of_month)) {
    return false;
  }
  day = absl::CivilDay(year, month, day_of_month);
  return true;
}

template <class Part>
std::optional<std::vector<Part>> ReadParts(std::string_view json,
                                           bool (*assign)(Part&, std::string_view name,
                                                          const std::string& value)) {
  std::vector<Part> parts;
  const bool read = ArrayReader(json).Read([&] { parts.emplace_back(); },
                                           [&](std::string_view name, const std::string& value) {
                                             return assign(parts.back(), name, value);
                                           });
  if (!read) return std::nullopt;
  return parts;
}

bool AssignLimit(LimitCertificate& part, std::string_view name, const std::string& value) {
  if (name == "classification") return Assign(value, part.classification);
  if (name == "issue_date") return Assign(value, part.issue_date);
  if (name == "valid_from") return Assign(value, part.valid_from);
  if (name == "valid_through") return Assign(value, part.valid_through);
  if (name == "long_term_date") return Assign(value, part.long_term_date);
  if (name != "classification_flag") return false;
  part.classification_flag = value;
  return true;
}

bool AssignDisease(SpecificDiseaseCertificate& part, std::string_view name,
                   const std::string& value) {
  if (name == "disease") return Assign(value, part.disease);
  if (name == "issue_date") return Assign(value, part.issue_date);
  if (name == "valid_from") return Assign(value, part.valid_from);
  if (name == "valid_through") return Assign(value, part.valid_through);
  return name == "self_pay_yen" && Assign(value, part.self_pay_yen);
}

bool AssignTicket(MedicalTicket& part, std::string_view name, const std::string& value) {
  if (name == "valid_from") return Assign(value, part.valid_from);
  if (name == "valid_through") return Assign(value, part.valid_through);
  return name == "serialised" && absl::Base64Unescape(value, &part.serialised);
}

}  // namespace

std::string JsonOf(const std::vector<LimitCertificate>& certificates) {
  ArrayWriter writer;
  for (const LimitCertificate& part : certificates) {
    writer.BeginObject();
    writer.Number("classification", part.classification);
    writer.Text("classification_flag", part.classification_flag);
    writer.Day("issue_date", part.issue_date);
    writer.Day("valid_from", part.valid_from);
    writer.Day("valid_through", part.valid_through);
    writer.Day("long_term_date", part.long_term_date);
    writer.EndObject();
  }
  return writer.Finish();
}

std::string JsonOf(const std::vector<SpecificDiseaseCertificate>& certificates) {
  ArrayWriter writer;
  for (const SpecificDiseaseCertificate& part : certificates) {
    writer.BeginObject();
    writer.Number("disease", part.disease);
    writer.Day("issue_date", part.issue_date);
    writer.Day("valid_from", part.valid_from);
    writer.Day("valid_through", part.valid_through);
    writer.Number("self_pay_yen", part.self_pay_yen);
    writer.EndObject();
  }
  return writer.Finish();
}

std::string JsonOf(const std::vector<MedicalTicket>& tickets) {
  ArrayWriter writer;
  for (const MedicalTicket& part : tickets) {
    writer.BeginObject();
    writer.Day("valid_from", part.valid_from);
    writer.Day("valid_through", part.valid_through);
    writer.Text("serialised", absl::Base64Escape(part.serialised));
    writer.EndObject();
  }
  return writer.Finish();
}

std::optional<std::vector<LimitCertificate>> LimitCertificatesFrom(std::string_view json) {
  return ReadParts<LimitCertificate>(json, &AssignLimit);
}

std::optional<std::vector<SpecificDiseaseCertificate>> SpecificDiseaseCertificatesFrom(
    std::string_view json) {
  return ReadParts<SpecificDiseaseCertificate>(json, &AssignDisease);
}

std::optional<std::vector<MedicalTicket>> MedicalTicketsFrom(std::string_view json) {
  return ReadParts<MedicalTicket>(json, &AssignTicket);
}

}  // namespace kakunin
