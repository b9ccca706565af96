#include "server/durable_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "server/text_file.h"

namespace kakunin {
namespace {

class DurableFileTest : public testing::Test {
 protected:
  DurableFileTest() : folder_(testing::TempDir() + "/durable-" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~DurableFileTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path File(const char* name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  size_t Files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  const std::filesystem::path folder_;
};

TEST_F(DurableFileTest, ReplacesWhole) {
  const auto file = File("one", "before");
  ASSERT_TRUE(ReplaceDurably(file, "after").ok());
  EXPECT_EQ(ReadTextFile(file).value(), "after");
  EXPECT_EQ(Files(), 1u);
  EXPECT_EQ(ReplaceDurably("/nonexistent/file", "x").code(), absl::StatusCode::kNotFound);
}

TEST_F(DurableFileTest, CopiesOnceAndNeverOverwrites) {
  const std::string long_text(3'000'000, 'x');
  const auto from = File("from", long_text);
  ASSERT_TRUE(CopyDurably(from, folder_ / "to").ok());
  EXPECT_EQ(ReadTextFile(folder_ / "to").value(), long_text);
  EXPECT_TRUE(CopyDurably(from, folder_ / "to").ok()) << "the same again is fine";
  for (const std::string& other : {long_text + "y", long_text.substr(1), std::string()}) {
    const absl::Status status = CopyDurably(File("other", other), folder_ / "to");
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << other.size();
  }
  EXPECT_EQ(ReadTextFile(folder_ / "to").value(), long_text);
  EXPECT_EQ(CopyDurably(folder_ / "none", folder_ / "new").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Files(), 3u) << "no piece is left behind";
}

TEST_F(DurableFileTest, Renames) {
  const auto from = File("from", "x");
  ASSERT_TRUE(RenameDurably(from, folder_ / "to").ok());
  EXPECT_FALSE(std::filesystem::exists(from));
  EXPECT_FALSE(RenameDurably(from, folder_ / "to").ok());
}

}  // namespace
}  // namespace kakunin
