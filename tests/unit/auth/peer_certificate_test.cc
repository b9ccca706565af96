#include "auth/peer_certificate.h"

#include <gtest/gtest.h>

#include "card_pki.h"

namespace kakunin::auth {
namespace {

struct TerminalPki {
  Authority authority =
      MakeAuthority(MakeName({{kOidCommonName, "terminal CA"}}), PrivateKey::GenerateP256(),
                    At("2026-01-01T00:00:00Z"), At("2030-01-01T00:00:00Z"));
  PrivateKey key = PrivateKey::GenerateP256();

  std::string Issue(const std::vector<std::string>& uris) const {
    return IssueClient(authority, key, uris, "counter 1", SerialNumber(9),
                       At("2026-11-01T00:00:00Z"), At("2026-12-01T00:00:00Z"));
  }
};

TEST(PeerName, ReadsEveryKindAndWritesItBack) {
  const std::pair<const char*, PeerName> cases[] = {
      {"spiffe://kakunin.test/facility/1312345678/terminal/desk-1",
       {PeerKind::kTerminal, "kakunin.test", "1312345678", "desk-1"}},
      {"spiffe://kakunin.test/insurer/06123456",
       {PeerKind::kInsurer, "kakunin.test", "", "06123456"}},
      {"spiffe://kakunin.test/operator/ops_a", {PeerKind::kOperator, "kakunin.test", "", "ops_a"}},
      {"spiffe://kakunin.test/proxy/edge", {PeerKind::kProxy, "kakunin.test", "", "edge"}},
      {"spiffe://kakunin.test/claims-reviewer/r.1",
       {PeerKind::kClaimsReviewer, "kakunin.test", "", "r.1"}},
      {"spiffe://kakunin.test/card-link-provider/j-lis",
       {PeerKind::kCardLinkProvider, "kakunin.test", "", "j-lis"}}};
  for (const auto& [uri, name] : cases) {
    const auto parsed = ParsePeerName(uri);
    ASSERT_TRUE(parsed.ok()) << uri;
    EXPECT_EQ(*parsed, name);
    EXPECT_EQ(FormatPeerName(name), uri);
  }
}

TEST(PeerName, RefusesEverythingElse) {
  for (const char* uri : {"",
                          "spiffe://",
                          "spiffe://d",
                          "spiffe://d/",
                          "https://d/operator/a",
                          "SPIFFE://d/operator/a",
                          "spiffe:///operator/a",
                          "spiffe://D/operator/a",
                          "spiffe://d/operator/",
                          "spiffe://d/operator",
                          "spiffe://d/operator/a/",
                          "spiffe://d/operator/a/b",
                          "spiffe://d/operator/a b",
                          "spiffe://d/operator/..",
                          "spiffe://d/operator/a%2fb",
                          "spiffe://d/operator/a?x",
                          "spiffe://d:80/operator/a",
                          "spiffe://u@d/operator/a",
                          "spiffe://d/insurer/1234567",
                          "spiffe://d/insurer/123456789",
                          "spiffe://d/insurer/1234567a",
                          "spiffe://d/facility/1312345678",
                          "spiffe://d/facility/131234567/terminal/a",
                          "spiffe://d/facility/13123456789/terminal/a",
                          "spiffe://d/facility/1312345678/terminal/",
                          "spiffe://d/facility/1312345678/desk/a",
                          "spiffe://d/facility/1312345678/terminal/a/b",
                          "spiffe://d/patient/a",
                          "spiffe://d//operator/a"}) {
    EXPECT_FALSE(ParsePeerName(uri).ok()) << uri;
  }
  EXPECT_TRUE(ParsePeerName("spiffe://d/operator/" + std::string(64, 'a')).ok());
  EXPECT_FALSE(ParsePeerName("spiffe://d/operator/" + std::string(65, 'a')).ok());
}

TEST(PeerCertificate, ReadsFingerprintNameAndValidity) {
  const TerminalPki pki;
  const std::string uri = "spiffe://kakunin.test/facility/1312345678/terminal/desk-1";
  const std::string der = pki.Issue({uri});
  const auto peer = ReadPeerCertificate(CertificatePem(der));
  ASSERT_TRUE(peer.ok());
  EXPECT_EQ(peer->fingerprint, Sha256(der));
  EXPECT_TRUE(peer->client_auth);
  ASSERT_TRUE(peer->Name().ok());
  EXPECT_EQ(FormatPeerName(*peer->Name()), uri);
  const absl::Time first = At("2026-11-01T00:00:00Z");
  const absl::Time last = At("2026-12-01T00:00:00Z");
  EXPECT_FALSE(peer->IsValidAt(first - absl::Seconds(1)));
  EXPECT_TRUE(peer->IsValidAt(first));
  EXPECT_TRUE(peer->IsValidAt(last));
  EXPECT_FALSE(peer->IsValidAt(last + absl::Seconds(1)));
}

TEST(PeerCertificate, HasNoNameWithoutExactlyOneUri) {
  const TerminalPki pki;
  const std::string uri = "spiffe://kakunin.test/operator/a";
  EXPECT_FALSE(ReadPeerCertificate(CertificatePem(pki.Issue({})))->Name().ok());
  EXPECT_FALSE(ReadPeerCertificate(CertificatePem(pki.Issue({uri, uri})))->Name().ok());
  EXPECT_FALSE(
      ReadPeerCertificate(CertificatePem(pki.Issue({uri, "https://example.test"})))->Name().ok());
}

TEST(PeerCertificate, ServerCertificateIsNoClient) {
  const TerminalPki pki;
  const std::string der =
      IssueServer(pki.authority, pki.key, {"localhost"}, {"127.0.0.1"}, SerialNumber(2),
                  At("2026-11-01T00:00:00Z"), At("2026-12-01T00:00:00Z"));
  const auto peer = ReadPeerCertificate(CertificatePem(der));
  ASSERT_TRUE(peer.ok());
  EXPECT_FALSE(peer->client_auth);
}

TEST(PeerCertificate, RefusesWhatIsNoCertificate) {
  EXPECT_FALSE(ReadPeerCertificate("").ok());
  EXPECT_FALSE(ReadPeerCertificate(CertificatePem("not DER")).ok());
  EXPECT_FALSE(ReadPeerCertificate(CertificatePem(TerminalPki().Issue({}) + "x")).ok());
}

}  // namespace
}  // namespace kakunin::auth
