#include "server/observe/call_log.h"

#include <fmt/format.h>

#include <iterator>

#include "domain/error.h"
#include "server/observe/json_formatter.h"
#include "storage/store_error.h"
#include "storage/told_failure.h"

namespace kakunin {
namespace {

constexpr std::chrono::minutes kAdviceEvery{1};

// An INTERNAL is a fault of ours; everything else is daily life at some desk.
spdlog::level::level_enum LevelOf(const std::optional<Reason>& reason) {
  return reason == Reason::kInternal ? spdlog::level::err : spdlog::level::info;
}

}  // namespace

CallLog::CallLog(std::shared_ptr<spdlog::logger> logger, Metrics& metrics, int ok_calls_one_in)
    : logger_(std::move(logger)),
      metrics_(metrics),
      ok_calls_one_in_(static_cast<uint64_t>(std::max(1, ok_calls_one_in))) {}

void CallLog::Ended(std::string_view method, std::string_view actor_name,
                    const absl::Status& status, std::chrono::nanoseconds took) {
  const std::optional<Reason> reason =
      status.ok() ? std::nullopt : std::make_optional(ToldReason(status));
  metrics_.CallEnded(method, reason, took);
  if (!reason && ok_calls_one_in_ > 1 &&
      ok_calls_.fetch_add(1, std::memory_order_relaxed) % ok_calls_one_in_ != 0) {
    return;
  }
  const spdlog::level::level_enum level = LevelOf(reason);
  if (!logger_->should_log(level)) return;
  spdlog::memory_buf_t fields;
  const auto append = [&](std::string_view text) {
    fields.append(text.data(), text.data() + text.size());
  };
  // Codes and reasons are ours and need no escaping; the others come from outside.
  append("\"method\":");
  AppendJsonString(method, fields);
  append(",\"actor\":");
  AppendJsonString(actor_name, fields);
  append(",\"code\":");
  append(fmt::format_int(reason ? static_cast<int>(FactsOf(*reason).code) : 0).c_str());
  append(",\"reason\":\"");
  if (reason) append(FactsOf(*reason).name);
  if (const std::string state = SqlStateOf(status); !state.empty()) {
    append("\",\"sqlstate\":\"");
    append(state);
  }
  const int64_t micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  fmt::format_to(std::back_inserter(fields), "\",\"ms\":{}.{:03}", micros / 1000, micros % 1000);
  logger_->log(level, spdlog::string_view_t(fields.data(), fields.size()));
  if (reason == Reason::kDatabaseUnavailable) SayWhatToDo(status);
}

void CallLog::SayWhatToDo(const absl::Status& status) {
  using std::chrono::steady_clock;
  const std::string sqlstate = SqlStateOf(status);
  const size_t slow = StoreFailureOf(status) == StoreFailure::kTimedOut ? 1 : 0;
  auto& due = advice_due_.at(sqlstate.empty() ? slow : 2);
  const auto now = steady_clock::now().time_since_epoch();
  auto was_due = due.load(std::memory_order_relaxed);
  if (now.count() < was_due) return;
  // Who comes second within the same moment says nothing.
  if (!due.compare_exchange_strong(was_due, (now + steady_clock::duration(kAdviceEvery)).count())) {
    return;
  }
  spdlog::memory_buf_t fields;
  constexpr std::string_view kEvent = "\"event\":\"database_fails_calls\",\"what_to_do\":";
  fields.append(kEvent.data(), kEvent.data() + kEvent.size());
  AppendJsonString(WhatToDoAbout(status), fields);
  logger_->log(spdlog::level::warn, spdlog::string_view_t(fields.data(), fields.size()));
}

}  // namespace kakunin
