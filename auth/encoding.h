#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kakunin::auth {

// HexEncode writes two lower-case digits an octet.
std::string HexEncode(std::span<const uint8_t> bytes);
std::string HexEncode(std::string_view bytes);

// HexDecode reads an even number of hexadecimal digits of either case, nothing else; otherwise
// returns nullopt.
std::optional<std::string> HexDecode(std::string_view hex);

// Base64Encode writes RFC 4648 base64 with padding and without line breaks.
std::string Base64Encode(std::span<const uint8_t> bytes);
std::string Base64Encode(std::string_view bytes);

// Base64Decode reads RFC 4648 base64 with padding, without white space and with zero spare bits;
// otherwise returns nullopt, so that one value has exactly one accepted spelling.
std::optional<std::string> Base64Decode(std::string_view base64);

// PemEncode wraps DER as `-----BEGIN <label>-----` with lines of 64 characters.
std::string PemEncode(std::string_view label, std::string_view der);

// PemDecode returns the DER of the first block with this label, or nullopt. Text outside blocks
// is ignored. `rest`, if given, receives what follows the block.
std::optional<std::string> PemDecode(std::string_view label, std::string_view text,
                                     std::string_view* rest = nullptr);

}  // namespace kakunin::auth
