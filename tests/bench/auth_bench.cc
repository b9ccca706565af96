// auth_bench prints what the card check and its parts cost on one core. Not a test: run it by hand
// (a release build), figures are in docs/performance.md.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "auth/card_verifier.h"
#include "auth/challenge.h"
#include "auth/client_authorities.h"
#include "auth/crl_memory.h"
#include "auth/crl_parser.h"
#include "auth/crl_writer.h"
#include "auth/issuance.h"

namespace kakunin::auth {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Median of five runs, in microseconds a call.
template <typename F>
void Measure(std::string_view name, F call) {
  std::vector<double> runs;
  for (int run = 0; run < 5; ++run) {
    const Clock::time_point start = Clock::now();
    int64_t calls = 0;
    do {
      for (int i = 0; i < 64; ++i) call();
      calls += 64;
    } while (SecondsSince(start) < 0.2);
    runs.push_back(SecondsSince(start) * 1e6 / static_cast<double>(calls));
  }
  std::sort(runs.begin(), runs.end());
  fmt::print("{:<44} {:>9.3f} us  (min {:.3f}, max {:.3f})\n", name, runs[2], runs[0], runs[4]);
}

void Require(bool ok) {
  if (!ok) std::abort();
}

void MeasureDigests() {
  const std::string record(600, 'r');
  const std::string short_message(60, 'm');
  const HmacKey key(std::string(32, 'k'), "bench");
  uint8_t sink = 0;
  Measure("Sha256, 600 octets", [&] { sink ^= Sha256(record)[0]; });
  Measure("HmacKey::Mac, 60 octets", [&] { sink ^= key.Mac(short_message)[0]; });
  if (sink == 1) fmt::print("\n");  // keeps the work from being optimised away
}

void MeasureCards() {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const PrivateKey card_key = PrivateKey::GenerateRsa();
  std::vector<std::string> roots;
  std::vector<Authority> authorities;
  for (int generation = 1; generation <= 3; ++generation) {
    authorities.push_back(MakeAuthority(JpkiAuthenticationName(), PrivateKey::GenerateRsa(),
                                        now - absl::Hours(24 * 900), now + absl::Hours(24 * 900)));
    roots.push_back(authorities.back().certificate_der);
  }
  const auto store = TrustStore::Create(Hierarchy::kUserAuthentication, roots).value();
  CardSpec card;
  card.serial = SerialNumber(114'400'001);
  card.municipality_code = "13221";
  card.common_name = MakeCardCommonName("13221", 114'400'001);
  card.not_before = now - absl::Hours(24 * 30);
  card.not_after = now + absl::Hours(24 * 400);
  const std::string der = IssueCard(card, authorities.back(), card_key.PublicKeyDer());
  std::vector<uint64_t> serials(1'000'000);
  std::mt19937_64 random(20261121);
  for (uint64_t& serial : serials) serial = random() >> 1 | 1;
  CrlSpec spec;
  spec.this_update = now - absl::Hours(1);
  spec.next_update = now + absl::Hours(23);
  spec.crl_number = SerialNumber(1);
  spec.partition = MunicipalityPoint("13221");
  spec.serials = serials;
  Clock::time_point start = Clock::now();
  const std::string crl = IssueCrl(spec, authorities.back());
  fmt::print("{:<44} {:>9.1f} ms  ({} octets)\n", "IssueCrl, 1 M entries",
             SecondsSince(start) * 1e3, crl.size());
  start = Clock::now();
  const auto partition = ParseCrl(AsBytes(crl), *store).value();
  fmt::print("{:<44} {:>9.1f} ms  ({} entries, {} octets held)\n", "ParseCrl with signature, 1 M",
             SecondsSince(start) * 1e3, partition->entries(),
             partition->serials.capacity() * sizeof(uint64_t));
  RevocationSnapshot revocations;
  revocations.Put(partition);
  const std::string message = BuildToBeSigned(
      {"1312345678", "t1", "CONFIRM", "OUTPATIENT", RandomArray<16>(), now + absl::Seconds(60)});
  const std::string signature = card_key.Sign(message);
  const CardPolicy policy = DefaultCardPolicy();
  const auto verify = [&] {
    return VerifyCard(AsBytes(der), AsBytes(signature), message, *store, revocations, policy, now,
                      Medium::kCard);
  };
  Require(verify().kind == VerdictKind::kAccepted);
  Measure("ParseCertificate (strict)",
          [&] { Require(ParseCertificate(AsBytes(der)).has_value()); });
  Measure("VerifyCard, 3 roots, CRL of 1 M", [&] { verify(); });
  const CertificateView view = *ParseCertificate(AsBytes(der));
  Measure("  of it: issuer signature", [&] { Require(store->FindIssuer(view) != nullptr); });
  Measure("  of it: import of the card's key",
          [&] { Require(VerificationKey::Create(view.key).has_value()); });
  size_t i = 0;
  int hits = 0;
  Measure("RevocationSnapshot::Lookup, 1 M, half hits", [&] {
    const uint64_t value = (i & 1) != 0 ? serials[i % serials.size()] : random() >> 1;
    i += 104729;
    hits += revocations.Lookup(partition->issuer, partition->name, SerialNumber(value), now) ==
            RevocationState::kRevoked;
  });
  Require(hits > 0);
}

// What a listener behind a proxy pays for a terminal's certificate: once, and on every later call.
void MeasureForwarded() {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const absl::Time begin = now - absl::Hours(24 * 30);
  const absl::Time end = now + absl::Hours(24 * 30);
  const Authority ca = MakeAuthority(MakeName({{kOidCommonName, "terminals"}}),
                                     PrivateKey::GenerateP256(), begin, end);
  const auto authorities = ClientAuthorities::Read(CertificatePem(ca.certificate_der)).value();
  const std::string der = IssueClient(ca, PrivateKey::GenerateP256(),
                                      {"spiffe://kakunin.test/facility/1312345678/terminal/desk-1"},
                                      "desk 1", SerialNumber(9), begin, end);
  ForwardedVerdict verdict = authorities->Judge(der, now);
  Require(verdict.accepted());
  Measure("ClientAuthorities::Judge, P-256, 1 CA", [&] { verdict = authorities->Judge(der, now); });
  Measure("ClientAuthorities::Holds",
          [&] { Require(authorities->Holds(verdict, now) && verdict.accepted()); });
}

// The index of five million revoked serials, current ones and former ones: octets held, and the
// look-ups that find half of what they ask for.
void MeasureRevocationIndex() {
  constexpr size_t kSerials = 5'000'000;
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  std::mt19937_64 random(20261121);
  CrlPartition listed{};
  listed.this_update = absl::ToUnixSeconds(now) - 3600;
  listed.next_update = listed.this_update + 24 * 3600;
  listed.serials.resize(kSerials);
  for (uint64_t& serial : listed.serials) serial = random() >> 1 | 1;
  std::ranges::sort(listed.serials);
  listed.Index();
  const std::vector<uint64_t> serials = listed.serials;
  CrlPartition emptied{};
  emptied.this_update = listed.next_update;
  emptied.next_update = emptied.this_update + 24 * 3600;
  emptied.former = Remember(Remember({}, listed), emptied).former;
  const auto& former = emptied.former.serials;
  fmt::print("{:<44} {:>9.1f} MB\n", "5 M revoked serials, held",
             static_cast<double>((listed.serials.capacity() + listed.samples.capacity()) *
                                 sizeof(uint64_t)) /
                 1e6);
  fmt::print("{:<44} {:>9.1f} MB\n", "5 M former serials, held",
             static_cast<double>(former.serials.capacity() * sizeof(uint64_t) +
                                 former.until.capacity() * sizeof(uint32_t)) /
                 1e6);
  RevocationSnapshot current;
  current.Put(std::make_shared<const CrlPartition>(std::move(listed)));
  RevocationSnapshot past;
  past.Put(std::make_shared<const CrlPartition>(std::move(emptied)));
  const IssuerKeyId issuer{};
  size_t i = 0;
  size_t hits = 0;
  const auto next = [&] {
    i += 104729;
    return SerialNumber((i & 1) != 0 ? serials[i % serials.size()] : random() >> 1);
  };
  Measure("RevocationSnapshot::Lookup, 5 M, half hits", [&] {
    hits += current.Lookup(issuer, "", next(), now) == RevocationState::kRevoked ? 1 : 0;
  });
  Measure("RevocationSnapshot::WasRevoked, 5 M, half",
          [&] { hits += past.WasRevoked(issuer, "", next(), absl::ToUnixSeconds(now)) ? 1 : 0; });
  Require(hits > 0);
}

}  // namespace
}  // namespace kakunin::auth

int main() {
  kakunin::auth::MeasureDigests();
  kakunin::auth::MeasureCards();
  kakunin::auth::MeasureForwarded();
  kakunin::auth::MeasureRevocationIndex();
  return 0;
}
