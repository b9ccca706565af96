#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kakunin {

// TextEncoding is how a file of text writes its characters.
enum class TextEncoding { kUtf8 = 1, kCp932 };

// EncodingName is "UTF-8" or "CP932".
std::string_view EncodingName(TextEncoding encoding);

// Decoded returns a cell's octets as UTF-8; empty when they are not in `encoding`.
std::optional<std::string> Decoded(TextEncoding encoding, std::string_view octets);

// EncodingDetector looks at a whole file as it streams by. One thread at a time.
class EncodingDetector {
 public:
  void Add(std::string_view octets);

  // Finish is UTF-8 when everything is well-formed UTF-8, and CP932 when of the octets beyond ASCII
  // more are no UTF-8 than are. Empty for what lies between: UTF-8 with damage would be read as
  // CP932 without a complaint, as other characters.
  std::optional<TextEncoding> Finish();

 private:
  void EndCharacter();

  int64_t good_ = 0;     // octets of well-formed characters beyond ASCII
  int64_t bad_ = 0;      // octets beyond ASCII of no such character
  std::string pending_;  // the octets of a character that has begun
  size_t wanted_ = 0;    // how many it will have
};

}  // namespace kakunin
