#include "differential_world.h"

#include "auth/crl_parser.h"
#include "auth/crl_writer.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

// The distribution point of a CA itself: its own name (jpki.md 1.1).
std::string OwnPoint(const std::string& name) { return DerTlv(der::ContextConstructed(4), name); }

Authority MakePinned(const PrivateKey& key, uint64_t serial, bool partitioned, absl::Time to) {
  const std::string name = JpkiAuthenticationName();
  CertificateSpec spec =
      MakeRootSpec(name, key, At("2015-10-20T03:08:13Z"), to, SerialNumber(serial));
  if (key.type() == KeyType::kEc && key.bits() == 384) spec.digest = DigestKind::kSha384;
  if (partitioned) {
    const std::string full_name = DerTlv(der::ContextConstructed(0), OwnPoint(name));
    spec.extensions.push_back(
        {"2.5.29.31", false,
         DerSequence({DerSequence({DerTlv(der::ContextConstructed(0), full_name)})})});
  }
  return AuthorityFromCertificate(key, IssueCertificate(spec, name, key)).value();
}

std::string MakeCrl(const Authority& issuer, const std::string& partition) {
  CrlSpec spec = DefaultCrl(Now());
  spec.next_update = Now() + absl::Hours(48);  // beyond our own limit of age
  spec.partition = partition;
  spec.entries = {{SerialNumber(kRevokedSerial), Now() - absl::Hours(100), 1, {}},
                  {RevokedLongSerial(), Now() - absl::Hours(90), std::nullopt, {}}};
  if (issuer.key.bits() == 384) spec.digest = DigestKind::kSha384;
  return IssueCrl(spec, issuer);
}

DifferentialWorld* MakeWorld() {
  const CardPki& pki = CardPki::Get();
  auto* world = new DifferentialWorld;
  const absl::Time to = At("2033-07-15T14:59:59Z");
  for (const Authority& generation : pki.generations) {
    world->issuers.push_back(MakePinned(generation.key, world->issuers.size() + 1, true, to));
  }
  world->issuers.push_back(
      MakePinned(PrivateKey::GenerateP256(), 4, true, At("2026-01-31T14:59:59Z")));
  world->issuers.push_back(MakePinned(PrivateKey::GenerateP384(), 5, false, to));
  for (const Authority& issuer : world->issuers) {
    world->roots.push_back(issuer.certificate_der);
    if (world->roots.size() - 1 == DifferentialWorld::kFullCrl) {
      world->crls.push_back(MakeCrl(issuer, ""));
    } else {
      world->crls.push_back(MakeCrl(issuer, MunicipalityPoint(kCity)));
      world->crls.push_back(MakeCrl(issuer, OwnPoint(issuer.subject)));
    }
  }
  world->issuers.push_back(pki.impostor);
  world->issuers.push_back(pki.signing);
  world->store = TrustStore::Create(Hierarchy::kUserAuthentication, world->roots).value();
  for (const std::string& crl : world->crls) {
    world->revocations.Put(ParseCrl(AsBytes(crl), *world->store).value());
  }
  world->policy = DefaultCardPolicy();
  world->policy.algorithms.push_back({KeyType::kEc, 256, DigestKind::kSha256});
  world->policy.algorithms.push_back({KeyType::kEc, 384, DigestKind::kSha384});
  return world;
}

}  // namespace

const DifferentialWorld& DifferentialWorld::Get() {
  static const DifferentialWorld* const world = MakeWorld();
  return *world;
}

SerialNumber RevokedLongSerial() {
  return SerialNumber::FromBigEndian(AsBytes("revoked-long")).value();
}

}  // namespace kakunin::auth
