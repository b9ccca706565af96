#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "domain/civil_day.h"
#include "server/config/closest_word.h"
#include "server/config/config_fields.h"
#include "server/config/toml_library.h"

namespace kakunin {
namespace {

// TomlReader fills a configuration from a parsed file and collects every fault with its line.
class TomlReader final : public ConfigVisitor {
 public:
  TomlReader(const toml::table& root, const std::filesystem::path& name)
      : name_(name.string()), folder_(std::filesystem::absolute(name).parent_path()) {
    open_.push_back({.table = &root, .line = 1});
  }

  bool Begin(std::string_view section, Need need, bool /*held*/) override {
    open_.back().known.emplace_back(section);
    const toml::node* node = Node(section);
    if (node == nullptr && need != Need::kDefault) {
      if (need == Need::kRequired) {
        Report(open_.back().line, fmt::format("section [{}] is missing: see `kakunin config "
                                              "example`",
                                              Named(section)));
      }
      return false;
    }
    if (node != nullptr && !node->is_table()) {
      Report(LineOf(*node),
             fmt::format("{} must be a section: write [{}]", section, Named(section)));
      return false;
    }
    open_.push_back({.table = node == nullptr ? nullptr : node->as_table(),
                     .name = Named(section),
                     .line = node == nullptr ? open_.back().line : LineOf(*node)});
    return true;
  }

  void End() override {
    RefuseUnknown();
    open_.pop_back();
  }

  size_t Rows(std::string_view section, size_t held) override {
    open_.back().known.emplace_back(section);
    const toml::node* node = Node(section);
    if (node == nullptr) return held;
    if (node->is_array_of_tables()) return node->as_array()->size();
    Report(LineOf(*node), fmt::format("{} must be a list of tables: write [[{}]] before each row",
                                      section, Named(section)));
    return held;
  }

  bool BeginRow(std::string_view section, size_t index) override {
    const toml::node* node = Node(section);
    if (node == nullptr || !node->is_array_of_tables()) return false;
    const toml::node& row = (*node->as_array())[index];
    open_.push_back({.table = row.as_table(), .name = Named(section), .line = LineOf(row)});
    return true;
  }

