#include "tests/fuzz/fuzz_world.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "auth/crl_parser.h"

namespace kakunin::fuzz {
namespace {

using auth::AsBytes;
using auth::AsText;
using auth::Authority;

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  Require(absl::ParseTime(absl::RFC3339_full, text, &time, &error), "a time constant");
  return time;
}

std::shared_ptr<const auth::TrustStore> StoreOf(const std::string& root) {
  return auth::TrustStore::Create(auth::Hierarchy::kUserAuthentication, std::span(&root, 1))
      .value();
}

const GenuineWorld* LoadGenuine() {
  auto* world = new GenuineWorld;
  const std::string folder = KAKUNIN_FUZZ_GENUINE;
  world->store = StoreOf(ReadFile(folder + "/root.der"));
  world->card = ReadFile(folder + "/card.der");
  world->signature = ReadFile(folder + "/signature");
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".crl") continue;
    const std::string crl = ReadFile(file.path());
    world->revocations.Put(auth::ParseCrl(AsBytes(crl), *world->store).value());
    world->crls.emplace(file.path().filename(), crl);
  }
  // The rules below mean nothing unless the genuine card passes.
  Require(auth::VerifyCard(AsBytes(world->card), AsBytes(world->signature),
                           GenuineWorld::kChallenge, *world->store, world->revocations,
                           auth::DefaultCardPolicy(), FuzzNow(), auth::Medium::kCard)
                  .kind == auth::VerdictKind::kAccepted,
          "the genuine card is accepted");
  return world;
}

const SigningWorld* MakeSigning() {
  const Authority root = MakeRoot(auth::PrivateKey::GenerateP256());
  auto* world = new SigningWorld{root, StoreOf(root.certificate_der), {}, {}, {}};
  world->crls = {auth::IssueCrl(CrlOf(), root), auth::IssueCrl(OwnCrlOf(root), root)};
  for (const std::string& crl : world->crls) {
    world->revocations.Put(auth::ParseCrl(AsBytes(crl), *world->store).value());
  }
  world->policy = auth::DefaultCardPolicy();
  world->policy.algorithms.push_back({auth::KeyType::kEc, 256, auth::DigestKind::kSha256});
  const std::string card = auth::IssueCertificate(
      CardOf(root, auth::PrivateKey::GenerateP256().PublicKeyDer()), root.subject, root.key);
  Require(
      auth::VerifyCardCertificate(AsBytes(world->Resign(card)), *world->store, &world->revocations,
                                  world->policy, FuzzNow(), auth::Medium::kCard)
              .kind == auth::VerdictKind::kAccepted,
      "a card signed again is accepted");
  return world;
}

}  // namespace

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

absl::Time FuzzNow() {
  static const absl::Time now = At("2026-11-21T12:00:00+09:00");
  return now;
}

auth::CertificateSpec CardOf(const Authority& issuer, std::string_view public_key) {
  auth::CardSpec card;
  card.serial = auth::SerialNumber(114'400'001);
  card.common_name = auth::MakeCardCommonName("13221", 114'400'001);
  card.municipality_code = "13221";
  card.not_before = At("2025-10-27T02:30:00Z");
  card.not_after = At("2030-02-17T14:59:59Z");
  return auth::MakeCardSpec(card, issuer, public_key);
}

auth::CrlSpec CrlOf() {
  auth::CrlSpec spec;
  spec.this_update = FuzzNow() - absl::Hours(2);
  spec.next_update = FuzzNow() + absl::Hours(22);
  spec.crl_number = auth::SerialNumber(7);
  spec.partition = auth::MunicipalityPoint("13221");
  spec.entries = {{auth::SerialNumber(kRevokedSerial), FuzzNow() - absl::Hours(100), 1, {}},
                  {*auth::SerialNumber::FromBigEndian(AsBytes("a long serial")),
                   FuzzNow() - absl::Hours(90),
                   std::nullopt,
                   {}}};
  return spec;
}

auth::CrlSpec OwnCrlOf(const Authority& issuer) {
  auth::CrlSpec spec = CrlOf();
  spec.partition = auth::DerTlv(auth::der::ContextConstructed(4), issuer.subject);
  return spec;
}

Authority MakeRoot(const auth::PrivateKey& key) {
  const std::string name = auth::JpkiAuthenticationName();
  auth::CertificateSpec spec =
      auth::MakeRootSpec(name, key, At("2015-10-20T03:08:13Z"), At("2033-07-15T14:59:59Z"));
  // One for every root, so that the corpus points to whichever there is.
  for (auth::ExtensionSpec& extension : spec.extensions) {
    if (extension.oid == "2.5.29.14") {
      extension.value = auth::DerTlv(auth::der::kOctetString, "a root of the fuzzer");
    }
  }
  const std::string full_name = auth::DerTlv(auth::der::ContextConstructed(0),
                                             auth::DerTlv(auth::der::ContextConstructed(4), name));
  spec.extensions.push_back({"2.5.29.31", false,
                             auth::DerSequence({auth::DerSequence(
                                 {auth::DerTlv(auth::der::ContextConstructed(0), full_name)})})});
  return auth::AuthorityFromCertificate(key, auth::IssueCertificate(spec, name, key)).value();
}

const GenuineWorld& GenuineWorld::Get() {
  static const GenuineWorld* const world = LoadGenuine();
  return *world;
}

const SigningWorld& SigningWorld::Get() {
  static const SigningWorld* const world = MakeSigning();
  return *world;
}

std::string SigningWorld::Resign(std::string_view input) const {
  auth::DerReader outer(AsBytes(input));
  const auto whole = outer.Read(auth::der::kSequence);
  if (!whole) return {};
  const auto body = auth::DerReader(whole->content).Read(auth::der::kSequence);
  if (!body) return {};
  const std::string_view octets = AsText(body->encoded);
  return auth::DerSequence(
      {octets, auth::SignatureAlgorithmDer(auth::KeyType::kEc, auth::DigestKind::kSha256),
       auth::DerBitString(root.key.Sign(octets))});
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace kakunin::fuzz
