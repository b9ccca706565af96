#include "domain/enrolment_code.h"

namespace kakunin {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t kIdCharacters = 8;
constexpr size_t kCharacters = 24;
constexpr size_t kGroup = 4;
constexpr int kBits = 5;

// The character that was meant; empty: none of the alphabet.
std::optional<char> Meant(char typed) {
  const char upper = typed >= 'a' && typed <= 'z' ? static_cast<char>(typed - 'a' + 'A') : typed;
  if (upper == 'I' || upper == 'L') return '1';
  if (upper == 'O') return '0';
  if (kAlphabet.find(upper) == std::string_view::npos) return std::nullopt;
  return upper;
}

}  // namespace

EnrolmentCodeText MakeEnrolmentCode(std::span<const uint8_t> random) {
  std::string text;
  uint32_t held = 0;
  int bits = 0;
  for (const uint8_t octet : random.first(kEnrolmentCodeOctets)) {
    held = (held << 8) | octet;
    bits += 8;
    while (bits >= kBits) {
      bits -= kBits;
      text += kAlphabet[(held >> bits) & 31];
    }
    held &= (1U << bits) - 1;
  }
  return {.code_id = text.substr(0, kIdCharacters), .secret = text.substr(kIdCharacters)};
}

std::string WriteEnrolmentCode(const EnrolmentCodeText& code) {
  const std::string all = code.code_id + code.secret;
  std::string text;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i > 0 && i % kGroup == 0) text += '-';
    text += all[i];
  }
  return text;
}

std::optional<EnrolmentCodeText> ReadEnrolmentCode(std::string_view typed) {
  std::string text;
  for (const char c : typed) {
    if (c == '-' || c == ' ') continue;
    const auto meant = Meant(c);
    if (!meant || text.size() == kCharacters) return std::nullopt;
    text += *meant;
  }
  if (text.size() != kCharacters) return std::nullopt;
  return EnrolmentCodeText{.code_id = text.substr(0, kIdCharacters),
                           .secret = text.substr(kIdCharacters)};
}

CodeVerdict JudgeEnrolmentCode(const EnrolmentCode& code, bool secret_right, absl::Time now) {
  if (code.wrong_tries >= kEnrolmentCodeTries) return CodeVerdict::kExhausted;
  if (!secret_right) return CodeVerdict::kWrong;
  if (code.used) return CodeVerdict::kUsed;
  return now >= code.expires ? CodeVerdict::kExpired : CodeVerdict::kGood;
}

}  // namespace kakunin
