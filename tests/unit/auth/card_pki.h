#pragma once

#include <absl/time/time.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/card_verifier.h"
#include "auth/crl_writer.h"
#include "auth/issuance.h"

namespace kakunin::auth {

// At parses RFC 3339.
absl::Time At(std::string_view text);

// CardPki is the test's world: three generations of card CA with one name, the signing CA, a
// foreign CA under the card CA's name, two card keys. Made once a process: keys are slow.
struct CardPki {
  std::vector<Authority> generations;
  Authority signing;
  Authority impostor;  // the card CA's name, a key nobody pinned
  PrivateKey card_key;
  PrivateKey other_card_key;
  std::shared_ptr<const TrustStore> store;

  static const CardPki& Get();
};

inline constexpr std::string_view kCity = "13221";
inline constexpr uint64_t kSerial = 114'400'001;
inline constexpr std::string_view kMessage = "the octets that the server rebuilt";

// Now is a plain moment inside every validity: 2026-11-21T12:00:00+09:00.
absl::Time Now();

// DefaultCard is a good card of generation 3, valid 2025-10-27 .. 2030-02-17 JST.
CardSpec DefaultCard();

// DefaultCertificate is DefaultCard's certificate as a spec, for a test to change.
CertificateSpec DefaultCertificate();

// Sign issues a spec by generation 3 unless told otherwise.
std::string SignedBy(const CertificateSpec& spec, const Authority& issuer);
std::string Signed(const CertificateSpec& spec);

// DefaultCrl is an empty, fresh CRL of the default card's municipality.
CrlSpec DefaultCrl(absl::Time now);

// SnapshotOf loads CRLs (DER), each of which must be sound.
RevocationSnapshot SnapshotOf(const std::vector<std::string>& crls);

// FreshSnapshot holds DefaultCrl of every generation.
RevocationSnapshot FreshSnapshot(absl::Time now);

// Judge verifies with everything default but what is given. The signature is the card key's.
struct Circumstances {
  absl::Time now = Now();
  Medium medium = Medium::kCard;
  std::optional<std::string> signature;
  std::optional<RevocationSnapshot> revocations;
  CardPolicy policy = DefaultCardPolicy();
};
CardVerdict Judge(const std::string& certificate, const Circumstances& circumstances = {});

// Describe is "KIND REASON" for messages and comparisons.
std::string Describe(const CardVerdict& verdict);

// ScratchDirectory is a new directory that is removed with the object.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

  // Write creates or replaces a file.
  std::filesystem::path Write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace kakunin::auth
