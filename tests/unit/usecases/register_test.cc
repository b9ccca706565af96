#include <gtest/gtest.h>

#include "auth/der_writer.h"
#include "auth/issuance.h"
#include "domain/error.h"
#include "server/usecases/register_facility.h"
#include "server/usecases/register_party.h"
#include "server/usecases/register_terminal.h"
#include "server/usecases/revoke_terminal.h"
#include "tests/unit/usecases/memory_stores.h"

namespace kakunin {
namespace {

const absl::Time kBegin = absl::FromUnixSeconds(1'790'000'000);
const absl::Time kEnd = kBegin + absl::Hours(24 * 365);
constexpr char kFacility[] = "1312345678";
constexpr char kInsurer[] = "06139463";

std::string Uri(const std::string& terminal) {
  return std::string("spiffe://kakunin.test/facility/") + kFacility + "/terminal/" + terminal;
}

std::string PemFor(const std::vector<std::string>& uris) {
  static const auth::Authority ca = auth::MakeAuthority(
      auth::MakeName({{"2.5.4.3", "ca"}}), auth::PrivateKey::GenerateP256(), kBegin, kEnd);
  return auth::CertificatePem(auth::IssueClient(ca, auth::PrivateKey::GenerateP256(), uris,
                                                "client", auth::RandomSerial(), kBegin, kEnd));
}

class RegisterTest : public testing::Test {
 protected:
  RegisterTest() { record_.at = kBegin + absl::Hours(1); }

  template <class Act>
  auto In(Act act) {
    decltype(act(std::declval<Transaction&>())) result = absl::UnknownError("not run");
    (void)database_.Write({}, [&](Transaction& tx) {
      result = act(tx);
      return result.status();
    });
    return result;
  }
  absl::StatusOr<RegisteredTerminal> Terminal(const std::string& pem, bool validate_only = false) {
    return In([&](Transaction& tx) {
      return RegisterTerminal(tx, record_, registry_, {kFacility, "T1", TerminalKind::kDesk, pem},
                              validate_only);
    });
  }
  absl::StatusOr<RegisteredParty> Insurer(const std::string& pem) {
    return In([&](Transaction& tx) {
      return RegisterParty(tx, record_, registry_, {ActorKind::kInsurer, kInsurer, "試験組合", pem},
                           false);
    });
  }
  absl::StatusOr<TerminalRow> Revoke(int reason, bool validate_only = false) {
    return In([&](Transaction& tx) {
      return RevokeTerminal(tx, record_, registry_, kFacility, "T1", reason, validate_only);
    });
  }
  void AddFacility() { registry_.facilities[kFacility] = {.facility_code = kFacility}; }

  MemoryDatabase database_;
  MemoryRegistry registry_;
  AuditRecord record_;
};

TEST_F(RegisterTest, CreatesAFacilityThenChangesIt) {
  const auto put = [&](bool active, bool validate_only) {
    return In([&](Transaction& tx) {
      return RegisterFacility(tx, record_, registry_,
                              {.facility_code = kFacility, .name = "試験", .active = active},
                              validate_only);
    });
  };
  EXPECT_TRUE(put(true, true)->created);
  EXPECT_TRUE(registry_.facilities.empty());
  EXPECT_TRUE(put(true, false)->created);
  EXPECT_FALSE(put(false, false)->created);
  EXPECT_FALSE(registry_.facilities.at(kFacility).active);
}

TEST_F(RegisterTest, BindsATerminalToItsCertificateAndRecordsTheDates) {
  AddFacility();
  const auto done = Terminal(PemFor({Uri("T1")}));
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(done->created);
  const TerminalRow& row = registry_.terminals.at(std::string(kFacility) + "/T1");
  EXPECT_EQ(row.not_before, kBegin);
  // The certificate names its last second, the registry the first instant after it.
  EXPECT_EQ(row.not_after, kEnd + absl::Seconds(1));
}

TEST_F(RegisterTest, ANewCertificateReplacesTheBindingAndLiftsARevocation) {
  AddFacility();
  const auto first = Terminal(PemFor({Uri("T1")}));
  ASSERT_TRUE(Revoke(2).ok());
  const auto second = Terminal(PemFor({Uri("T1")}));
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(second->created);
  EXPECT_NE(second->terminal.fingerprint, first->terminal.fingerprint);
  EXPECT_FALSE(registry_.terminals.begin()->second.revoked_at.has_value());
}

TEST_F(RegisterTest, ARevokedCertificateCannotComeBack) {
  AddFacility();
  const std::string pem = PemFor({Uri("T1")});
  ASSERT_TRUE(Terminal(pem).ok());
  ASSERT_TRUE(Revoke(1).ok());
  const auto again = Terminal(pem);
  EXPECT_EQ(ReasonOf(again.status()), Reason::kInvalidFields);
  EXPECT_TRUE(registry_.terminals.begin()->second.revoked_at.has_value());
}

TEST_F(RegisterTest, ARevokedCertificateCannotComeBackAfterAnother) {
  AddFacility();
  const std::string revoked = PemFor({Uri("T1")});
  ASSERT_TRUE(Terminal(revoked).ok());
  ASSERT_TRUE(Revoke(1).ok());
  ASSERT_TRUE(Terminal(PemFor({Uri("T1")})).ok());
  for (const bool validate_only : {true, false}) {
    const auto again = Terminal(revoked, validate_only);
    ASSERT_EQ(ReasonOf(again.status()), Reason::kInvalidFields);
    EXPECT_EQ(ViolationsOf(again.status()).at(0).description,
              "利用停止になった電子証明書は再登録できません。新しい証明書を発行してください。");
  }
}

TEST_F(RegisterTest, ACertificateThatWasReplacedButNeverRevokedMayComeBack) {
  AddFacility();
  const std::string first = PemFor({Uri("T1")});
  ASSERT_TRUE(Terminal(first).ok());
  ASSERT_TRUE(Terminal(PemFor({Uri("T1")})).ok());
  EXPECT_TRUE(Terminal(first).ok());
}

TEST_F(RegisterTest, TheCertificateOfAnInsurerThatIsNotActiveCannotComeBack) {
  const std::string uri = std::string("spiffe://kakunin.test/insurer/") + kInsurer;
  const std::string pem = PemFor({uri});
  ASSERT_TRUE(Insurer(pem).ok());
  registry_.parties.at(kInsurer).active = false;
  EXPECT_EQ(ReasonOf(Insurer(pem).status()), Reason::kInvalidFields);
  ASSERT_TRUE(Insurer(PemFor({uri})).ok());
  EXPECT_EQ(ReasonOf(Insurer(pem).status()), Reason::kInvalidFields);
}

TEST_F(RegisterTest, RefusesCertificatesThatDoNotNameTheTerminal) {
  AddFacility();
  const std::string insurer = std::string("spiffe://kakunin.test/insurer/") + kInsurer;
  for (const std::vector<std::string>& uris :
       {std::vector<std::string>{Uri("T2")},
        {"spiffe://kakunin.test/facility/9999999999/terminal/T1"},
        {insurer},
        {Uri("T1"), Uri("T2")},
        {"https://example.org/"}}) {
    const auto refused = Terminal(PemFor(uris));
    EXPECT_EQ(ReasonOf(refused.status()), Reason::kInvalidFields);
    EXPECT_EQ(ViolationsOf(refused.status()).at(0).field, "certificate_pem");
  }
  EXPECT_EQ(ReasonOf(Terminal("not PEM").status()), Reason::kInvalidFields);
  EXPECT_TRUE(registry_.terminals.empty());
}

TEST_F(RegisterTest, RefusesACertificateThatIsNotForClients) {
  AddFacility();
  const auth::PrivateKey key = auth::PrivateKey::GenerateP256();
  const std::string uri = Uri("T1");
  std::string names = {'\x30', static_cast<char>(uri.size() + 2), '\x86',
                       static_cast<char>(uri.size())};
  const auth::CertificateSpec spec{.subject = auth::MakeName({{"2.5.4.3", "client"}}),
                                   .not_before = kBegin,
                                   .not_after = kEnd,
                                   .public_key = key.PublicKeyDer(),
                                   .extensions = {{"2.5.29.17", false, names + uri}}};
  const auto refused =
      Terminal(auth::CertificatePem(auth::IssueCertificate(spec, spec.subject, key)));
  EXPECT_EQ(ViolationsOf(refused.status()).at(0).description,
            "クライアント認証に使えない電子証明書です。");
}

TEST_F(RegisterTest, RefusesAnExpiredCertificateFromTheFirstInstantAfterIt) {
  AddFacility();
  const std::string pem = PemFor({Uri("T1")});
  record_.at = kEnd + absl::Seconds(1);
  EXPECT_EQ(ReasonOf(Terminal(pem).status()), Reason::kInvalidFields);
  record_.at = kEnd + absl::Seconds(1) - absl::Microseconds(1);
  EXPECT_TRUE(Terminal(pem).ok());
}

TEST_F(RegisterTest, RefusesACertificateThatSomebodyElseUses) {
  AddFacility();
  const std::string pem = PemFor({Uri("T1")});
  ASSERT_TRUE(Terminal(pem).ok());
  TerminalRow other = registry_.terminals.begin()->second;
  registry_.terminals.clear();
  other.terminal_id = "T9";
  registry_.terminals[std::string(kFacility) + "/T9"] = other;
  EXPECT_EQ(ReasonOf(Terminal(pem).status()), Reason::kCertificateInUse);
}

TEST_F(RegisterTest, ATerminalNeedsItsFacility) {
  EXPECT_EQ(ReasonOf(Terminal(PemFor({Uri("T1")})).status()), Reason::kFacilityNotFound);
}

TEST_F(RegisterTest, ValidateOnlyChecksAndChangesNothing) {
  AddFacility();
  EXPECT_TRUE(Terminal(PemFor({Uri("T1")}), true)->created);
  EXPECT_TRUE(registry_.terminals.empty());
}

TEST_F(RegisterTest, RevokingTwiceKeepsTheFirstInstantAndReason) {
  AddFacility();
  ASSERT_TRUE(Terminal(PemFor({Uri("T1")})).ok());
  ASSERT_TRUE(Revoke(1, /*validate_only=*/true).ok());
  EXPECT_FALSE(registry_.terminals.begin()->second.revoked_at.has_value());
  const absl::Time first = record_.at;
  ASSERT_TRUE(Revoke(1).ok());
  record_.at += absl::Hours(1);
  const auto again = Revoke(3);
  EXPECT_EQ(again->revoked_at, first);
  EXPECT_EQ(again->revocation_reason, 1);
}

TEST_F(RegisterTest, RevokingAnUnknownTerminalIsNotFound) {
  EXPECT_EQ(ReasonOf(Revoke(1).status()), Reason::kTerminalNotFound);
}

TEST_F(RegisterTest, BindsAClaimsReviewerToItsCertificateAndToNoInsurers) {
  const auto put = [&](const std::string& pem) {
    return In([&](Transaction& tx) {
      return RegisterParty(tx, record_, registry_,
                           {ActorKind::kClaimsReviewer, "113", "試験支払基金", pem}, false);
    });
  };
  EXPECT_EQ(ReasonOf(put(PemFor({"spiffe://kakunin.test/insurer/113"})).status()),
            Reason::kInvalidFields);
  const auto done = put(PemFor({"spiffe://kakunin.test/claims-reviewer/113"}));
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_TRUE(done->created);
  EXPECT_EQ(done->party.kind, ActorKind::kClaimsReviewer);
}

TEST_F(RegisterTest, BindsACardLinkProviderToItsCertificateAndToNoOthers) {
  const auto put = [&](const std::string& pem) {
    return In([&](Transaction& tx) {
      return RegisterParty(
          tx, record_, registry_,
          {ActorKind::kCardLinkProvider, "j-lis", "地方公共団体情報システム機構", pem}, false);
    });
  };
  for (const char* other :
       {"spiffe://kakunin.test/claims-reviewer/j-lis", "spiffe://kakunin.test/operator/j-lis",
        "spiffe://kakunin.test/card-link-provider/another"}) {
    EXPECT_EQ(ReasonOf(put(PemFor({other})).status()), Reason::kInvalidFields) << other;
  }
  const auto done = put(PemFor({"spiffe://kakunin.test/card-link-provider/j-lis"}));
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_TRUE(done->created);
  EXPECT_EQ(done->party.kind, ActorKind::kCardLinkProvider);
}

TEST_F(RegisterTest, BindsAnInsurerToItsCertificate) {
  const auto done = Insurer(PemFor({std::string("spiffe://kakunin.test/insurer/") + kInsurer}));
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(registry_.parties.at(kInsurer).active);
  EXPECT_EQ(ReasonOf(Insurer(PemFor({Uri("T1")})).status()), Reason::kInvalidFields);
}

}  // namespace
}  // namespace kakunin
