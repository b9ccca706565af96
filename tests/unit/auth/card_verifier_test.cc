#include "auth/card_verifier.h"

#include <gtest/gtest.h>

#include <thread>

#include "auth/der_reader.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

constexpr const char* kPoints = "2.5.29.31";

void RemoveExtension(CertificateSpec& spec, const std::string& oid) {
  std::erase_if(spec.extensions, [&](const ExtensionSpec& e) { return e.oid == oid; });
}

CertificateSpec CardUntil(absl::Time not_after) {
  CertificateSpec spec = DefaultCertificate();
  spec.not_after = not_after;
  return spec;
}

TEST(CardVerifier, AcceptsGoodCardAndNamesItsIdentity) {
  const CardVerdict verdict = Judge(Signed(DefaultCertificate()));
  EXPECT_EQ(Describe(verdict), "ACCEPTED NONE");
  EXPECT_EQ(verdict.issuer_key_id, Sha256(CardPki::Get().generations[2].key.PublicKeyDer()));
  EXPECT_EQ(verdict.serial, SerialNumber(kSerial));
  EXPECT_EQ(verdict.not_after, At("2030-02-17T14:59:59Z"));
  EXPECT_FALSE(verdict.expires_within_three_months);
}

TEST(CardVerifier, ServesManyThreadsOnSharedSnapshots) {
  const CardPki& pki = CardPki::Get();
  const std::string good = Signed(DefaultCertificate());
  const std::string forged = SignedBy(DefaultCertificate(), pki.impostor);
  const std::string signature = pki.card_key.Sign(kMessage);
  const RevocationSnapshot revocations = FreshSnapshot(Now());
  const CardPolicy policy = DefaultCardPolicy();
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  threads.reserve(wrong.size());
  for (int& count : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const bool expect_good = i % 2 == 0;
        const CardVerdict verdict =
            VerifyCard(AsBytes(expect_good ? good : forged), AsBytes(signature), kMessage,
                       *pki.store, revocations, policy, Now(), Medium::kCard);
        count += (verdict.kind == VerdictKind::kAccepted) != expect_good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

// Rows 2, 3, 4, 9, 18.
TEST(CardVerifier, RejectsCardOfUnpinnedKeyUnderTheRightName) {
  EXPECT_EQ(Describe(Judge(SignedBy(DefaultCertificate(), CardPki::Get().impostor))),
            "REJECTED ISSUER");
}

TEST(CardVerifier, RejectsSelfSignedCardUnderTheRightName) {
  const std::string der =
      IssueCertificate(DefaultCertificate(), JpkiAuthenticationName(), CardPki::Get().card_key);
  EXPECT_EQ(Describe(Judge(der)), "REJECTED ISSUER");
}

TEST(CardVerifier, RejectsCardOfTheSigningCa) {
  EXPECT_EQ(Describe(Judge(SignedBy(DefaultCertificate(), CardPki::Get().signing))),
            "REJECTED ISSUER");
}

TEST(CardVerifier, RejectsEveryCardWithStoreOfTheSigningHierarchy) {
  const CardPki& pki = CardPki::Get();
  const std::vector<std::string> roots = {pki.generations[2].certificate_der};
  const auto signing_store = TrustStore::Create(Hierarchy::kSigning, roots).value();
  const CardVerdict verdict = VerifyCard(
      AsBytes(Signed(DefaultCertificate())), AsBytes(pki.card_key.Sign(kMessage)), kMessage,
      *signing_store, FreshSnapshot(Now()), DefaultCardPolicy(), Now(), Medium::kCard);
  EXPECT_EQ(Describe(verdict), "REJECTED ISSUER");
}

TEST(CardVerifier, DecidesBySignatureWhateverTheAuthorityKeyIdSays) {
  const CardPki& pki = CardPki::Get();
  // The spec's authority key id is generation 3's; each generation signs it.
  for (const Authority& signer : pki.generations) {
    const CardVerdict verdict = Judge(SignedBy(DefaultCertificate(), signer));
    EXPECT_EQ(Describe(verdict), "ACCEPTED NONE");
    EXPECT_EQ(verdict.issuer_key_id, Sha256(signer.key.PublicKeyDer()));
  }
}

TEST(CardVerifier, SerialRevokedByAnotherGenerationDoesNotCross) {
  const CardPki& pki = CardPki::Get();
  CrlSpec revoking = DefaultCrl(Now());
  revoking.entries = {{SerialNumber(kSerial), Now()}};
  Circumstances circumstances;
  circumstances.revocations = SnapshotOf(
      {IssueCrl(revoking, pki.generations[0]), IssueCrl(DefaultCrl(Now()), pki.generations[2])});
  EXPECT_EQ(Describe(Judge(Signed(DefaultCertificate()), circumstances)), "ACCEPTED NONE");
}

// Rows 10-14: every edge at -1, 0, +1.
TEST(CardVerifier, NotBeforeIsTheFirstValidSecond) {
  const std::string der = Signed(DefaultCertificate());
  const absl::Time first = At("2025-10-27T02:30:00Z");
  EXPECT_EQ(Describe(Judge(der, {.now = first - absl::Seconds(1)})), "REJECTED NOT_YET_VALID");
  EXPECT_EQ(Describe(Judge(der, {.now = first - absl::Nanoseconds(1)})), "REJECTED NOT_YET_VALID");
  EXPECT_EQ(Describe(Judge(der, {.now = first})), "ACCEPTED NONE");
  EXPECT_EQ(Describe(Judge(der, {.now = first + absl::Seconds(1)})), "ACCEPTED NONE");
}

TEST(CardVerifier, NotAfterIsTheLastValidSecondThenGraceStarts) {
  const absl::Time last = At("2025-11-30T14:59:59Z");
  const std::string der = Signed(CardUntil(last));
  EXPECT_EQ(Describe(Judge(der, {.now = last - absl::Seconds(1)})), "ACCEPTED NONE");
  EXPECT_EQ(Describe(Judge(der, {.now = last})), "ACCEPTED NONE");
  EXPECT_EQ(Describe(Judge(der, {.now = last + absl::Milliseconds(999)})), "ACCEPTED NONE");
  EXPECT_EQ(Describe(Judge(der, {.now = last + absl::Seconds(1)})), "ELIGIBILITY_ONLY NONE");
  EXPECT_EQ(Describe(Judge(der, {.now = last + absl::Seconds(2)})), "ELIGIBILITY_ONLY NONE");
}

TEST(CardVerifier, GraceEndsWithTheThirdMonthInJapan) {
  const std::string der = Signed(CardUntil(At("2025-11-30T14:59:59Z")));
  const absl::Time end = At("2026-03-01T00:00:00+09:00");
  EXPECT_EQ(Describe(Judge(der, {.now = end - absl::Seconds(1)})), "ELIGIBILITY_ONLY NONE");
  EXPECT_EQ(Describe(Judge(der, {.now = end})), "REJECTED EXPIRED");
  EXPECT_EQ(Describe(Judge(der, {.now = end + absl::Seconds(1)})), "REJECTED EXPIRED");
}

TEST(CardVerifier, GraceMonthIsTheMonthInJapanNotInUtc) {
  // 15:00:00Z is already the first of the next month in Japan.
  EXPECT_EQ(GraceEnd(At("2025-11-30T14:59:59Z")), At("2026-03-01T00:00:00+09:00"));
  EXPECT_EQ(GraceEnd(At("2025-11-30T15:00:00Z")), At("2026-04-01T00:00:00+09:00"));
  EXPECT_EQ(GraceEnd(At("2027-10-31T14:59:59Z")), At("2028-02-01T00:00:00+09:00"));
  EXPECT_EQ(GraceEnd(At("2027-11-15T14:59:59Z")), At("2028-03-01T00:00:00+09:00"));
}

TEST(CardVerifier, PhoneHasNoGrace) {
  const absl::Time last = At("2025-11-30T14:59:59Z");
  const std::string der = Signed(CardUntil(last));
  EXPECT_EQ(Describe(Judge(der, {.now = last, .medium = Medium::kPhone})), "ACCEPTED NONE");
  EXPECT_EQ(Describe(Judge(der, {.now = last + absl::Seconds(1), .medium = Medium::kPhone})),
            "REJECTED EXPIRED");
}

TEST(CardVerifier, WarnsFromThreeMonthsBeforeTheLastDayInJapan) {
  const std::string der = Signed(CardUntil(At("2026-05-31T14:59:59Z")));
  const absl::Time start = At("2026-02-28T00:00:00+09:00");  // there is no 31 February
  EXPECT_EQ(WarningStart(At("2026-05-31T14:59:59Z")), start);
  EXPECT_FALSE(Judge(der, {.now = start - absl::Seconds(1)}).expires_within_three_months);
  EXPECT_TRUE(Judge(der, {.now = start}).expires_within_three_months);
  EXPECT_TRUE(Judge(der, {.now = start + absl::Seconds(1)}).expires_within_three_months);
  EXPECT_FALSE(Judge(der, {.now = At("2026-06-01T00:00:00+09:00")}).expires_within_three_months);
}

TEST(CardVerifier, CardValidityBorderOfTwoTimeForms) {
  CertificateSpec spec = CardUntil(At("2049-12-31T23:59:59Z"));
  EXPECT_EQ(Judge(Signed(spec)).not_after, At("2049-12-31T23:59:59Z"));
  spec.not_after = At("2050-01-01T00:00:00Z");
  EXPECT_EQ(Judge(Signed(spec)).not_after, At("2050-01-01T00:00:00Z"));
}

// Rows 15, 17, 38, 39, 41.
TEST(CardVerifier, RevocationInLifeTakesGraceAndExpiryAway) {
  const std::string der = Signed(CardUntil(At("2025-11-30T14:59:59Z")));
  CrlSpec crl = DefaultCrl(Now());
  crl.entries = {{SerialNumber(kSerial), At("2025-11-01T00:00:00Z"), 4}};
  Circumstances circumstances;
  circumstances.revocations = SnapshotOf({IssueCrl(crl, CardPki::Get().generations[2])});
  for (const char* instant : {"2025-12-15T00:00:00Z", "2026-10-01T00:00:00Z"}) {
    circumstances.now = At(instant);
    EXPECT_EQ(Describe(Judge(der, circumstances)), "REJECTED REVOKED");
  }
}

TEST(CardVerifier, EveryReasonRevokes) {
  for (const int reason : {0, 1, 2, 3, 4, 5, 6, 9, 10}) {
    CrlSpec crl = DefaultCrl(Now());
    crl.entries = {{SerialNumber(kSerial), Now() - absl::Hours(24), reason}};
    Circumstances circumstances;
    circumstances.revocations = SnapshotOf({IssueCrl(crl, CardPki::Get().generations[2])});
    EXPECT_EQ(Describe(Judge(Signed(DefaultCertificate()), circumstances)), "REJECTED REVOKED")
        << reason;
  }
}

TEST(CardVerifier, RevocationDatedInTheFutureRevokesNow) {
  CrlSpec crl = DefaultCrl(Now());
  crl.entries = {{SerialNumber(kSerial), Now() + absl::Hours(240)}};
  Circumstances circumstances;
  circumstances.revocations = SnapshotOf({IssueCrl(crl, CardPki::Get().generations[2])});
  EXPECT_EQ(Describe(Judge(Signed(DefaultCertificate()), circumstances)), "REJECTED REVOKED");
}

TEST(CardVerifier, UnavailableWithoutThePartitionsCrl) {
  CrlSpec other = DefaultCrl(Now());
  other.partition = MunicipalityPoint("13101");
  Circumstances circumstances;
  circumstances.revocations = RevocationSnapshot();
  EXPECT_EQ(Describe(Judge(Signed(DefaultCertificate()), circumstances)),
            "UNAVAILABLE REVOCATION_MISSING");
  circumstances.revocations = SnapshotOf({IssueCrl(other, CardPki::Get().generations[2])});
  EXPECT_EQ(Describe(Judge(Signed(DefaultCertificate()), circumstances)),
            "UNAVAILABLE REVOCATION_MISSING");
}

TEST(CardVerifier, FullCrlDoesNotServePartitionAndTheReverse) {
  CrlSpec full = DefaultCrl(Now());
  full.partition.clear();
  CertificateSpec without_point = DefaultCertificate();
  RemoveExtension(without_point, kPoints);
  Circumstances circumstances;
  EXPECT_EQ(Describe(Judge(Signed(without_point), circumstances)),
            "UNAVAILABLE REVOCATION_MISSING");
  circumstances.revocations = SnapshotOf({IssueCrl(full, CardPki::Get().generations[2])});
  EXPECT_EQ(Describe(Judge(Signed(without_point), circumstances)), "ACCEPTED NONE");
  EXPECT_EQ(Describe(Judge(Signed(DefaultCertificate()), circumstances)),
            "UNAVAILABLE REVOCATION_MISSING");
}

TEST(CardVerifier, CrlServesFromThisUpdateUntilNextUpdate) {
  const std::string der = Signed(DefaultCertificate());
  Circumstances circumstances;
  circumstances.revocations = FreshSnapshot(Now());  // -2 h .. +22 h
  const absl::Time next = Now() + absl::Hours(22);
  circumstances.now = next - absl::Seconds(1);
  EXPECT_EQ(Describe(Judge(der, circumstances)), "ACCEPTED NONE");
  circumstances.now = next;
  EXPECT_EQ(Describe(Judge(der, circumstances)), "UNAVAILABLE REVOCATION_STALE");
  circumstances.now = Now() - absl::Hours(2);
  EXPECT_EQ(Describe(Judge(der, circumstances)), "ACCEPTED NONE");
  circumstances.now -= absl::Seconds(1);
  EXPECT_EQ(Describe(Judge(der, circumstances)), "UNAVAILABLE REVOCATION_STALE");
}

TEST(CardVerifier, CrlServesUntilOurOwnAgeLimit) {
  const std::string der = Signed(DefaultCertificate());
  CrlSpec crl = DefaultCrl(Now());
  crl.next_update = Now() + absl::Hours(24 * 30);
  Circumstances circumstances;
  circumstances.revocations = SnapshotOf({IssueCrl(crl, CardPki::Get().generations[2])});
  const absl::Time limit = crl.this_update + absl::Hours(26);
  circumstances.now = limit - absl::Seconds(1);
  EXPECT_EQ(Describe(Judge(der, circumstances)), "ACCEPTED NONE");
  circumstances.now = limit;
  EXPECT_EQ(Describe(Judge(der, circumstances)), "ACCEPTED NONE");
  circumstances.now = limit + absl::Seconds(1);
  EXPECT_EQ(Describe(Judge(der, circumstances)), "UNAVAILABLE REVOCATION_STALE");
}

TEST(CardVerifier, StaleCrlStillRevokes) {
  CrlSpec crl = DefaultCrl(Now());
  crl.entries = {{SerialNumber(kSerial), Now()}};
  Circumstances circumstances;
  circumstances.revocations = SnapshotOf({IssueCrl(crl, CardPki::Get().generations[2])});
  circumstances.now = Now() + absl::Hours(24 * 30);
  EXPECT_EQ(Describe(Judge(Signed(DefaultCertificate()), circumstances)), "REJECTED REVOKED");
}

TEST(CardVerifier, DefiniteRejectionWinsOverUnavailable) {
  Circumstances circumstances;
  circumstances.revocations = RevocationSnapshot();
  circumstances.signature = CardPki::Get().other_card_key.Sign(kMessage);
  EXPECT_EQ(Describe(Judge(Signed(DefaultCertificate()), circumstances)),
            "REJECTED CHALLENGE_SIGNATURE");
}

// Row 16.
TEST(CardVerifier, RejectsOutsideTheIssuersOwnValidity) {
  const std::string der = Signed(CardUntil(At("2040-01-01T00:00:00Z")));
  const absl::Time last = At("2033-07-15T14:59:59Z");
  EXPECT_EQ(Describe(Judge(der, {.now = last})), "ACCEPTED NONE");
  EXPECT_EQ(Describe(Judge(der, {.now = last + absl::Seconds(1)})), "REJECTED ISSUER_NOT_VALID");
  EXPECT_EQ(Describe(Judge(der, {.now = At("2023-07-16T01:01:03Z")})), "REJECTED ISSUER_NOT_VALID");
}

// Row 21 and the dated algorithm table.
TEST(CardVerifier, RejectsSha1AndDifferingAlgorithms) {
  const std::string sha1 = DerSequence({DerOid("1.2.840.113549.1.1.5"), DerTlv(der::kNull, "")});
  CertificateSpec spec = DefaultCertificate();
  spec.raw_inner_algorithm = sha1;
  EXPECT_EQ(Describe(Judge(Signed(spec))), "REJECTED ALGORITHM");
  std::string both = Signed(spec);
  const std::string sha256 = SignatureAlgorithmDer(KeyType::kRsa, DigestKind::kSha256);
  both.replace(both.find(sha256), sha256.size(), sha1);
  EXPECT_EQ(Describe(Judge(both)), "REJECTED ALGORITHM");
}

TEST(CardVerifier, RejectsDigestThatIsNotInTheTable) {
  CertificateSpec spec = DefaultCertificate();
  spec.digest = DigestKind::kSha384;
  EXPECT_EQ(Describe(Judge(Signed(spec))), "REJECTED ALGORITHM");
}

TEST(CardVerifier, AlgorithmRuleEndsAtItsInstant) {
  Circumstances circumstances;
  circumstances.policy.algorithms[0].to = Now();
  const std::string der = Signed(DefaultCertificate());
  circumstances.now = Now() - absl::Seconds(1);
  EXPECT_EQ(Describe(Judge(der, circumstances)), "ACCEPTED NONE");
  circumstances.now = Now();
  EXPECT_EQ(Describe(Judge(der, circumstances)), "REJECTED ALGORITHM");
}

TEST(CardVerifier, AcceptsP384WhenTheTableAllowsIt) {
  const PrivateKey key = PrivateKey::GenerateP384();
  CertificateSpec spec = DefaultCertificate();
  spec.public_key = key.PublicKeyDer();
  Circumstances circumstances;
  circumstances.policy.algorithms.push_back({KeyType::kEc, 384, DigestKind::kSha384});
  circumstances.signature = key.Sign(kMessage, DigestKind::kSha384);
  EXPECT_EQ(Describe(Judge(Signed(spec), circumstances)), "ACCEPTED NONE");
  circumstances.signature = key.Sign(kMessage, DigestKind::kSha256);
  EXPECT_EQ(Describe(Judge(Signed(spec), circumstances)), "REJECTED CHALLENGE_SIGNATURE");
}

}  // namespace
}  // namespace kakunin::auth
