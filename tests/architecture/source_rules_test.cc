// Rules about the text of the code that no compiler holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/source_tree.h"

namespace kakunin::architecture {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// Mentions returns "path:line" for every line of code, comments apart, that holds one of `words`.
std::vector<std::string> Mentions(const std::vector<SourceFile>& files,
                                  const std::vector<std::string_view>& words) {
  std::vector<std::string> found;
  for (const SourceFile& file : files) {
    const std::vector<std::string> code = WithoutComments(file);
    for (size_t i = 0; i < code.size(); ++i) {
      const std::string line = Lower(code[i]);
      for (const std::string_view word : words) {
        if (line.find(word) != std::string::npos) {
          found.push_back(file.path + ":" + std::to_string(i + 1) + " has " + std::string(word));
        }
      }
    }
  }
  return found;
}

std::vector<SourceFile> Served(const std::vector<std::string_view>& endings) {
  std::vector<SourceFile> files = ReadTree(endings);
  std::erase_if(files, [](const SourceFile& file) { return file.path.starts_with("tests/"); });
  return files;
}

TEST(SourceRules, SqlTakesItsTimeFromTheCaller) {
  const auto files = Served({".sql", ".cc", ".h"});
  std::vector<SourceFile> sql;
  for (const SourceFile& file : files) {
    if (file.path.starts_with("storage/")) sql.push_back(file);
  }
  ASSERT_GT(sql.size(), 5u);
  for (const std::string& mention :
       Mentions(sql, {" now()", "(now()", "=now()", "current_timestamp", "current_date",
                      "localtimestamp", "clock_timestamp", "statement_timestamp",
                      "transaction_timestamp", "timeofday"})) {
    ADD_FAILURE() << mention;
  }
}

TEST(SourceRules, OnlyTheClockReadsTheTimeOfDay) {
  std::vector<SourceFile> files = Served({".cc", ".h"});
  std::erase_if(files, [](const SourceFile& file) { return file.path == "server/clock.cc"; });
  for (const std::string& mention :
       Mentions(files, {"absl::now(", "system_clock::now", "gettimeofday", "std::time(",
                        "clock_realtime", "localtime"})) {
    ADD_FAILURE() << mention;
  }
}

TEST(SourceRules, TheClockIsFoundWhenItIsPlanted) {
  const SourceFile planted{"storage/x.sql", {"SELECT 1 -- now()", "SELECT now()"}};
  EXPECT_EQ(Mentions({planted}, {" now()"}).size(), 1u);
  const SourceFile code{"server/x.cc", {"// absl::Now()", "/* absl::Now( */", "t = absl::Now();"}};
  EXPECT_EQ(Mentions({code}, {"absl::now("}).size(), 1u);
}

TEST(SourceRules, NoFolderOrFileIsNamedAfterNothing) {
  static const auto* const kNames =
      new std::set<std::string>{"util",   "utils",   "common", "manager", "managers",
                                "helper", "helpers", "core",   "misc",    "base"};
  for (const std::string& folder : Folders()) {
    EXPECT_FALSE(kNames->contains(folder.substr(folder.rfind('/') + 1))) << folder;
  }
  for (const SourceFile& file : ReadTree({".h", ".cc", ".proto", ".sql"})) {
    const std::string name = file.path.substr(file.path.rfind('/') + 1);
    std::string word;
    for (const char c : name + ".") {
      if (std::isalpha(static_cast<unsigned char>(c))) {
        word.push_back(c);
        continue;
      }
      EXPECT_FALSE(kNames->contains(word)) << file.path;
      word.clear();
    }
  }
}

TEST(SourceRules, NoFileIsLongerThanFiveHundredLines) {
  for (const SourceFile& file : ReadTree({".h", ".cc", ".sql", ".proto"})) {
    EXPECT_LE(file.lines.size(), 500u) << file.path;
  }
}

TEST(SourceRules, EveryHeaderIsGuardedAndLiesInOurNamespace) {
  for (const SourceFile& file : ReadTree({".h"})) {
    const bool guarded =
        std::find(file.lines.begin(), file.lines.end(), "#pragma once") != file.lines.end();
    const bool named = std::any_of(file.lines.begin(), file.lines.end(), [](const auto& line) {
      return line.starts_with("namespace kakunin");
    });
    EXPECT_TRUE(guarded) << file.path;
    EXPECT_TRUE(named) << file.path;
  }
}

// What the line of a migration's head that begins with `label` says; empty: there is none.
std::string HeadOf(const SourceFile& migration, std::string_view label) {
  for (const std::string& line : migration.lines) {
    if (!line.starts_with("--")) break;  // the head is over
    if (line.starts_with("-- " + std::string(label))) return line.substr(3 + label.size());
  }
  return "";
}

TEST(SourceRules, EveryMigrationSaysWhatItLocksAndWhetherThePreviousBinaryWorksWithIt) {
  std::vector<SourceFile> migrations = Served({".sql"});
  std::erase_if(migrations, [](const SourceFile& file) {
    return !file.path.starts_with("storage/migrations/");
  });
  ASSERT_GE(migrations.size(), 37u);
  for (const SourceFile& migration : migrations) {
    for (const std::string_view label : {"Locks: ", "Previous binary: "}) {
      EXPECT_GT(HeadOf(migration, label).size(), 3u) << migration.path << " lacks " << label;
    }
  }
  const SourceFile silent{"storage/migrations/x.sql", {"-- Creates: a table.", "", "-- Locks: it"}};
  EXPECT_EQ(HeadOf(silent, "Locks: "), "");
}

TEST(SourceRules, NothingIsLeftToDo) {
  std::vector<std::string> found;
  for (const SourceFile& file : ReadTree({".h", ".cc", ".sql", ".proto"})) {
    for (size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string_view mark : {"TO"
                                          "DO",
                                          "FIX"
                                          "ME",
                                          "X"
                                          "XX:",
                                          "GTEST_"
                                          "SKIP"}) {
        if (file.lines[i].find(mark) != std::string::npos) {
          found.push_back(file.path + ":" + std::to_string(i + 1));
        }
      }
    }
  }
  for (const std::string& where : found) ADD_FAILURE() << where;
}

}  // namespace
}  // namespace kakunin::architecture
