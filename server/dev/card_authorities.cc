#include "server/dev/card_authorities.h"

#include <fmt/format.h>

#include "auth/crl_writer.h"
#include "auth/digest.h"
#include "domain/error.h"
#include "server/synth/card_certificate.h"
#include "server/synth/test_persons.h"
#include "server/text_file.h"

namespace kakunin::dev {
namespace {

// CRLs come every hour and are good for a day, as JPKI's are (jpki.md 1.5).
constexpr absl::Duration kCrlLife = absl::Hours(24);

}  // namespace

absl::StatusOr<CardAuthorities> CardAuthorities::Open(SandboxPaths paths,
                                                      const synth::NationOptions& nation) {
  for (const auto& folder : {paths.card_trust(), paths.card_crls(), paths.card_authority_keys(),
                             paths.card_keys(), paths.card_key("TP01").parent_path()}) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure) return absl::InternalError("cannot make " + folder.string());
  }
  ASSIGN_OR_RETURN(const std::vector<auth::PrivateKey> keys,
                   auth::OpenKeyPool(paths.card_authority_keys(), synth::kCardGenerations));
  ASSIGN_OR_RETURN(std::vector<auth::PrivateKey> card_keys,
                   auth::OpenKeyPool(paths.card_keys(), nation.key_pool_size));
  const auto periods = synth::CardAuthorityPeriods(nation.today);
  std::vector<auth::Authority> generations;
  for (size_t i = 0; i < keys.size(); ++i) {
    // Same key, name, dates and serial: RSA signs the same certificate at every start.
    generations.push_back(auth::MakeAuthority(auth::JpkiAuthenticationName(), keys[i],
                                              periods[i].not_before, periods[i].not_after,
                                              auth::SerialNumber(i + 1)));
    RETURN_IF_ERROR(ReplaceTextFile(paths.card_trust() / fmt::format("generation-{}.pem", i + 1),
                                    auth::CertificatePem(generations.back().certificate_der)));
  }
  return CardAuthorities(std::move(paths), std::move(generations), std::move(card_keys));
}

std::array<std::string, synth::kCardGenerations> CardAuthorities::IssuerKeyIds() const {
  std::array<std::string, synth::kCardGenerations> ids;
  for (size_t i = 0; i < ids.size(); ++i) {
    ids[i] = auth::AsText(auth::Sha256(generations_[i].key.PublicKeyDer()));
  }
  return ids;
}

std::string CardAuthorities::Crl(const synth::CrlPartition& partition, absl::Time now,
                                 absl::Time machine_time) const {
  auth::CrlSpec spec;
  spec.this_update = now;
  spec.next_update = now + kCrlLife;
  spec.crl_number = auth::SerialNumber(static_cast<uint64_t>(absl::ToUnixMillis(machine_time)));
  spec.partition = auth::MunicipalityPoint(partition.municipality_code);
  for (const synth::CardRecord& card : partition.revoked) {
    spec.entries.push_back(
        {auth::SerialNumber(card.serial), card.revoked_at, card.revocation_reason, {}});
  }
  return auth::IssueCrl(spec, generations_[static_cast<size_t>(partition.generation) - 1]);
}

std::filesystem::path CardAuthorities::CrlFile(const synth::CrlPartition& partition) const {
  return paths_.card_crls() /
         fmt::format("{}-{}.crl", partition.generation, partition.municipality_code);
}

absl::Status CardAuthorities::IssueCrls(const std::vector<synth::CrlPartition>& partitions,
                                        absl::Time now, absl::Time machine_time) const {
  for (const synth::CrlPartition& partition : partitions) {
    RETURN_IF_ERROR(ReplaceTextFile(CrlFile(partition), Crl(partition, now, machine_time)));
  }
  return absl::OkStatus();
}

absl::Status CardAuthorities::WriteTestCards(absl::CivilDay today) const {
  for (const synth::TestPerson& line : synth::TestPersons(today)) {
    if (line.cards.empty()) continue;
    const synth::CardRecord& card = line.cards.front();
    RETURN_IF_ERROR(
        ReplaceTextFile(paths_.card_certificate(line.id), auth::CertificatePem(Certificate(card))));
    if (std::filesystem::exists(paths_.card_key(line.id))) continue;
    RETURN_IF_ERROR(KeyOf(card).Save(paths_.card_key(line.id)));
  }
  return absl::OkStatus();
}

std::string CardAuthorities::Certificate(const synth::CardRecord& card) const {
  const auth::Authority& issuer = generations_[static_cast<size_t>(card.generation) - 1];
  return auth::IssueCertificate(synth::CertificateSpecFor(card, issuer, KeyOf(card).PublicKeyDer()),
                                issuer.subject, issuer.key);
}

}  // namespace kakunin::dev
