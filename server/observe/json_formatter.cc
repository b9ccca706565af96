#include "server/observe/json_formatter.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace kakunin {
namespace {

template <class Buffer>
void Append(std::string_view text, Buffer& out) {
  out.append(text.data(), text.data() + text.size());
}

// IsPlain is ASCII that stands for itself.
bool IsPlain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

// Utf8Length is the length of the well-formed sequence at the front of `text`, 0 when there is
// none (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
size_t Utf8Length(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  size_t length = 0;
  unsigned char least = 0x80;
  unsigned char most = 0xbf;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) least = 0xa0;
    if (first == 0xed) most = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) least = 0x90;
    if (first == 0xf4) most = 0x8f;
  } else {
    return 0;
  }
  if (text.size() < length || at(1) < least || at(1) > most) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (at(i) < 0x80 || at(i) > 0xbf) return 0;
  }
  return length;
}

}  // namespace

template <class Buffer>
void AppendJsonString(std::string_view text, Buffer& out) {
  out.push_back('"');
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && IsPlain(text[plain])) ++plain;
    Append(text.substr(0, plain), out);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto c = static_cast<unsigned char>(text.front());
    size_t taken = 1;
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c == '\n') {
      Append("\\n", out);
    } else if (c < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    } else if (taken = Utf8Length(text); taken == 0) {
      taken = 1;
      Append("\xef\xbf\xbd", out);
    } else {
      Append(text.substr(0, taken), out);
    }
    text.remove_prefix(taken);
  }
  out.push_back('"');
}

template void AppendJsonString(std::string_view text, std::string& out);
template void AppendJsonString(std::string_view text, spdlog::memory_buf_t& out);

void JsonFormatter::format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) {
  const auto since_epoch = msg.time.time_since_epoch();
  const auto second = std::chrono::floor<std::chrono::seconds>(since_epoch);
  if (second.count() != second_) {
    second_ = second.count();
    std::tm parts{};
    gmtime_r(&second_, &parts);
    second_text_ =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                    parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  }
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(since_epoch - second).count();
  fmt::format_to(std::back_inserter(dest), "{{\"time\":\"{}.{:06}Z\",\"level\":\"{}\",",
                 second_text_, micros, spdlog::level::to_string_view(msg.level));
  const std::string_view payload(msg.payload.data(), msg.payload.size());
  if (msg.logger_name == kFieldsLogger) {
    Append(payload, dest);
  } else {
    Append("\"message\":", dest);
    AppendJsonString(payload, dest);
  }
  Append("}\n", dest);
}

std::unique_ptr<spdlog::formatter> JsonFormatter::clone() const {
  return std::make_unique<JsonFormatter>();
}

}  // namespace kakunin
