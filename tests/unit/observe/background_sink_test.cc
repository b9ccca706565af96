#include "server/observe/background_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "server/observe/logging.h"

namespace kakunin {
namespace {

std::string ContentOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(BackgroundSinkTest, WritesEveryLineOfEveryThreadWhole) {
  const std::string path = testing::TempDir() + "/background_sink_test.log";
  std::filesystem::remove(path);
  LogConfig config;
  config.file = path;
  {
    auto logging = Logging::Start(config);
    ASSERT_TRUE(logging.ok()) << logging.status();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 5000; ++i) spdlog::info("line \"{}\"", i);
      });
    }
    for (std::thread& thread : threads) thread.join();
    spdlog::debug("below the level");
    EXPECT_EQ((*logging)->sink().Dropped(), 0);
  }
  std::istringstream lines(ContentOf(path));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    ASSERT_EQ(line.substr(0, 9), "{\"time\":\"");
    ASSERT_EQ(line.substr(line.size() - 4), "\\\"\"}") << line;
  }
  EXPECT_EQ(count, 20'000);
  std::filesystem::remove(path);
}

TEST(BackgroundSinkTest, FlushReturnsWhenWritten) {
  const std::string path = testing::TempDir() + "/background_sink_flush.log";
  std::filesystem::remove(path);
  LogConfig config;
  config.file = path;
  auto logging = Logging::Start(config);
  ASSERT_TRUE(logging.ok()) << logging.status();
  spdlog::info("first");
  spdlog::default_logger()->flush();
  EXPECT_NE(ContentOf(path).find("first"), std::string::npos);
  std::filesystem::remove(path);
}

TEST(BackgroundSinkTest, DropsAndTellsInsteadOfWaitingForAPipeThatNobodyReads) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  ASSERT_EQ(fcntl(pipe_ends[1], F_SETPIPE_SZ, 4096), 4096);
  auto sink = std::make_shared<BackgroundSink>(pipe_ends[1], true, 64u << 10);
  spdlog::logger logger("kakunin", sink);
  const std::string text(1000, 'x');
  // The pipe takes 4 kB, the buffer 64 kB, and another 64 kB may be on their way.
  for (int i = 0; i < 1000; ++i) logger.info(text);
  EXPECT_GT(sink->Dropped(), 800);
  EXPECT_LT(sink->Dropped(), 1000);

  std::string read_back;
  std::thread reader([&] {
    char octets[4096];
    for (ssize_t got = 0; (got = read(pipe_ends[0], octets, sizeof(octets))) > 0;) {
      read_back.append(octets, static_cast<size_t>(got));
    }
  });
  sink->flush();
  logger.info("again");
  sink->flush();
  logger = spdlog::logger("none");
  sink.reset();
  reader.join();
  close(pipe_ends[0]);
  const size_t told = read_back.find("log lines were dropped");
  ASSERT_NE(told, std::string::npos);
  EXPECT_NE(read_back.find("again", told), std::string::npos);
}

TEST(LoggingTest, FileThatCannotBeOpenedSaysWhatToDo) {
  LogConfig config;
  config.file = "/nowhere/kakunin.log";
  const auto logging = Logging::Start(config);
  EXPECT_EQ(logging.status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace kakunin
