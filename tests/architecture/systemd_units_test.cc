// The systemd units of deploy/: what must stand in each of them, and that systemd itself reads
// them.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/source_tree.h"

namespace kakunin::architecture {
namespace {

constexpr std::array<std::string_view, 6> kServices = {
    "kakunin",           "kakunin-backup", "kakunin-onboarding", "kakunin-partitions",
    "kakunin-retention", "kakunin-wal"};
// Those that serve, each by the configuration that is named.
const std::map<std::string, std::string> kServers = {{"kakunin", "kakunin.toml"},
                                                     {"kakunin-onboarding", "onboarding.toml"}};
constexpr std::array<std::string_view, 3> kTimers = {"kakunin-backup", "kakunin-partitions",
                                                     "kakunin-retention"};

// Unit is a unit's directives, by "Section.Directive", in their order.
using Unit = std::map<std::string, std::vector<std::string>>;

// ParseUnit reads the text of a unit. A line that is neither a section, a directive nor a comment
// is told as a directive of no name.
Unit ParseUnit(const std::string& text) {
  Unit unit;
  std::string section;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
      continue;
    }
    const size_t equals = line.find('=');
    const std::string name = equals == std::string::npos ? "" : line.substr(0, equals);
    unit[section + "." + name].push_back(line.substr(equals == std::string::npos ? 0 : equals + 1));
  }
  return unit;
}

Unit UnitOf(std::string_view file) {
  const std::string text = ReadText("deploy/systemd/" + std::string(file));
  EXPECT_FALSE(text.empty()) << file;
  return ParseUnit(text);
}

std::string One(const Unit& unit, const std::string& name) {
  const auto found = unit.find(name);
  return found == unit.end() || found->second.size() != 1 ? "" : found->second.front();
}

std::vector<std::string> All(const Unit& unit, const std::string& name) {
  const auto found = unit.find(name);
  return found == unit.end() ? std::vector<std::string>() : found->second;
}

TEST(SystemdUnits, AreTheseAndEachIsTested) {
  std::set<std::string> there;
  const std::filesystem::path units(KAKUNIN_SOURCE_DIR "/deploy/systemd");
  for (const auto& entry : std::filesystem::directory_iterator(units)) {
    there.insert(entry.path().filename());
  }
  std::set<std::string> tested;
  for (const std::string_view name : kServices) tested.insert(std::string(name) + ".service");
  for (const std::string_view name : kTimers) tested.insert(std::string(name) + ".timer");
  EXPECT_EQ(there, tested);
}

TEST(SystemdUnits, NothingRunsAsRootOrMayBecomeMore) {
  const std::map<std::string, std::string> demanded = {
      {"NoNewPrivileges", "yes"},
      {"CapabilityBoundingSet", ""},
      {"AmbientCapabilities", ""},
      {"ProtectSystem", "strict"},
      {"ProtectHome", "yes"},
      {"PrivateTmp", "yes"},
      {"PrivateDevices", "yes"},
      {"ProtectClock", "yes"},
      {"ProtectHostname", "yes"},
      {"ProtectKernelLogs", "yes"},
      {"ProtectKernelModules", "yes"},
      {"ProtectKernelTunables", "yes"},
      {"ProtectControlGroups", "yes"},
      {"ProtectProc", "invisible"},
      {"RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6"},
      {"RestrictNamespaces", "yes"},
      {"RestrictRealtime", "yes"},
      {"RestrictSUIDSGID", "yes"},
      {"LockPersonality", "yes"},
      {"MemoryDenyWriteExecute", "yes"},
      {"SystemCallArchitectures", "native"},
      // a core holds keys and patients
      {"LimitCORE", "0"},
      {"UMask", "0077"}};
  for (const std::string_view name : kServices) {
    const Unit unit = UnitOf(std::string(name) + ".service");
    for (const auto& [directive, value] : demanded) {
      const auto found = All(unit, "Service." + directive);
      EXPECT_EQ(found, std::vector<std::string>{value}) << name << " " << directive;
    }
    const std::string user = One(unit, "Service.User");
    EXPECT_TRUE(user.starts_with("kakunin")) << name;
    EXPECT_EQ(One(unit, "Service.Group"), user) << name;
    EXPECT_FALSE(One(unit, "Service.MemoryMax").empty()) << name;
    EXPECT_FALSE(One(unit, "Service.TasksMax").empty()) << name;
    const auto filters = All(unit, "Service.SystemCallFilter");
    ASSERT_EQ(filters.size(), 2u) << name;
    EXPECT_EQ(filters[0], "@system-service") << name;
    EXPECT_TRUE(filters[1].starts_with("~@privileged")) << name;
  }
}

TEST(SystemdUnits, TheServerIsStartedCheckedStartedAgainAndGivenTheTimeToEnd) {
  for (const auto& [name, config] : kServers) {
    const Unit unit = UnitOf(name + ".service");
    EXPECT_EQ(One(unit, "Service.User"), "kakunin") << name;
    EXPECT_EQ(One(unit, "Service.ExecStartPre"),
              "/usr/bin/kakunin config check /etc/kakunin/" + config);
    EXPECT_EQ(One(unit, "Service.ExecStart"),
              "/usr/bin/kakunin serve --config /etc/kakunin/" + config);
    EXPECT_EQ(One(unit, "Service.Restart"), "always") << name;
    EXPECT_EQ(One(unit, "Unit.StartLimitIntervalSec"), "0") << name;
    EXPECT_EQ(One(unit, "Service.KillSignal"), "SIGTERM") << name;
    // The server itself ends within 10 s of it.
    EXPECT_GT(std::stoi("0" + One(unit, "Service.TimeoutStopSec")), 10) << name;
    EXPECT_GE(std::stoi("0" + One(unit, "Service.LimitNOFILE")), 65536) << name;
    EXPECT_EQ(One(unit, "Install.WantedBy"), "multi-user.target") << name;
    EXPECT_NE(One(unit, "Unit.After").find("postgresql.service"), std::string::npos) << name;
  }
}

