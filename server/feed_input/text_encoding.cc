#include "server/feed_input/text_encoding.h"

#include "domain/text/cp932.h"

namespace kakunin {
namespace {

// How many octets a character has that begins so; 0: none does.
size_t LengthByLead(unsigned char lead) {
  if (lead >= 0xF0) return lead <= 0xF4 ? 4 : 0;
  if (lead >= 0xE0) return 3;
  return lead >= 0xC2 ? 2 : 0;
}

}  // namespace

std::string_view EncodingName(TextEncoding encoding) {
  return encoding == TextEncoding::kUtf8 ? "UTF-8" : "CP932";
}

std::optional<std::string> Decoded(TextEncoding encoding, std::string_view octets) {
  if (encoding == TextEncoding::kCp932) return Utf8FromCp932(octets);
  if (!IsWellFormedUtf8(octets)) return std::nullopt;
  return std::string(octets);
}

void EncodingDetector::EndCharacter() {
  const bool whole = pending_.size() == wanted_ && IsWellFormedUtf8(pending_);
  (whole ? good_ : bad_) += static_cast<int64_t>(pending_.size());
  pending_.clear();
}

void EncodingDetector::Add(std::string_view octets) {
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    const bool continues = (octet & 0xC0) == 0x80;
    if (!pending_.empty() && !continues) EndCharacter();
    if (octet < 0x80) continue;
    if (pending_.empty()) wanted_ = LengthByLead(octet);
    if (pending_.empty() && wanted_ == 0) {
      ++bad_;
      continue;
    }
    pending_ += c;
    if (pending_.size() == wanted_) EndCharacter();
  }
}

std::optional<TextEncoding> EncodingDetector::Finish() {
  if (!pending_.empty()) EndCharacter();
  if (bad_ == 0) return TextEncoding::kUtf8;
  if (bad_ > good_) return TextEncoding::kCp932;
  return std::nullopt;
}

}  // namespace kakunin
