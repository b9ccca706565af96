#include "server/rpc/page_place.h"

#include <fmt/format.h>

#include <charconv>

namespace kakunin {

std::string PageTokenOf(absl::Time at, std::string_view rest) {
  return fmt::format("{}.{}", absl::ToUnixMicros(at), rest);
}

std::optional<std::pair<absl::Time, std::string_view>> PlaceOfPageToken(std::string_view token) {
  const size_t dot = token.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  int64_t micros = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + dot, micros);
  if (error != std::errc() || end != token.data() + dot) return std::nullopt;
  return std::pair(absl::FromUnixMicros(micros), token.substr(dot + 1));
}

}  // namespace kakunin
