#include "card_pki.h"

#include <stdlib.h>

#include <fstream>

#include "auth/crl_parser.h"

namespace kakunin::auth {
namespace {

CardPki* MakePki() {
  const absl::Time from = At("2023-07-16T01:01:04Z");
  const absl::Time to = At("2033-07-15T14:59:59Z");
  std::vector<Authority> generations;
  std::vector<std::string> roots;
  for (uint64_t generation = 1; generation <= 3; ++generation) {
    generations.push_back(MakeAuthority(JpkiAuthenticationName(), PrivateKey::GenerateRsa(), from,
                                        to, SerialNumber(generation)));
    roots.push_back(generations.back().certificate_der);
  }
  return new CardPki{std::move(generations),
                     MakeAuthority(JpkiSigningName(), PrivateKey::GenerateRsa(), from, to),
                     MakeAuthority(JpkiAuthenticationName(), PrivateKey::GenerateRsa(), from, to),
                     PrivateKey::GenerateRsa(),
                     PrivateKey::GenerateRsa(),
                     TrustStore::Create(Hierarchy::kUserAuthentication, roots).value()};
}

}  // namespace

absl::Time At(std::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error)) abort();
  return time;
}

const CardPki& CardPki::Get() {
  static const CardPki* const pki = MakePki();
  return *pki;
}

absl::Time Now() { return At("2026-11-21T12:00:00+09:00"); }

CardSpec DefaultCard() {
  CardSpec card;
  card.serial = SerialNumber(kSerial);
  card.common_name = MakeCardCommonName(kCity, kSerial);
  card.municipality_code = std::string(kCity);
  card.not_before = At("2025-10-27T02:30:00Z");
  card.not_after = At("2030-02-17T14:59:59Z");
  return card;
}

CertificateSpec DefaultCertificate() {
  const CardPki& pki = CardPki::Get();
  return MakeCardSpec(DefaultCard(), pki.generations[2], pki.card_key.PublicKeyDer());
}

std::string SignedBy(const CertificateSpec& spec, const Authority& issuer) {
  return IssueCertificate(spec, issuer.subject, issuer.key);
}

std::string Signed(const CertificateSpec& spec) {
  return SignedBy(spec, CardPki::Get().generations[2]);
}

CrlSpec DefaultCrl(absl::Time now) {
  CrlSpec spec;
  spec.this_update = now - absl::Hours(2);
  spec.next_update = now + absl::Hours(22);
  spec.crl_number = SerialNumber(7);
  spec.partition = MunicipalityPoint(kCity);
  return spec;
}

RevocationSnapshot SnapshotOf(const std::vector<std::string>& crls) {
  RevocationSnapshot snapshot;
  for (const std::string& crl : crls) {
    snapshot.Put(ParseCrl(AsBytes(crl), *CardPki::Get().store).value());
  }
  return snapshot;
}

RevocationSnapshot FreshSnapshot(absl::Time now) {
  std::vector<std::string> crls;
  for (const Authority& issuer : CardPki::Get().generations) {
    crls.push_back(IssueCrl(DefaultCrl(now), issuer));
  }
  return SnapshotOf(crls);
}

CardVerdict Judge(const std::string& certificate, const Circumstances& circumstances) {
  const CardPki& pki = CardPki::Get();
  const std::string signature =
      circumstances.signature ? *circumstances.signature : pki.card_key.Sign(kMessage);
  const RevocationSnapshot revocations =
      circumstances.revocations ? *circumstances.revocations : FreshSnapshot(circumstances.now);
  return VerifyCard(AsBytes(certificate), AsBytes(signature), kMessage, *pki.store, revocations,
                    circumstances.policy, circumstances.now, circumstances.medium);
}

std::string Describe(const CardVerdict& verdict) {
  return std::string(VerdictKindName(verdict.kind)) + " " +
         std::string(CardReasonName(verdict.reason));
}

ScratchDirectory::ScratchDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "kakunin-auth-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) abort();
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path ScratchDirectory::Write(std::string_view name,
                                              std::string_view content) const {
  std::filesystem::path path = path_ / name;
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

}  // namespace kakunin::auth
