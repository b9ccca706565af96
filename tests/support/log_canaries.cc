#include "tests/support/log_canaries.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace kakunin {
namespace {

// What the fixtures of several suites call their patients: names and kana (SampleRow and the
// records'), numbers, and birth dates in the ways in which they are written. Nothing that stands in
// a log for another reason.
constexpr std::array<std::string_view, 14> kPlanted = {
    "確認　太郎", "カクニン", "ｶｸﾆﾝ",           "厚労",       "コウロウ", "5678910",  "1970-01-01",
    "19700101",   "1970/1/1", "東京都千代田区", "予約　花子", "番号花子", "オンシカ", "昭和45"};

// CanarySink keeps nothing of a log but which of them it has met.
class CanarySink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::set<std::string_view> TakeFound() {
    const std::lock_guard<std::mutex> hold(mutex_);
    return std::exchange(found_, {});
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view text(message.payload.data(), message.payload.size());
    for (const std::string_view planted : kPlanted) {
      if (text.find(planted) != std::string_view::npos) found_.insert(planted);
    }
  }
  void flush_() override {}

 private:
  std::set<std::string_view> found_;
};

std::shared_ptr<CanarySink> TheSink() {
  static const auto sink = std::make_shared<CanarySink>();
  return sink;
}

class FailsTests final : public testing::EmptyTestEventListener {
 public:
  void OnTestEnd(const testing::TestInfo&) override {
    for (const std::string_view found : TakeLoggedCanaries()) {
      ADD_FAILURE() << "personal data were logged: " << found;
    }
  }
};

}  // namespace

bool WatchLog() {
  static const bool watched = [] {
    spdlog::default_logger()->sinks().push_back(TheSink());
    testing::UnitTest::GetInstance()->listeners().Append(new FailsTests);
    return true;
  }();
  return watched;
}

std::set<std::string_view> TakeLoggedCanaries() { return TheSink()->TakeFound(); }

}  // namespace kakunin
