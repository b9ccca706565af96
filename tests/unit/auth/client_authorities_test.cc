#include "auth/client_authorities.h"

#include <gtest/gtest.h>

#include "card_pki.h"

namespace kakunin::auth {
namespace {

const absl::Time kBegin = At("2026-01-01T00:00:00Z");
const absl::Time kEnd = At("2030-01-01T00:00:00Z");
const absl::Time kNoon = At("2026-11-22T12:00:00Z");
const absl::Time kFirst = At("2026-11-01T00:00:00Z");
const absl::Time kLast = At("2026-12-01T00:00:00Z");  // the last second that counts

std::string NameOf(const std::string& common_name) {
  return MakeName({{kOidCommonName, common_name}});
}

struct TestCas {
  Authority root = MakeAuthority(NameOf("root"), PrivateKey::GenerateP256(), kBegin, kEnd);
  Authority issuing = Issuing(root, kEnd);

  static Authority Issuing(const Authority& root, absl::Time end) {
    const PrivateKey key = PrivateKey::GenerateP256();
    const CertificateSpec spec = MakeRootSpec(NameOf("issuing"), key, kBegin, end, SerialNumber(2));
    return AuthorityFromCertificate(key, IssueCertificate(spec, root.subject, root.key)).value();
  }
};

const TestCas& Cas() {
  static const TestCas cas;
  return cas;
}

std::string LeafOf(const Authority& issuer) {
  return IssueClient(issuer, PrivateKey::GenerateP256(),
                     {"spiffe://kakunin.test/facility/1312345678/terminal/desk-1"}, "desk 1",
                     SerialNumber(9), kFirst, kLast);
}

std::string Pem(const std::vector<Authority>& authorities) {
  std::string pem;
  for (const Authority& one : authorities) pem += CertificatePem(one.certificate_der);
  return pem;
}

std::shared_ptr<const ClientAuthorities> Of(const std::vector<Authority>& authorities) {
  return ClientAuthorities::Read(Pem(authorities)).value();
}

TEST(ClientAuthorities, TakeWhatTheirCaIssuedAndNothingElse) {
  const auto root = Of({Cas().root});
  EXPECT_EQ(root->Judge(LeafOf(Cas().root), kNoon).reason, "NONE");
  const Authority stranger =
      MakeAuthority(NameOf("stranger"), PrivateKey::GenerateP256(), kBegin, kEnd);
  EXPECT_EQ(root->Judge(LeafOf(stranger), kNoon).reason, "ISSUER");
  const Authority impostor =
      MakeAuthority(Cas().root.subject, PrivateKey::GenerateP256(), kBegin, kEnd);
  EXPECT_NE(root->Judge(LeafOf(impostor), kNoon).reason, "NONE");
}

TEST(ClientAuthorities, CountEverySecondOfACertificateAndNoMore) {
  const auto root = Of({Cas().root});
  const std::string leaf = LeafOf(Cas().root);
  const std::pair<absl::Time, const char*> instants[] = {
      {kFirst - absl::Seconds(1), "NOT_YET_VALID"},
      {kFirst - absl::Nanoseconds(1), "NOT_YET_VALID"},
      {kFirst, "NONE"},
      {kLast - absl::Seconds(1), "NONE"},
      {kLast, "NONE"},
      {kLast + absl::Milliseconds(999), "NONE"},
      {kLast + absl::Seconds(1), "EXPIRED"},
      {kLast + absl::Seconds(2), "EXPIRED"}};
  for (const auto& [now, reason] : instants) {
    const ForwardedVerdict verdict = root->Judge(leaf, now);
    EXPECT_EQ(verdict.reason, reason) << absl::FormatTime(now);
    EXPECT_TRUE(root->Holds(verdict, now)) << absl::FormatTime(now);
  }
}

TEST(ClientAuthorities, AVerdictHoldsUntilSomethingBeginsOrEnds) {
  const auto root = Of({Cas().root});
  const ForwardedVerdict verdict = root->Judge(LeafOf(Cas().root), kNoon);
  EXPECT_TRUE(root->Holds(verdict, kFirst));
  EXPECT_FALSE(root->Holds(verdict, kFirst - absl::Nanoseconds(1)));
  EXPECT_TRUE(root->Holds(verdict, kLast - absl::Nanoseconds(1)));
  EXPECT_FALSE(root->Holds(verdict, kLast + absl::Seconds(1)));
  EXPECT_FALSE(root->Holds({}, kNoon));
  // Of other CAs, be it the same file read again, it says nothing.
  EXPECT_FALSE(Of({Cas().root})->Holds(verdict, kNoon));
}

TEST(ClientAuthorities, AVerdictDoesNotOutliveItsCa) {
  const absl::Time end = kNoon + absl::Hours(1);
  const Authority brief = MakeAuthority(NameOf("brief"), PrivateKey::GenerateP256(), kBegin, end);
  const auto authorities = Of({brief});
  const std::string leaf = LeafOf(brief);
  const ForwardedVerdict verdict = authorities->Judge(leaf, kNoon);
  EXPECT_EQ(verdict.reason, "NONE");
  EXPECT_FALSE(authorities->Holds(verdict, end + absl::Seconds(1)));
  EXPECT_EQ(authorities->Judge(leaf, end + absl::Seconds(1)).reason, "EXPIRED");
}

TEST(ClientAuthorities, ACaBetweenIsHeldToItsIssuer) {
  const std::string leaf = LeafOf(Cas().issuing);
  EXPECT_EQ(Of({Cas().root})->Judge(leaf, kNoon).reason, "ISSUER");
  EXPECT_EQ(Of({Cas().root, Cas().issuing})->Judge(leaf, kNoon).reason, "NONE");
  EXPECT_EQ(Of({Cas().issuing, Cas().root})->Judge(leaf, kNoon).reason, "NONE");
  // Pinned alone it is trusted as it stands.
  EXPECT_EQ(Of({Cas().issuing})->Judge(leaf, kNoon).reason, "NONE");
  // Beside its issuer it is not: what ends with that one has ended.
  const Authority brief =
      MakeAuthority(NameOf("root"), Cas().root.key, kBegin, kNoon - absl::Seconds(1));
  EXPECT_EQ(Of({brief, Cas().issuing})->Judge(leaf, kNoon).reason, "EXPIRED");
}

TEST(ClientAuthorities, TakeClientsOnly) {
  const std::string server = IssueServer(Cas().root, PrivateKey::GenerateP256(), {"localhost"},
                                         {"127.0.0.1"}, SerialNumber(3), kFirst, kLast);
  EXPECT_EQ(Of({Cas().root})->Judge(server, kNoon).reason, "PURPOSE");
}

TEST(ClientAuthorities, RefuseWhatIsNoStrictDer) {
  const auto root = Of({Cas().root});
  const std::string leaf = LeafOf(Cas().root);
  for (const std::string& wrong : {std::string(), std::string("x"), leaf + '\0', leaf + leaf,
                                   leaf.substr(0, leaf.size() - 1), CertificatePem(leaf)}) {
    EXPECT_EQ(root->Judge(wrong, kNoon).reason, "MALFORMED") << wrong.size();
  }
}

TEST(ClientAuthorities, AreReadWholeOrNotAtAll) {
  EXPECT_FALSE(ClientAuthorities::Read("").ok());
  EXPECT_FALSE(ClientAuthorities::Read("no PEM").ok());
  EXPECT_FALSE(ClientAuthorities::Read(Pem({Cas().root}) + CertificatePem("no certificate")).ok());
  // One that cannot be decoded hides none behind it.
  EXPECT_FALSE(
      ClientAuthorities::Read("-----BEGIN CERTIFICATE-----\n@\n" + Pem({Cas().root})).ok());
  EXPECT_FALSE(ClientAuthorities::Read(Pem({Cas().root}) + "-----BEGIN CERTIFICATE-----\nAA").ok());
  // Two that name each other: none could be where trust begins.
  const PrivateKey key = PrivateKey::GenerateP256();
  const std::string one =
      IssueCertificate(MakeRootSpec(NameOf("one"), key, kBegin, kEnd), NameOf("other"), key);
  const std::string other =
      IssueCertificate(MakeRootSpec(NameOf("other"), key, kBegin, kEnd), NameOf("one"), key);
  EXPECT_FALSE(ClientAuthorities::Read(CertificatePem(one) + CertificatePem(other)).ok());
  EXPECT_TRUE(ClientAuthorities::Read("roots of 2026\n" + Pem({Cas().root, Cas().issuing})).ok());
}

}  // namespace
}  // namespace kakunin::auth
