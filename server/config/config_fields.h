#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "server/config/config.h"

namespace kakunin {

// Need tells what the absence of a key or section means.
enum class Need {
  kRequired,  // a fault
  kOptional,  // a section: not there; a key: the default stays
  kDefault,   // a section: all its defaults hold
};

// Range is inclusive at both ends.
template <class T>
struct Range {
  T least;
  T most;
};

// ConfigVisitor is shown every section and key once; the reader fills the values in, the printer
// writes them out. So each key, default and range stands in one place: config_fields.cc.
class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;

  // Begin enters a section; false: there is none, and nothing of it is visited. `held` is whether
  // the configuration holds it, for a printer.
  virtual bool Begin(std::string_view section, Need need, bool held) = 0;
  virtual void End() = 0;

  // Rows enters a list of tables, [[section]], and tells how many it has: as many as `held` when
  // there is no such list. Each is then visited between BeginRow and End.
  virtual size_t Rows(std::string_view section, size_t held) = 0;
  // BeginRow enters row `index`; false: there is no list, what is held stays.
  virtual bool BeginRow(std::string_view section, size_t index) = 0;

  virtual void Text(std::string_view key, std::string& value, Need need) = 0;
  virtual void Path(std::string_view key, std::filesystem::path& value, Need need) = 0;
  virtual void Integer(std::string_view key, int& value, Range<int> range) = 0;
  virtual void Duration(std::string_view key, absl::Duration& value,
                        Range<absl::Duration> range) = 0;
  virtual void Flag(std::string_view key, bool& value) = 0;
  virtual void Day(std::string_view key, absl::CivilDay& value) = 0;
  // OptionalDay is a day that may be absent.
  virtual void OptionalDay(std::string_view key, std::optional<absl::CivilDay>& value) = 0;
  // Days may be empty.
  virtual void Days(std::string_view key, std::vector<absl::CivilDay>& value) = 0;
  virtual void Texts(std::string_view key, std::vector<std::string>& value, Need need) = 0;
  // Choice is one of `names`; the value is the index.
  virtual void Choice(std::string_view key, size_t& value, const std::vector<std::string>& names,
                      Need need) = 0;

  // Fault reports that the value of `key` in the present section breaks a rule.
  virtual void Fault(std::string_view key, std::string what) = 0;
};

// VisitConfig shows `config` to `visitor`, section by section, and checks the rules that join
// several keys.
void VisitConfig(Config& config, ConfigVisitor& visitor);

}  // namespace kakunin
