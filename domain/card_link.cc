#include "domain/card_link.h"

namespace kakunin {
namespace {

constexpr size_t kIssuerOctetsShown = 8;

void AppendHex(std::string_view octets, std::string& text) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    text += kDigits[octet >> 4];
    text += kDigits[octet & 0x0F];
  }
}

}  // namespace

std::string CardLinkReference(std::string_view issuer_key_id, std::string_view serial) {
  std::string text;
  AppendHex(issuer_key_id.substr(0, kIssuerOctetsShown), text);
  text += '-';
  AppendHex(serial, text);
  return text;
}

}  // namespace kakunin
