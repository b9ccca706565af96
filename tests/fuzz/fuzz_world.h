#pragma once

#include <absl/time/time.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "auth/card_verifier.h"
#include "auth/crl_writer.h"
#include "auth/issuance.h"

namespace kakunin::fuzz {

// Require ends the process with `what` when it is false: the fuzzer keeps the input.
void Require(bool holds, const char* what);

// FuzzNow is the moment that everything in the corpus is made for: 2026-11-21T12:00:00+09:00.
absl::Time FuzzNow();

inline constexpr uint64_t kRevokedSerial = 114'400'666;

// CardOf is a good card's certificate, valid 2025-10-27 to 2030-02-17.
auth::CertificateSpec CardOf(const auth::Authority& issuer, std::string_view public_key);

// CrlOf is a fresh CRL of the card's municipality that lists kRevokedSerial. `own` is that of the
// CA itself, which the general verifier asks for.
auth::CrlSpec CrlOf();
auth::CrlSpec OwnCrlOf(const auth::Authority& issuer);

// MakeRoot is a card CA under the one name, with a distribution point of its own (jpki.md 1.1).
auth::Authority MakeRoot(const auth::PrivateKey& key);

// GenuineWorld is what write_corpus made once and threw the keys away of: nobody, a fuzzer neither,
// can make a second certificate that its root signed.
struct GenuineWorld {
  std::shared_ptr<const auth::TrustStore> store;
  auth::RevocationSnapshot revocations;
  std::map<std::string, std::string> crls;  // by file name
  std::string card;
  std::string signature;

  static constexpr std::string_view kChallenge = "the octets that the server rebuilt";
  static const GenuineWorld& Get();
};

// SigningWorld has its CA's key, new in every process, and signs whatever the fuzzer made: what
// comes after a right signature gets fuzzed too, by the production code as it is.
struct SigningWorld {
  auth::Authority root;
  std::shared_ptr<const auth::TrustStore> store;
  std::vector<std::string> crls;
  auth::RevocationSnapshot revocations;
  auth::CardPolicy policy;

  static const SigningWorld& Get();

  // Resign puts a right signature on the first element of a signed structure (a certificate or a
  // CRL); empty when there is none.
  std::string Resign(std::string_view input) const;
};

std::string ReadFile(const std::string& path);

}  // namespace kakunin::fuzz
