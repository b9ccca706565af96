#include "server/observe/json_formatter.h"

#include <gtest/gtest.h>
#include <spdlog/details/log_msg.h>

#include <string>

namespace kakunin {
namespace {

std::string Json(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

std::string LineOf(std::string_view logger, std::string_view text, int64_t micros) {
  spdlog::details::log_msg message(spdlog::log_clock::time_point(std::chrono::microseconds(micros)),
                                   {}, spdlog::string_view_t(logger.data(), logger.size()),
                                   spdlog::level::warn,
                                   spdlog::string_view_t(text.data(), text.size()));
  JsonFormatter formatter;
  spdlog::memory_buf_t line;
  formatter.format(message, line);
  return {line.data(), line.size()};
}

TEST(JsonStringTest, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(Json("a\"b\\c\nd"), R"("a\"b\\c\nd")");
  EXPECT_EQ(Json(std::string_view("\0\x1f\x7f\t", 4)), R"("\u0000\u001f\u007f\u0009")");
}

TEST(JsonStringTest, KeepsWellFormedUtf8) {
  for (const char* text : {"資格", "𠮷", "é", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"}) {
    EXPECT_EQ(Json(text), "\"" + std::string(text) + "\"");
  }
}

TEST(JsonStringTest, ReplacesOctetsThatAreNotUtf8) {
  const std::string replaced = "\xef\xbf\xbd";
  EXPECT_EQ(Json("\xff"), "\"" + replaced + "\"");
  EXPECT_EQ(Json("a\xe8\xb3"), "\"a" + replaced + replaced + "\"");               // cut off
  EXPECT_EQ(Json("\xc0\xaf"), "\"" + replaced + replaced + "\"");                 // overlong
  EXPECT_EQ(Json("\xed\xa0\x80"), "\"" + replaced + replaced + replaced + "\"");  // surrogate
}

TEST(JsonFormatterTest, WritesOneObjectALine) {
  EXPECT_EQ(LineOf("kakunin", "he said \"no\"\n", 1'767'571'200'000'042),
            "{\"time\":\"2026-01-05T00:00:00.000042Z\",\"level\":\"warning\","
            "\"message\":\"he said \\\"no\\\"\\n\"}\n");
}

TEST(JsonFormatterTest, TakesReadyFieldsFromTheirLogger) {
  EXPECT_EQ(LineOf(kFieldsLogger, "\"code\":0", 0),
            "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"warning\",\"code\":0}\n");
}

TEST(JsonFormatterTest, FollowsTheSecondWhenItIsUsedAgain) {
  JsonFormatter formatter;
  for (const int second : {59, 60, 59}) {
    spdlog::details::log_msg message(spdlog::log_clock::time_point(std::chrono::seconds(second)),
                                     {}, "kakunin", spdlog::level::info, "x");
    spdlog::memory_buf_t line;
    formatter.format(message, line);
    const std::string text(line.data(), line.size());
    EXPECT_EQ(text.substr(9, 19), second == 59 ? "1970-01-01T00:00:59" : "1970-01-01T00:01:00");
  }
}

}  // namespace
}  // namespace kakunin