  // Finish refuses what is unknown at the top and returns all faults in the order of their lines.
  std::vector<std::string> Finish() {
    RefuseUnknown();
    std::stable_sort(faults_.begin(), faults_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> lines;
    for (auto& [line, text] : faults_) lines.push_back(std::move(text));
    return lines;
  }

  void Text(std::string_view key, std::string& value, Need need) override {
    if (const toml::node* node = Find(key, need)) {
      if (const auto* text = node->as_string(); text != nullptr && !text->get().empty()) {
        value = text->get();
      } else {
        ReportKey(key, "must be a text in quotes, not empty");
      }
    }
  }

  void Path(std::string_view key, std::filesystem::path& value, Need need) override {
    std::string text;
    Text(key, text, need);
    if (!text.empty()) value = (folder_ / text).lexically_normal();
  }

  void Integer(std::string_view key, int& value, Range<int> range) override {
    if (const toml::node* node = Find(key, Need::kOptional)) {
      const auto* number = node->as_integer();
      if (number != nullptr && number->get() >= range.least && number->get() <= range.most) {
        value = static_cast<int>(number->get());
      } else {
        ReportKey(key,
                  fmt::format("must be a whole number from {} to {}", range.least, range.most));
      }
    }
  }

  void Duration(std::string_view key, absl::Duration& value, Range<absl::Duration> range) override {
    if (const toml::node* node = Find(key, Need::kOptional)) {
      const auto* text = node->as_string();
      absl::Duration duration;
      if (text != nullptr && absl::ParseDuration(text->get(), &duration) &&
          duration >= range.least && duration <= range.most) {
        value = duration;
      } else {
        ReportKey(key,
                  fmt::format("must be a duration in quotes from \"{}\" to \"{}\"",
                              absl::FormatDuration(range.least), absl::FormatDuration(range.most)));
      }
    }
  }

  void Flag(std::string_view key, bool& value) override {
    if (const toml::node* node = Find(key, Need::kOptional)) {
      if (const auto* flag = node->as_boolean()) {
        value = flag->get();
      } else {
        ReportKey(key, "must be true or false");
      }
    }
  }

  void Day(std::string_view key, absl::CivilDay& value) override {
    if (const toml::node* node = Find(key, Need::kOptional)) {
      if (!ReadDay(*node, value)) ReportKey(key, "must be a day without quotes, as 2026-03-31");
    }
  }

  void OptionalDay(std::string_view key, std::optional<absl::CivilDay>& value) override {
    absl::CivilDay day;
    if (Find(key, Need::kOptional) == nullptr) return;
    Day(key, day);
    value = day;
  }
  void Days(std::string_view key, std::vector<absl::CivilDay>& value) override {
    const toml::node* node = Find(key, Need::kOptional);
    if (node == nullptr) return;
    std::vector<absl::CivilDay> days;
    bool good = node->is_array();
    if (good) {
      for (const toml::node& item : *node->as_array()) {
        good = good && ReadDay(item, days.emplace_back());
      }
    }
    if (good) {
      value = std::move(days);
    } else {
      ReportKey(key, "must be a list of days without quotes, as [2026-01-01, 2026-01-12]");
    }
  }

  void Texts(std::string_view key, std::vector<std::string>& value, Need need) override {
    const toml::node* node = Find(key, need);
    if (node == nullptr) return;
    std::vector<std::string> texts;
    bool good = node->is_array() && !node->as_array()->empty();
    if (good) {
      for (const toml::node& item : *node->as_array()) {
        const auto* text = item.as_string();
        good = good && text != nullptr;
        if (good) texts.push_back(text->get());
      }
    }
    if (good) {
      value = std::move(texts);
    } else {
      ReportKey(key, "must be a list of texts, as [\"a\", \"b\"], not empty");
    }
  }

  void Choice(std::string_view key, size_t& value, const std::vector<std::string>& names,
              Need need) override {
    std::string text;
    Text(key, text, need);
    if (text.empty()) return;
    const auto found = std::find(names.begin(), names.end(), text);
    if (found != names.end()) {
      value = static_cast<size_t>(found - names.begin());
      return;
    }
    std::string what = fmt::format("must be one of \"{}\"", fmt::join(names, "\", \""));
    if (const auto meant = ClosestWord(text, names)) {
      what += fmt::format(": did you mean \"{}\"?", *meant);
    }
    ReportKey(key, what);
  }

  void Fault(std::string_view key, std::string what) override { ReportKey(key, what); }

 private:
  struct Open {
    const toml::table* table = nullptr;  // null: the section is not in the file
    std::string name;                    // "terminal.limits"; empty at the top
    int line = 1;
    std::vector<std::string> known;
    std::vector<std::string> missing;
  };

  static int LineOf(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

  static bool ReadDay(const toml::node& node, absl::CivilDay& day) {
    const auto* date = node.as_date();
    if (date == nullptr) return false;
    const toml::date& read = date->get();
    if (!IsRealDay(read.year, read.month, read.day)) return false;
    day = absl::CivilDay(read.year, read.month, read.day);
    return true;
  }

  std::string Named(std::string_view section) const {
    const std::string& outer = open_.back().name;
    return outer.empty() ? std::string(section) : fmt::format("{}.{}", outer, section);
  }

  const toml::node* Node(std::string_view key) const {
    return open_.back().table == nullptr ? nullptr : open_.back().table->get(key);
  }

  // Find notes that the key is known and complains when it is needed and absent.
  const toml::node* Find(std::string_view key, Need need) {
    open_.back().known.emplace_back(key);
    const toml::node* node = Node(key);
    if (node == nullptr && need == Need::kRequired) {
      open_.back().missing.emplace_back(key);
      Report(open_.back().line,
             fmt::format("[{}] needs {}: see `kakunin config example`", open_.back().name, key));
    }
    return node;
  }

  void RefuseUnknown() {
    const Open& open = open_.back();
    if (open.table == nullptr) return;
    for (const auto& [key, node] : *open.table) {
      if (std::find(open.known.begin(), open.known.end(), key.str()) != open.known.end()) continue;
      std::string what = open.name.empty()
                             ? fmt::format("unknown section or key \"{}\"", key.str())
                             : fmt::format("unknown key \"{}\" in [{}]", key.str(), open.name);
      if (const auto meant = ClosestWord(key.str(), open.known)) {
        what += fmt::format(": did you mean \"{}\"?", *meant);
      } else {
        what += fmt::format(": remove it; known are {}", fmt::join(open.known, ", "));
      }
      Report(static_cast<int>(key.source().begin.line), what);
    }
  }

  void ReportKey(std::string_view key, std::string_view what) {
    const Open& open = open_.back();
    // Its absence was reported; a rule about its default would only confuse.
    if (std::find(open.missing.begin(), open.missing.end(), key) != open.missing.end()) return;
    const toml::node* node = Node(key);
    Report(node == nullptr ? open.line : LineOf(*node),
           fmt::format("{} in [{}] {}", key, open.name, what));
  }

  void Report(int line, std::string_view what) {
    faults_.emplace_back(line, fmt::format("{}:{}: {}", name_, line, what));
  }

  const std::string name_;
  const std::filesystem::path folder_;
  std::vector<Open> open_;
  std::vector<std::pair<int, std::string>> faults_;
};

}  // namespace

absl::StatusOr<Config> ParseConfig(std::string_view text, const std::filesystem::path& name) {
  const toml::parse_result parsed = toml::parse(text, name.string());
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return absl::InvalidArgumentError(
        fmt::format("{}:{}: {}", name.string(), error.source().begin.line, error.description()));
  }
  Config config;
  TomlReader reader(parsed.table(), name);
  VisitConfig(config, reader);
  if (const auto faults = reader.Finish(); !faults.empty()) {
    return absl::InvalidArgumentError(fmt::format("{}", fmt::join(faults, "\n")));
  }
  return config;
}

absl::StatusOr<Config> LoadConfig(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::NotFoundError(
        fmt::format("cannot read the configuration {}: name a TOML file; `kakunin config example` "
                    "prints one to begin with",
                    path.string()));
  }
  return ParseConfig(text.str(), path);
}

}  // namespace kakunin
