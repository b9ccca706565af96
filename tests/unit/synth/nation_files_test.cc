#include "server/synth/nation_files.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "auth/digest.h"
#include "auth/encoding.h"

namespace kakunin::synth {
namespace {

namespace fs = std::filesystem;

// Directory is a fresh one of a test, removed after it.
class Directory {
 public:
  Directory() {
    path_ = fs::path(testing::TempDir()) /
            ("nation_" + auth::HexEncode(std::span<const uint8_t>(auth::RandomArray<8>())));
  }
  ~Directory() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::map<std::string, std::string> Contents(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    files[fs::relative(entry.path(), directory).string()] = ReadFile(entry.path());
  }
  return files;
}

NationOptions Options(int64_t persons = 2'000) {
  return {.seed = 42,
          .persons = persons,
          .records_for = persons / 20,
          .today = absl::CivilDay(2026, 11, 21)};
}

TEST(NationFiles, SameOptionsGiveTheSameOctets) {
  Directory a, b;
  ASSERT_TRUE(WriteNation(a.path(), Options(), {}).ok());
  ASSERT_TRUE(WriteNation(b.path(), Options(), {}).ok());
  EXPECT_EQ(Contents(a.path()), Contents(b.path()));
}

TEST(NationFiles, OctetsAreThoseOfEveryMachine) {
  // Pins the generator: a change of this digest is a new synthetic nation and must be meant.
  Directory directory;
  ASSERT_TRUE(WriteNation(directory.path(), Options(), {}).ok());
  auth::Sha256Stream digest;
  for (const auto& [name, octets] : Contents(directory.path())) {
    digest.Update(name + ":" + std::to_string(octets.size()) + "\n");
    digest.Update(octets);
  }
  const auth::Sha256Digest found = digest.Finish();
  EXPECT_EQ(auth::HexEncode(std::span<const uint8_t>(found)),
            "3cfb022b7c0d0052e6f8f1447d549c18d2afcc47f945ea346c48113d1858c951");
}

TEST(NationFiles, WritingAgainReplacesTheNationThatIsThere) {
  Directory again, fresh;
  ASSERT_TRUE(WriteNation(again.path(), Options(3'000), {}).ok());
  ASSERT_TRUE(WriteNation(again.path(), Options(500), {}).ok());
  ASSERT_TRUE(WriteNation(fresh.path(), Options(500), {}).ok());
  EXPECT_EQ(Contents(again.path()), Contents(fresh.path()));
}

TEST(NationFiles, ReadsBackWhatTheGeneratorMade) {
  Directory directory;
  const auto written = WriteNation(directory.path(), Options(), {});
  ASSERT_TRUE(written.ok());
  const auto files = NationFiles::Open(directory.path());
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->summary().options.seed, 42u);
  EXPECT_EQ(files->summary().options.persons, 2'000);
  EXPECT_EQ(files->summary().options.today, absl::CivilDay(2026, 11, 21));
  EXPECT_EQ(files->summary().rows, written->rows);

  std::map<std::string, std::vector<std::string>> expected;
  files->nation().ForEachRow([&](size_t insurer, const v1::CoverageRow& row) {
    expected[Insurers()[insurer].number].push_back(row.SerializeAsString());
  });
  int64_t rows = 0;
  for (const Insurer& insurer : Insurers()) {
    auto feed = files->Feed(insurer.number);
    ASSERT_TRUE(feed.ok()) << insurer.number;
    std::vector<std::string> read;
    v1::CoverageRow row;
    while (true) {
      const auto more = feed->Next(row);
      ASSERT_TRUE(more.ok()) << more.status();
      if (!*more) break;
      read.push_back(row.SerializeAsString());
    }
    rows += static_cast<int64_t>(read.size());
    EXPECT_EQ(read, expected[insurer.number]) << insurer.number;
  }
  EXPECT_EQ(rows, written->rows);
}

TEST(NationFiles, CardLinksCarryTheInstallationsIssuerKeys) {
  Directory directory;
  const auto written = WriteNation(directory.path(), Options(), {});
  ASSERT_TRUE(written.ok());
  const auto files = NationFiles::Open(directory.path());
  ASSERT_TRUE(files.ok());
  const std::array<std::string, 3> keys = {std::string(32, 'a'), std::string(32, 'b'),
                                           std::string(32, 'c')};
  std::map<std::string, int> by_key;
  std::map<std::string, std::string> holder;
  int64_t links = 0;
  const absl::Status status = files->ForEachCardLink(keys, [&](v1::CardLink& link) {
    ++links;
    ++by_key[link.issuer_key_id()];
    if (!link.replaces_serial().empty()) {
      // A replaced card comes first and has the same holder.
      EXPECT_EQ(holder[link.replaces_issuer_key_id() + link.replaces_serial()],
                link.individual_number());
    }
    holder[link.issuer_key_id() + link.serial()] = link.individual_number();
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(links, written->card_links);
  EXPECT_EQ(by_key.size(), 3u);
  EXPECT_EQ(holder.size(), static_cast<size_t>(links)) << "serials are unique per generation";
}

TEST(NationFiles, SinkStopsTheLinksWithItsError) {
  Directory directory;
  ASSERT_TRUE(WriteNation(directory.path(), Options(10), {}).ok());
  const auto files = NationFiles::Open(directory.path());
  ASSERT_TRUE(files.ok());
  const std::array<std::string, 3> keys = {"1", "2", "3"};
  int calls = 0;
  const absl::Status status = files->ForEachCardLink(keys, [&](v1::CardLink&) {
    ++calls;
    return absl::UnavailableError("later");
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(calls, 1);
}

TEST(NationFiles, AnUnfinishedDirectoryIsNoNation) {
  Directory directory;
  EXPECT_EQ(NationFiles::Open(directory.path()).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(WriteNation(directory.path(), Options(10), {}).ok());
  fs::remove(directory.path() / "nation.json");
  EXPECT_EQ(NationFiles::Open(directory.path()).status().code(), absl::StatusCode::kNotFound);
  std::ofstream(directory.path() / "nation.json") << "{}";
  EXPECT_EQ(NationFiles::Open(directory.path()).status().code(), absl::StatusCode::kDataLoss);
}

TEST(NationFiles, ACutFileIsDataLossNotTheEnd) {
  Directory directory;
  ASSERT_TRUE(WriteNation(directory.path(), Options(10), {}).ok());
  const fs::path links = directory.path() / "card_links.rows";
  fs::resize_file(links, fs::file_size(links) - 1);
  auto file = MessageFile::Open(links);
  ASSERT_TRUE(file.ok());
  v1::CardLink link;
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = file->Next(link);
  EXPECT_EQ(more.status().code(), absl::StatusCode::kDataLoss);
}

TEST(NationFiles, TellsWhenItCannotWrite) {
  Directory directory;
  std::ofstream(directory.path()) << "a file where the directory should be";
  EXPECT_EQ(WriteNation(directory.path(), Options(10), {}).status().code(),
            absl::StatusCode::kInternal);
}

TEST(NationFiles, ReportsProgress) {
  Directory directory;
  std::vector<int64_t> done;
  ASSERT_TRUE(WriteNation(directory.path(), Options(25'000), [&](int64_t now, int64_t total) {
                EXPECT_EQ(total, 25'000);
                done.push_back(now);
              }).ok());
  EXPECT_EQ(done, (std::vector<int64_t>{10'000, 20'000, 25'000}));
}

}  // namespace
}  // namespace kakunin::synth
