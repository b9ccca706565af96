#include <fmt/format.h>

#include "server/config/config_fields.h"

namespace kakunin {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string DayText(absl::CivilDay day) {
  return fmt::format("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
}

// TomlPrinter writes what it is shown. Values that are empty are left out: they mean "none".
class TomlPrinter final : public ConfigVisitor {
 public:
  bool Begin(std::string_view section, Need need, bool held) override {
    if (need == Need::kOptional && !held) return false;
    section_ = section_.empty() ? std::string(section) : fmt::format("{}.{}", section_, section);
    text_ += fmt::format("{}[{}]\n", text_.empty() ? "" : "\n", section_);
    return true;
  }
  void End() override {
    const size_t dot = section_.rfind('.');
    section_.resize(dot == std::string::npos ? 0 : dot);
  }

  size_t Rows(std::string_view, size_t held) override { return held; }
  bool BeginRow(std::string_view section, size_t) override {
    section_ = fmt::format("{}.{}", section_, section);
    text_ += fmt::format("\n[[{}]]\n", section_);
    return true;
  }

  void Text(std::string_view key, std::string& value, Need) override {
    if (!value.empty()) Line(key, Quoted(value));
  }
  void Path(std::string_view key, std::filesystem::path& value, Need) override {
    if (!value.empty()) Line(key, Quoted(value.string()));
  }
  void Integer(std::string_view key, int& value, Range<int>) override {
    Line(key, fmt::format("{}", value));
  }
  void Duration(std::string_view key, absl::Duration& value, Range<absl::Duration>) override {
    Line(key, Quoted(absl::FormatDuration(value)));
  }
  void Flag(std::string_view key, bool& value) override { Line(key, value ? "true" : "false"); }
  void Day(std::string_view key, absl::CivilDay& value) override { Line(key, DayText(value)); }
  void OptionalDay(std::string_view key, std::optional<absl::CivilDay>& value) override {
    if (value) Line(key, DayText(*value));
  }
  void Days(std::string_view key, std::vector<absl::CivilDay>& value) override {
    std::vector<std::string> days;
    days.reserve(value.size());
    for (const absl::CivilDay day : value) days.push_back(DayText(day));
    Line(key, fmt::format("[{}]", fmt::join(days, ", ")));
  }
  void Texts(std::string_view key, std::vector<std::string>& value, Need) override {
    std::vector<std::string> quoted;
    quoted.reserve(value.size());
    for (const std::string& item : value) quoted.push_back(Quoted(item));
    Line(key, fmt::format("[{}]", fmt::join(quoted, ", ")));
  }
  void Choice(std::string_view key, size_t& value, const std::vector<std::string>& names,
              Need) override {
    Line(key, Quoted(names[value]));
  }
  void Fault(std::string_view, std::string) override {}

  std::string text() && { return std::move(text_); }

 private:
  void Line(std::string_view key, std::string_view value) {
    text_ += fmt::format("{} = {}\n", key, value);
  }

  std::string section_;
  std::string text_;
};

}  // namespace

std::string PrintConfig(const Config& config) {
  Config copy = config;
  TomlPrinter printer;
  VisitConfig(copy, printer);
  return std::move(printer).text();
}

}  // namespace kakunin
