#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"

namespace kakunin {

// JsonArrayWriter writes an array of flat objects of texts, numbers and days ("YYYY-MM-DD"). What
// is empty or absent gets no member where the method says so. Not thread-safe.
class JsonArrayWriter {
 public:
  void BeginObject();
  void EndObject() { out_ += '}'; }
  void Number(std::string_view name, int64_t value);
  void Text(std::string_view name, std::string_view value);
  // TextIfAny leaves an empty text out.
  void TextIfAny(std::string_view name, std::string_view value) {
    if (!value.empty()) Text(name, value);
  }
  // Day leaves an absent day out.
  void Day(std::string_view name, const std::optional<absl::CivilDay>& day);
  void Numbers(std::string_view name, std::span<const int> values);
  std::string Finish() { return std::move(out_) + ']'; }

 private:
  void Name(std::string_view name);
  std::string out_ = "[";
};

// ReadJsonArray reads an array of flat objects as PostgreSQL prints jsonb: it calls `begin` for
// each object and `member` for each of its members, numbers as their digits and arrays of numbers
// as what stands between the brackets. False when the text is anything else, or `member` says so.
bool ReadJsonArray(
    std::string_view json, const std::function<void()>& begin,
    const std::function<bool(std::string_view name, const std::string& value)>& member);

// AssignJson reads a member's value; false when it is not what the writer makes.
bool AssignJson(std::string_view text, int& number);
bool AssignJson(std::string_view text, int64_t& number);
bool AssignJson(std::string_view text, std::optional<absl::CivilDay>& day);
bool AssignJson(std::string_view text, std::vector<int>& numbers);

// JsonParts reads an array whose objects are parts of one kind; empty when the text is anything
// else.
template <class Part>
std::optional<std::vector<Part>> JsonParts(std::string_view json,
                                           bool (*assign)(Part&, std::string_view name,
                                                          const std::string& value)) {
  std::vector<Part> parts;
  if (json == "[]") return parts;  // nearly always, for coverages
  const bool read = ReadJsonArray(
      json, [&] { parts.emplace_back(); },
      [&](std::string_view name, const std::string& value) {
        return assign(parts.back(), name, value);
      });
  if (!read) return std::nullopt;
  return parts;
}

}  // namespace kakunin
