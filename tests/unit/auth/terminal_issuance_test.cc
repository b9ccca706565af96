#include "auth/terminal_issuance.h"

#include <gtest/gtest.h>

#include "auth/certificate.h"
#include "auth/der_writer.h"
#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kNow = absl::FromUnixSeconds(1790000000);
const PeerName kName{PeerKind::kTerminal, "kakunin.test", "1312345678", "desk-1"};

Authority MakeCa(const char* name, absl::Time from = kNow - kDay,
                 absl::Time to = kNow + 900 * kDay) {
  return MakeAuthority(MakeName({{kOidCommonName, name}}), PrivateKey::GenerateP256(), from, to,
                       RandomSerial());
}

class TerminalIssuanceTest : public testing::Test {
 protected:
  TerminalCertificateSpec Spec() const {
    return {.name = kName,
            .public_key = key_.PublicKeyDer(),
            .not_before = kNow,
            .not_after = kNow + 30 * kDay};
  }
  CheckedCertificate Check(const std::string& der, const std::string& cas) const {
    return CheckTerminalCertificate(CertificatePem(der), cas, Sha256(key_.PublicKeyDer()), kName,
                                    kNow);
  }
  std::optional<IssuedFault> FaultOf(const std::string& der) const {
    return Check(der, CertificatePem(ca_.certificate_der)).fault;
  }
  // What IssueTerminalCertificate makes, with other extensions.
  std::string With(const std::vector<ExtensionSpec>& extensions) const {
    CertificateSpec spec;
    spec.subject = MakeName({{kOidCommonName, "x"}});
    spec.serial = RandomSerial();
    spec.not_before = kNow;
    spec.not_after = kNow + kDay;
    spec.public_key = key_.PublicKeyDer();
    spec.extensions = extensions;
    return IssueCertificate(spec, ca_.subject, ca_.key);
  }
  static ExtensionSpec Uris(const std::vector<std::string>& uris) {
    std::string names;
    for (const std::string& uri : uris) names += DerTlv(der::ContextPrimitive(6), uri);
    return {"2.5.29.17", false, DerTlv(der::kSequence, names)};
  }
  static ExtensionSpec Purpose(const char* oid) {
    return {"2.5.29.37", false, DerSequence({DerOid(oid)})};
  }

  const Authority ca_ = MakeCa("terminal CA");
  const PrivateKey key_ = PrivateKey::GenerateP256();
  const std::string uri_ = FormatPeerName(kName);
  const char* const client_ = "1.3.6.1.5.5.7.3.2";
};

TEST_F(TerminalIssuanceTest, WhatIsIssuedIsTaken) {
  const std::string der = IssueTerminalCertificate(ca_, Spec());
  const CheckedCertificate checked = Check(der, CertificatePem(ca_.certificate_der));
  EXPECT_EQ(checked.fault, std::nullopt);
  EXPECT_EQ(checked.der, der);
  EXPECT_EQ(checked.issuer_der, ca_.certificate_der);
  EXPECT_EQ(*checked.peer.Name(), kName);
  EXPECT_EQ(checked.peer.not_after, kNow + 30 * kDay);
}

TEST_F(TerminalIssuanceTest, AnyOfSeveralAuthoritiesMayHaveSigned) {
  const Authority next = MakeCa("terminal CA");  // the same name, another key
  const std::string both =
      CertificatePem(ca_.certificate_der) + CertificatePem(next.certificate_der);
  EXPECT_EQ(Check(IssueTerminalCertificate(ca_, Spec()), both).issuer_der, ca_.certificate_der);
  EXPECT_EQ(Check(IssueTerminalCertificate(next, Spec()), both).issuer_der, next.certificate_der);
}

TEST_F(TerminalIssuanceTest, AnotherIssuerIsRefused) {
  EXPECT_EQ(FaultOf(IssueTerminalCertificate(MakeCa("another"), Spec())), IssuedFault::kIssuer);
  EXPECT_EQ(FaultOf(IssueTerminalCertificate(MakeCa("terminal CA"), Spec())), IssuedFault::kIssuer);
  EXPECT_EQ(Check(IssueTerminalCertificate(ca_, Spec()), "").fault, IssuedFault::kIssuer);
  // A terminal is no CA, whoever signed it.
  Authority terminal{key_, MakeName({{kOidCommonName, kName.facility_code + "/" + kName.id}}),
                     IssueTerminalCertificate(ca_, Spec()), "id"};
  EXPECT_EQ(
      Check(IssueTerminalCertificate(terminal, Spec()), CertificatePem(terminal.certificate_der))
          .fault,
      IssuedFault::kIssuer);
}

