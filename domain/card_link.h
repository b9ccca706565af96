#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kakunin {

// kIssuerKeyIdOctets is the length of an issuer's key id: SHA-256 of its subject public key info.
inline constexpr size_t kIssuerKeyIdOctets = 32;

// kMostCardSerialOctets bounds a certificate's serial (RFC 5280 4.1.2.2).
inline constexpr size_t kMostCardSerialOctets = 20;

// kMostLinksInForce is how many links of one person may be in force before a delivery that makes
// more is looked at: a card and a phone of each make are three (jpki.md); the rest is ours, since
// no figure is published.
inline constexpr int kMostLinksInForce = 8;

// IsCardSerial tells whether `octets` are a serial in its one form: 1 to 20 octets, big-endian, no
// leading zero octet.
constexpr bool IsCardSerial(std::string_view octets) {
  return !octets.empty() && octets.size() <= kMostCardSerialOctets && octets.front() != '\0';
}

// DeliveredCardLink is what a delivery says of one card certificate, apart from whose it is.
struct DeliveredCardLink {
  std::string reference;      // CardLinkReference of the two that follow
  std::string issuer_key_id;  // kIssuerKeyIdOctets
  std::string serial;         // IsCardSerial
  int medium = 0;             // CardMedium of card_link_service.proto
  // Of the same holder, superseded by this one; both empty: a first card.
  std::string replaces_issuer_key_id;
  std::string replaces_serial;
};

// CardLinkReference is how reports name a link: 16 hexadecimal digits of the issuer's key id, a
// hyphen, and the serial in hexadecimal digits. At most 57 characters.
std::string CardLinkReference(std::string_view issuer_key_id, std::string_view serial);

}  // namespace kakunin
