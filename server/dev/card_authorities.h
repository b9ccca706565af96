#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "auth/issuance.h"
#include "auth/private_key.h"
#include "server/dev/sandbox_paths.h"
#include "server/synth/nation.h"

namespace kakunin::dev {

// CardAuthorities are the three generations of the sandbox's card CA, which share one name, and the
// pool of keys that stand in for the cards'. Keys are made once an installation.
class CardAuthorities {
 public:
  // Open loads or makes the keys and writes the trust store. `today` is the nation's: the
  // generations' periods are relative to it. INTERNAL when a file cannot be used.
  static absl::StatusOr<CardAuthorities> Open(SandboxPaths paths,
                                              const synth::NationOptions& nation);

  // IssuerKeyIds are the SHA-256 of the generations' public keys, as card links name them.
  std::array<std::string, synth::kCardGenerations> IssuerKeyIds() const;

  // IssueCrls writes one CRL a partition with the nation's revoked cards, valid from `now`. CRL
  // numbers grow with `machine_time`: `now` may go back in a sandbox, a CRL number may not.
  absl::Status IssueCrls(const std::vector<synth::CrlPartition>& partitions, absl::Time now,
                         absl::Time machine_time) const;

  // Crl is the DER of one partition's CRL as IssueCrls writes it, CrlFile where.
  std::string Crl(const synth::CrlPartition& partition, absl::Time now,
                  absl::Time machine_time) const;
  std::filesystem::path CrlFile(const synth::CrlPartition& partition) const;

  // WriteTestCards writes the first certificate and the key of every test person who has a card.
  absl::Status WriteTestCards(absl::CivilDay today) const;

  // Certificate is the DER of a card's certificate.
  std::string Certificate(const synth::CardRecord& card) const;
  // KeyOf is the card's key; a pool smaller than the nation was made for is used round and round.
  const auth::PrivateKey& KeyOf(const synth::CardRecord& card) const {
    return card_keys_[static_cast<size_t>(card.key_index) % card_keys_.size()];
  }

 private:
  CardAuthorities(SandboxPaths paths, std::vector<auth::Authority> generations,
                  std::vector<auth::PrivateKey> card_keys)
      : paths_(std::move(paths)),
        generations_(std::move(generations)),
        card_keys_(std::move(card_keys)) {}

  SandboxPaths paths_;
  std::vector<auth::Authority> generations_;  // of generation 1, 2, 3
  std::vector<auth::PrivateKey> card_keys_;
};

}  // namespace kakunin::dev
