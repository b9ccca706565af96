#include "tests/support/log_canaries.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "domain/text/individual_number.h"

namespace kakunin {
namespace {

// What the fixtures of several suites call their patients: names and kana (SampleRow and the
// records'), numbers, and birth dates in the ways in which they are written. Nothing that stands in
// a log for another reason.
constexpr std::array<std::string_view, 21> kPlanted = {
    "確認　太郎", "カクニン",   "ｶｸﾆﾝ",     "厚労",           "コウロウ",   "5678910",
    "1970-01-01", "19700101",   "1970/1/1", "東京都千代田区", "予約　花子", "番号花子",
    "オンシカ",   "昭和45",     "髙田",     "タカダ",         "ﾀｶﾀﾞ",       "高田　花子",
    "渡邉　花子", "鈴木　一郎", "禁句"};

constexpr size_t kLeastDigits = 7;
constexpr std::string_view kAnIndividualNumber = "an individual number";

bool IsDigits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return absl::ascii_isdigit(c); });
}

// CanarySink keeps nothing of a log but which of them it has met.
class CanarySink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  CanarySink() {
    for (const std::string_view planted : kPlanted) texts_.emplace(planted);
  }
  void Plant(std::string text) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (!IsDigits(text)) {
      texts_.insert(std::move(text));
    } else if (text.size() >= kLeastDigits) {
      numbers_.insert(std::move(text));
    }
  }
  std::set<std::string_view> TakeFound() {
    const std::lock_guard<std::mutex> hold(mutex_);
    return std::exchange(found_, {});
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view text(message.payload.data(), message.payload.size());
    for (const std::string& planted : texts_) {
      if (text.find(planted) != std::string_view::npos) found_.insert(planted);
    }
    for (size_t begin = 0; begin < text.size();) {
      size_t end = begin;
      while (end < text.size() && absl::ascii_isalnum(text[end])) ++end;
      // The end of a UUID is no number by itself.
      if (end > begin && (begin == 0 || text[begin - 1] != '-')) {
        Judge(text.substr(begin, end - begin));
      }
      begin = end + 1;
    }
  }
  void flush_() override {}

 private:
  void Judge(std::string_view run) {
    const auto planted = numbers_.find(run);
    if (planted != numbers_.end()) found_.insert(*planted);
    const auto individual = IndividualNumber::Parse(run);
    if (individual && individual->HasValidCheckDigit()) found_.insert(kAnIndividualNumber);
  }

  // Never less than they were: what was found looks at them.
  std::set<std::string, std::less<>> texts_;
  std::set<std::string, std::less<>> numbers_;
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

std::shared_ptr<spdlog::logger> WatchedLogger(const std::string& name) {
  return std::make_shared<spdlog::logger>(name, TheSink());
}

void PlantCanary(std::string text) { TheSink()->Plant(std::move(text)); }

std::set<std::string_view> TakeLoggedCanaries() { return TheSink()->TakeFound(); }

}  // namespace kakunin
