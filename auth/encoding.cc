#include "auth/encoding.h"

#include <algorithm>

#include "auth/digest.h"

namespace kakunin::auth {
namespace {

constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kPemLineLength = 64;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

}  // namespace

std::string HexEncode(std::span<const uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex(bytes.size() * 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    hex[2 * i] = kDigits[bytes[i] >> 4];
    hex[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return hex;
}

std::string HexEncode(std::string_view bytes) { return HexEncode(AsBytes(bytes)); }

std::optional<std::string> HexDecode(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes(hex.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = HexDigit(hex[2 * i]);
    const int low = HexDigit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string Base64Encode(std::span<const uint8_t> bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t have = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = static_cast<uint32_t>(bytes[i]) << 16;
    if (have > 1) group |= static_cast<uint32_t>(bytes[i + 1]) << 8;
    if (have > 2) group |= bytes[i + 2];
    out += kBase64Digits[group >> 18];
    out += kBase64Digits[group >> 12 & 63];
    out += have > 1 ? kBase64Digits[group >> 6 & 63] : '=';
    out += have > 2 ? kBase64Digits[group & 63] : '=';
  }
  return out;
}

std::string Base64Encode(std::string_view bytes) { return Base64Encode(AsBytes(bytes)); }

std::optional<std::string> Base64Decode(std::string_view base64) {
  if (base64.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && base64.size() > padding && base64[base64.size() - 1 - padding] == '=') {
    ++padding;
  }
  const std::string_view digits = base64.substr(0, base64.size() - padding);
  std::string out;
  out.reserve(base64.size() / 4 * 3);
  uint32_t group = 0;
  int bits = 0;
  for (const char c : digits) {
    const int digit = Base64Digit(c);
    if (digit < 0) return std::nullopt;
    group = group << 6 | static_cast<uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(group >> bits & 0xff);
    }
  }
  if ((group & ((1u << bits) - 1)) != 0) return std::nullopt;
  return out;
}

std::string PemEncode(std::string_view label, std::string_view der) {
  const std::string body = Base64Encode(der);
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  for (size_t i = 0; i < body.size(); i += kPemLineLength) {
    out.append(body, i, kPemLineLength);
    out += '\n';
  }
  return out + "-----END " + std::string(label) + "-----\n";
}

std::optional<std::string> PemDecode(std::string_view label, std::string_view text,
                                     std::string_view* rest) {
  const std::string begin = "-----BEGIN " + std::string(label) + "-----";
  const std::string end = "-----END " + std::string(label) + "-----";
  const size_t from = text.find(begin);
  if (from == std::string_view::npos) return std::nullopt;
  const size_t body_start = from + begin.size();
  const size_t to = text.find(end, body_start);
  if (to == std::string_view::npos) return std::nullopt;
  std::string body;
  body.reserve(to - body_start);
  for (const char c : text.substr(body_start, to - body_start)) {
    if (c != '\n' && c != '\r') body += c;
  }
  if (rest != nullptr) *rest = text.substr(to + end.size());
  return Base64Decode(body);
}

}  // namespace kakunin::auth
