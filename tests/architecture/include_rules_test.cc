// The rooms build on one another one way only: domain <- auth, storage <- usecases <- rpc <-
// wiring. All Debian headers share one include path, so the compiler cannot hold this; this test
// does.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/source_tree.h"

namespace kakunin::architecture {
namespace {

using Prefixes = std::vector<std::string_view>;

bool StartsWithAny(std::string_view text, const Prefixes& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

// RoomRule says which of our own files the files of a room may include. The first row whose `room`
// starts the path counts, so the narrower room stands first.
struct RoomRule {
  std::string_view room;
  Prefixes may_include;
};

const std::vector<RoomRule>& RoomRules() {
  static const auto* const kRules = new std::vector<RoomRule>{
      {"domain/text/", {"domain/text/"}},
      {"domain/", {"domain/"}},
      {"auth/", {"auth/", "domain/"}},
      {"storage/", {"storage/", "domain/"}},
      {"server/usecases/", {"server/usecases/", "server/clock.h", "storage/", "auth/", "domain/"}},
      {"server/rpc/",
       {"server/rpc/", "server/usecases/", "server/account_watch.h", "server/application_input/",
        "server/clock.h", "server/registry.h", "storage/", "auth/", "domain/"}},
      {"server/", {"server/", "storage/", "auth/", "domain/"}},
      {"tests/", {"tests/", "server/", "storage/", "auth/", "domain/"}},
  };
  return *kRules;
}

// LibraryRule says where the headers of a library may be included.
struct LibraryRule {
  std::string_view library;
  Prefixes headers;
  Prefixes rooms;
};

const std::vector<LibraryRule>& LibraryRules() {
  static const auto* const kRules = new std::vector<LibraryRule>{
      {"OpenSSL", {"openssl/"}, {"auth/", "server/http/", "tests/"}},
      {"libpq and libpqxx",
       {"pqxx/", "libpq", "postgresql/", "postgres"},
       {"storage/postgres/", "tests/e2e/", "tests/postgres/", "tests/support/", "tests/faults/"}},
      {"gRPC and protobuf",
       {"grpc", "google/", "kakunin/v1/"},
       {"server/rpc/", "server/lane/", "server/commands/", "server/bench/", "server/synth/",
        "server/dev/", "server/serve", "server/listener", "server/terminal_port",
        "server/sync_port", "tests/"}},
      {"ICU", {"unicode/"}, {"domain/text/", "tests/"}},
      {"CLI11", {"CLI/"}, {"server/commands/", "tests/"}},
      {"toml++", {"toml++/"}, {"server/config/", "server/application_input/"}},
      {"spdlog", {"spdlog/"}, {"server/", "tests/"}},
      {"threads and their tools",
       {"thread", "mutex", "condition_variable", "shared_mutex", "future", "atomic"},
       {"auth/", "storage/", "server/", "tests/"}},
  };
  return *kRules;
}

struct Include {
  std::string header;
  bool ours;
};

std::optional<Include> IncludeOf(std::string_view line) {
  constexpr std::string_view kDirective = "#include";
  const size_t at = line.find_first_not_of(" \t");
  if (at == std::string_view::npos || !line.substr(at).starts_with(kDirective)) return std::nullopt;
  const size_t open = line.find_first_of("\"<", at + kDirective.size());
  if (open == std::string_view::npos) return std::nullopt;
  const size_t close = line.find_first_of("\">", open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string header(line.substr(open + 1, close - open - 1));
  const bool ours = StartsWithAny(header, {"domain/", "auth/", "storage/", "server/", "tests/"});
  return Include{header, ours};
}

// Whole-name headers such as <thread> must not match <threads_of_ours.h>.
bool NamesHeader(std::string_view header, const Prefixes& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    const bool whole = name.find('/') == std::string_view::npos && !name.starts_with("grpc") &&
                       !name.starts_with("libpq") && !name.starts_with("postgres");
    return whole ? header == name : header.starts_with(name);
  });
}

// Violations returns one line for every include of `file` that a rule forbids.
std::vector<std::string> Violations(const SourceFile& file) {
  std::vector<std::string> found;
  const auto room = std::find_if(RoomRules().begin(), RoomRules().end(), [&](const RoomRule& rule) {
    return file.path.starts_with(rule.room);
  });
  if (room == RoomRules().end()) return {file.path + ": no rule for this folder"};
  for (size_t i = 0; i < file.lines.size(); ++i) {
    const auto include = IncludeOf(file.lines[i]);
    if (!include) continue;
    const std::string where =
        file.path + ":" + std::to_string(i + 1) + " includes " + include->header;
    if (include->ours && !StartsWithAny(include->header, room->may_include)) {
      found.push_back(where + ", which " + std::string(room->room) + " must not know");
    }
    for (const LibraryRule& rule : LibraryRules()) {
      if (NamesHeader(include->header, rule.headers) && !StartsWithAny(file.path, rule.rooms)) {
        found.push_back(where + ": " + std::string(rule.library) + " has no place here");
      }
    }
  }
  return found;
}

TEST(IncludeRules, HoldInEveryFile) {
  const auto files = ReadTree({".h", ".cc"});
  ASSERT_GT(files.size(), 50u);
  for (const SourceFile& file : files) {
    for (const std::string& violation : Violations(file)) ADD_FAILURE() << violation;
  }
}

struct Planted {
  std::string path;
  std::string line;
};

TEST(IncludeRules, ReportPlantedIncludes) {
  const Planted kPlanted[] = {{"domain/a.cc", "#include <openssl/evp.h>"},
                              {"domain/a.cc", "#include \"storage/database.h\""},
                              {"domain/a.cc", "#include <mutex>"},
                              {"domain/a.cc", "#include <unicode/uchar.h>"},
                              {"domain/text/a.cc", "#include \"domain/error.h\""},
                              {"auth/a.cc", "#include \"storage/database.h\""},
                              {"storage/a.h", "#include <pqxx/pqxx>"},
                              {"storage/postgres/a.h", "#include \"auth/digest.h\""},
                              {"server/usecases/a.cc", "#include <grpcpp/grpcpp.h>"},
                              {"server/usecases/a.cc", "#include \"server/rpc/dispatch.h\""},
                              {"server/usecases/a.cc", "#include \"kakunin/v1/types.pb.h\""},
                              {"server/rpc/a.cc", "#include \"server/serve.h\""},
                              {"server/serve.cc", "  #include <libpq-fe.h>"},
                              {"elsewhere/a.cc", ""}};
  for (const Planted& planted : kPlanted) {
    EXPECT_EQ(Violations({planted.path, {planted.line}}).size(), 1u) << planted.line;
  }
}

TEST(IncludeRules, AllowWhatTheHouseIsMadeOf) {
  EXPECT_TRUE(Violations({"auth/a.cc", {"#include <openssl/evp.h>"}}).empty());
  EXPECT_TRUE(Violations({"storage/postgres/a.cc", {"#include <pqxx/pqxx>"}}).empty());
  EXPECT_TRUE(Violations({"server/rpc/a.cc", {"#include \"server/usecases/a.h\""}}).empty());
  EXPECT_TRUE(Violations({"server/a.cc", {"#include <threads_of_ours.h>"}}).empty());
}

}  // namespace
}  // namespace kakunin::architecture