TEST_F(TerminalIssuanceTest, AnAuthorityCountsInItsOwnTimeAndOutlivesWhatItSigns) {
  const auto with = [&](absl::Time from, absl::Time to) {
    const Authority ca = MakeCa("terminal CA", from, to);
    return Check(IssueTerminalCertificate(ca, Spec()), CertificatePem(ca.certificate_der)).fault;
  };
  const absl::Time last = kNow + 30 * kDay;
  EXPECT_EQ(with(kNow, last), std::nullopt);
  EXPECT_EQ(with(kNow + absl::Seconds(1), last), IssuedFault::kIssuer);
  EXPECT_EQ(with(kNow - kDay, last - absl::Seconds(1)), IssuedFault::kIssuer);
  EXPECT_EQ(with(kNow - kDay, kNow - absl::Seconds(1)), IssuedFault::kIssuer);
}

TEST_F(TerminalIssuanceTest, AnotherKeyOrNameIsRefused) {
  TerminalCertificateSpec spec = Spec();
  spec.public_key = PrivateKey::GenerateP256().PublicKeyDer();
  EXPECT_EQ(FaultOf(IssueTerminalCertificate(ca_, spec)), IssuedFault::kKey);
  for (const PeerName& name :
       {PeerName{PeerKind::kTerminal, "kakunin.test", "1399999999", "desk-1"},
        PeerName{PeerKind::kTerminal, "kakunin.test", "1312345678", "desk-2"},
        PeerName{PeerKind::kTerminal, "elsewhere", "1312345678", "desk-1"},
        PeerName{PeerKind::kOperator, "kakunin.test", "", "desk-1"}}) {
    spec = Spec();
    spec.name = name;
    EXPECT_EQ(FaultOf(IssueTerminalCertificate(ca_, spec)), IssuedFault::kName);
  }
  const auto usage = KeyUsageExtension(key_usage::kDigitalSignature);
  EXPECT_EQ(FaultOf(With({usage, Purpose(client_), Uris({uri_})})), std::nullopt);
  EXPECT_EQ(FaultOf(With({usage, Purpose(client_), Uris({uri_, uri_})})), IssuedFault::kName);
  EXPECT_EQ(FaultOf(With({usage, Purpose(client_)})), IssuedFault::kName);
}

TEST_F(TerminalIssuanceTest, AnotherUseIsRefused) {
  const auto usage = KeyUsageExtension(key_usage::kDigitalSignature);
  const ExtensionSpec ca{"2.5.29.19", true, DerSequence({DerTlv(der::kBoolean, "\xff")})};
  const ExtensionSpec unknown{"1.2.3.4", true, DerSequence({})};
  for (const auto& extensions : std::vector<std::vector<ExtensionSpec>>{
           {Purpose(client_), Uris({uri_})},
           {usage, Uris({uri_})},
           {usage, Purpose("1.3.6.1.5.5.7.3.1"), Uris({uri_})},
           {KeyUsageExtension(key_usage::kDigitalSignature | key_usage::kKeyCertSign),
            Purpose(client_), Uris({uri_})},
           {usage, Purpose(client_), Uris({uri_}), ca},
           {usage, Purpose(client_), Uris({uri_}), unknown}}) {
    EXPECT_EQ(FaultOf(With(extensions)), IssuedFault::kUse);
  }
  const std::string good = CertificatePem(IssueTerminalCertificate(ca_, Spec()));
  for (const std::string& bad : {std::string(), good + good, good.substr(30)}) {
    EXPECT_EQ(CheckTerminalCertificate(bad, CertificatePem(ca_.certificate_der),
                                       Sha256(key_.PublicKeyDer()), kName, kNow)
                  .fault,
              IssuedFault::kMalformed);
  }
}

}  // namespace
}  // namespace kakunin::auth
