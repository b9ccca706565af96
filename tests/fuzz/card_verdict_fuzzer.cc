// The whole verdict. Input: an octet that chooses the moment and the medium, the signature's length
// in two octets, the signature, the certificate.
#include "auth/card_verifier.h"
#include "auth/certificate.h"
#include "auth/chain_verifier.h"
#include "tests/fuzz/fuzz_world.h"

namespace kakunin::fuzz {
namespace {

using auth::AsBytes;
using auth::CardVerdict;
using auth::VerdictKind;

bool Passes(const CardVerdict& verdict) {
  return verdict.kind == VerdictKind::kAccepted || verdict.kind == VerdictKind::kEligibilityOnly;
}

struct Input {
  std::string certificate;
  std::string signature;
  absl::Time now;
  auth::Medium medium = auth::Medium::kCard;
};

Input Read(std::string_view bytes) {
  constexpr int kHours[] = {0, 20, 23, 30, -3, 24 * 1185, 24 * 1300, -24 * 400};
  const auto at = [&](size_t i) { return static_cast<uint8_t>(i < bytes.size() ? bytes[i] : 0); };
  Input input;
  input.now = FuzzNow() + absl::Hours(kHours[at(0) & 7]);
  input.medium = (at(0) & 8) != 0 ? auth::Medium::kPhone : auth::Medium::kCard;
  const size_t length = static_cast<size_t>(at(1)) << 8 | at(2);
  bytes.remove_prefix(std::min<size_t>(3, bytes.size()));
  input.signature = bytes.substr(0, length);
  input.certificate = bytes.substr(std::min(length, bytes.size()));
  return input;
}

// Nobody has the keys of this world: only the one card passes, with its one signature (PKCS#1 v1.5
// has one for each message).
void CheckGenuine(const Input& input) {
  const GenuineWorld& world = GenuineWorld::Get();
  const CardVerdict verdict = auth::VerifyCard(
      AsBytes(input.certificate), AsBytes(input.signature), GenuineWorld::kChallenge, *world.store,
      world.revocations, auth::DefaultCardPolicy(), input.now, input.medium);
  if (!Passes(verdict)) return;
  Require(input.certificate == world.card, "only the genuine certificate passes");
  Require(input.signature == world.signature, "only with the genuine signature");
}

// What the general verifier, built on OpenSSL, says of an accepted certificate.
void CheckByOpenSsl(const std::string& certificate, absl::Time now) {
  const SigningWorld& world = SigningWorld::Get();
  auth::ChainQuestion question;
  question.anchors = {world.root.certificate_der};
  question.chain = {certificate};
  question.crls = world.crls;
  question.time = now;
  question.policies = {"1.2.392.200149.8.5.1.3.30"};
  question.require_explicit_policy = true;
  const auth::ChainVerdict verdict = auth::VerifyChain(question);
  const auto view = auth::ParseCertificate(AsBytes(certificate));
  // Ours alone: the last second of validity, and the signature deciding against a key identifier.
  const bool last_second =
      verdict.reason == "EXPIRED" && absl::ToUnixSeconds(now) == view->not_after;
  const bool hinted = verdict.reason == "ISSUER" && view->authority_key_id.has_value();
  Require(verdict.kind == VerdictKind::kAccepted || last_second || hinted,
          "OpenSSL accepts what is accepted");
}

// The same certificate made by a CA that signs anything.
void CheckResigned(const Input& input) {
  const SigningWorld& world = SigningWorld::Get();
  const std::string certificate = world.Resign(input.certificate);
  if (certificate.empty()) return;
  const CardVerdict verdict =
      auth::VerifyCardCertificate(AsBytes(certificate), *world.store, &world.revocations,
                                  world.policy, input.now, input.medium);
  const CardVerdict with_possession =
      auth::VerifyCard(AsBytes(certificate), AsBytes(input.signature), GenuineWorld::kChallenge,
                       *world.store, world.revocations, world.policy, input.now, input.medium);
  if (verdict.kind == VerdictKind::kAccepted) {
    Require(verdict.serial != auth::SerialNumber(kRevokedSerial), "a revoked serial never passes");
    CheckByOpenSsl(certificate, input.now);
  }
  Require(!Passes(with_possession) || Passes(verdict), "possession makes nothing good");
  if (Passes(with_possession)) {
    const auto genuine = auth::ParseCertificate(AsBytes(GenuineWorld::Get().card));
    const auto view = auth::ParseCertificate(AsBytes(certificate));
    Require(auth::AsText(view->spki) == auth::AsText(genuine->spki), "nobody has another key");
    Require(input.signature == GenuineWorld::Get().signature, "only the right signature passes");
  }
}

}  // namespace
}  // namespace kakunin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const kakunin::fuzz::Input input =
      kakunin::fuzz::Read({reinterpret_cast<const char*>(data), size});
  kakunin::fuzz::CheckGenuine(input);
  kakunin::fuzz::CheckResigned(input);
  return 0;
}
