#include "server/http/web_request.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string_view>

namespace kakunin {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "Content-Length";
constexpr std::array<std::string_view, 9> kKnownFields = {
    kLength, "Content-Type",  "Origin",          "Cookie",      "Connection",
    "Host",  "Authorization", "Kakunin-Session", "Kakunin-Csrf"};

bool IsNamed(std::string_view field, std::string_view name) {
  const auto is_same = [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  };
  return std::ranges::equal(field.substr(0, field.find(':')), name, is_same);
}

// HasLooseEnd: a line ends in one of CR and LF alone. httplib would take the rest for a field that
// was looked at by nobody.
bool HasLooseEnd(std::string_view lines) {
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] == '\n') return true;
    if (lines[i] != '\r') continue;
    if (++i == lines.size() || lines[i] != '\n') return true;
  }
  return false;
}

// IsField tells whether a line is a name, a colon and a value: spaces in the name, or before it,
// are read by some as if they were not there (RFC 9112, 5.1).
bool IsField(std::string_view line) {
  const size_t colon = line.find(':');
  return colon != 0 && colon != std::string_view::npos &&
         line.substr(0, colon).find_first_of(" \t") == std::string_view::npos;
}

// BodySize is what a field says; nothing when it cannot be relied on, or is too much.
std::optional<size_t> BodySize(std::string_view field) {
  std::string_view digits = field.substr(kLength.size());
  digits.remove_prefix(std::min(digits.find_first_not_of(": "), digits.size()));
  digits.remove_suffix(digits.size() - 1 - digits.find_last_not_of(' '));
  size_t size = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  const bool usable = fault == std::errc() && end == digits.data() + digits.size();
  if (!usable || size > kMostRequestBody) return std::nullopt;
  return size;
}

}  // namespace

std::optional<WebRequest> TakeRequest(std::string& asked) {
  const size_t line = asked.find(kLineEnd);
  const size_t end = asked.find(kHeadEnd);
  if (std::min(line, asked.size()) > kMostRequestLine ||
      std::min(end, asked.size()) > kMostRequestHead) {
    return WebRequest{.last = true};
  }
  if (end == std::string::npos) return std::nullopt;
  const std::string_view head(asked.data(), end + kLineEnd.size());
  if (HasLooseEnd(head)) return WebRequest{.last = true};

  WebRequest request{.octets = asked.substr(0, line + kLineEnd.size())};
  size_t body = 0;
  bool sized = false;
  size_t next = line + kLineEnd.size();
  while (next < head.size()) {
    const std::string_view field = head.substr(next, head.find(kLineEnd, next) - next);
    next += field.size() + kLineEnd.size();
    if (!IsField(field)) return WebRequest{.last = true};
    if (IsNamed(field, kLength)) {
      // Nothing is waited for of a body the size of which is unknown: httplib refuses it.
      const std::optional<size_t> size = BodySize(field);
      request.last |= sized || !size;
      sized = true;
      body = size.value_or(0);
    }
    // A body in pieces: the door wants its size.
    request.last |= IsNamed(field, "Transfer-Encoding");
    const auto is_it = [&](std::string_view name) { return IsNamed(field, name); };
    if (std::ranges::any_of(kKnownFields, is_it)) request.octets.append(field).append(kLineEnd);
  }
  const size_t begin = end + kHeadEnd.size();
  if (asked.size() - begin < body) return std::nullopt;
  request.octets.append(kLineEnd).append(asked, begin, body);
  asked.erase(0, begin + body);
  return request;
}

}  // namespace kakunin