// What ends one of them must not end the other, nor may one write what the other keeps.
TEST(SystemdUnits, ServersShareNeitherMemoryNorState) {
  const Unit desks = UnitOf("kakunin.service");
  const Unit strangers = UnitOf("kakunin-onboarding.service");
  EXPECT_NE(One(desks, "Service.StateDirectory"), One(strangers, "Service.StateDirectory"));
  EXPECT_EQ(One(strangers, "Service.MemoryMax"), "512M");
  for (const char* tied : {"Unit.Requires", "Unit.BindsTo", "Unit.PartOf", "Service.Slice"}) {
    EXPECT_TRUE(All(desks, tied).empty() && All(strangers, tied).empty()) << tied;
  }
}

// With ProtectSystem=strict nothing else can be written.
TEST(SystemdUnits, WhatIsWrittenMayBeWritten) {
  for (const std::string_view name : {"kakunin-backup", "kakunin-wal"}) {
    const Unit unit = UnitOf(std::string(name) + ".service");
    const std::string writable = One(unit, "Service.ReadWritePaths");
    ASSERT_EQ(writable, "/var/backups/kakunin") << name;
    for (const std::string& start : All(unit, "Service.ExecStart")) {
      EXPECT_NE(start.find(writable + "/"), std::string::npos) << name << " " << start;
    }
  }
  const Unit server = UnitOf("kakunin.service");
  EXPECT_EQ(One(server, "Service.StateDirectory"), "kakunin");
  EXPECT_EQ(One(server, "Service.LogsDirectory"), "kakunin");
}

TEST(SystemdUnits, RolesOfTheDatabaseAreKeptApartByUsers) {
  const auto user = [](std::string_view name) {
    return One(UnitOf(std::string(name) + ".service"), "Service.User");
  };
  EXPECT_EQ(user("kakunin-partitions"), "kakunin-migrate");
  EXPECT_EQ(user("kakunin-retention"), "kakunin-migrate");
  EXPECT_EQ(user("kakunin-backup"), "kakunin-backup");
  EXPECT_EQ(user("kakunin-wal"), "kakunin-backup");
  EXPECT_EQ(user("kakunin"), "kakunin");
}

TEST(SystemdUnits, TimersCatchUpAndSpread) {
  for (const std::string_view name : kTimers) {
    const Unit timer = UnitOf(std::string(name) + ".timer");
    EXPECT_FALSE(One(timer, "Timer.OnCalendar").empty()) << name;
    EXPECT_EQ(One(timer, "Timer.Persistent"), "true") << name;
    EXPECT_FALSE(One(timer, "Timer.RandomizedDelaySec").empty()) << name;
    EXPECT_EQ(One(timer, "Install.WantedBy"), "timers.target") << name;
    EXPECT_EQ(One(UnitOf(std::string(name) + ".service"), "Service.Type"), "oneshot") << name;
  }
}

// systemd's own check reads every unit: an unknown directive, a value that is
// none and a program that is not there are told. The programs are put in place of /usr/bin/kakunin.
TEST(SystemdUnits, SystemdReadsThemWithoutAWarning) {
  ASSERT_EQ(std::system("command -v systemd-analyze >/dev/null 2>&1"), 0)
      << "systemd is missing (deploy/packages-tests.txt)";
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("kakunin-units-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::string files;
  const auto copy = [&](const std::string& file) {
    std::string text = ReadText("deploy/systemd/" + file);
    constexpr std::string_view kProgram = "/usr/bin/kakunin ";
    for (size_t at = 0; (at = text.find(kProgram, at)) != std::string::npos;) {
      text.replace(at, kProgram.size(), "/bin/true ");
    }
    // The page need not be installed where the test runs.
    const size_t page = text.find("Documentation=");
    if (page != std::string::npos) text.erase(page, text.find('\n', page) + 1 - page);
    FILE* out = std::fopen((folder / file).c_str(), "w");
    ASSERT_NE(out, nullptr);
    std::fputs(text.c_str(), out);
    std::fclose(out);
    files += " " + (folder / file).string();
  };
  for (const std::string_view name : kServices) copy(std::string(name) + ".service");
  for (const std::string_view name : kTimers) copy(std::string(name) + ".timer");
  const auto verify = [&](const std::string& names) {
    FILE* pipe = popen(("systemd-analyze verify --man=no" + names + " 2>&1").c_str(), "r");
    std::string said;
    std::array<char, 4096> octets;
    for (size_t got = 0; (got = fread(octets.data(), 1, octets.size(), pipe)) > 0;) {
      said.append(octets.data(), got);
    }
    pclose(pipe);
    return said;
  };
  // What is said about the machine's own units is not ours.
  const auto ours = [&](const std::string& said) {
    std::string lines;
    std::istringstream in(said);
    for (std::string line; std::getline(in, line);) {
      if (line.find("kakunin") != std::string::npos) lines += line + "\n";
    }
    return lines;
  };
  EXPECT_EQ(ours(verify(files)), "");
  FILE* wrong = std::fopen((folder / "kakunin-wrong.service").c_str(), "w");
  ASSERT_NE(wrong, nullptr);
  std::fputs("[Service]\nExecStart=/bin/true\nProtectSystm=strict\n", wrong);
  std::fclose(wrong);
  EXPECT_NE(ours(verify(" " + (folder / "kakunin-wrong.service").string())), "");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace kakunin::architecture
