#pragma once

#include <spdlog/formatter.h>

#include <ctime>
#include <memory>
#include <string>
#include <string_view>

namespace kakunin {

// kFieldsLogger is the name of the logger whose messages are ready JSON fields ("\"a\":1,\"b\":2")
// instead of a text.
inline constexpr char kFieldsLogger[] = "call";

// JsonFormatter writes one JSON object a line: {"time":...,"level":...,"message":...}. Time is the
// machine's, in UTC, with microseconds. A text is escaped whatever it holds; octets that are not
// UTF-8 become U+FFFD. Not thread-safe: every sink has its own.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override;
  std::unique_ptr<spdlog::formatter> clone() const override;

 private:
  std::time_t second_ = -1;
  std::string second_text_;  // "2026-01-05T00:00:00", kept while the second lasts
};

// AppendJsonString appends `text` as a JSON string, quotes included, to anything with
// push_back(char) and append(first, last).
template <class Buffer>
void AppendJsonString(std::string_view text, Buffer& out);

extern template void AppendJsonString(std::string_view text, std::string& out);
extern template void AppendJsonString(std::string_view text, spdlog::memory_buf_t& out);

}  // namespace kakunin
