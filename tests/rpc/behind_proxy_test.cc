// A listener behind a proxy: who the header names is judged as if he had come himself.
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <thread>

#include "auth/der_writer.h"
#include "auth/encoding.h"
#include "tests/rpc/raw_call.h"
#include "tests/rpc/terminal_server.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

using Authorities = std::shared_ptr<const auth::ClientAuthorities>;

std::string HeaderOf(const TestIdentity& identity) {
  return auth::Base64Encode(*auth::PemDecode("CERTIFICATE", identity.certificate_pem));
}

Authorities AuthoritiesOf(const std::string& pem) {
  return auth::ClientAuthorities::Read(pem).value();
}

class BehindProxyTest : public testing::Test {
 protected:
  BehindProxyTest() {
    RegisterTestCallers(database_, clock_.Now());
    server_ =
        std::make_unique<TerminalServer>(database_, clock_,
                                         PeerSource{.behind_proxy = true,
                                                    .proxy_fingerprint = proxy_.fingerprint,
                                                    .authorities = [this] { return Held(); }});
  }

  Authorities Held() const {
    const std::lock_guard lock(mutex_);
    ++asked_;
    return authorities_;
  }
  int Asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void Hold(Authorities authorities) {
    const std::lock_guard lock(mutex_);
    authorities_ = std::move(authorities);
  }

  Outcome Call(const TestIdentity& identity, const Metadata& metadata) {
    return CallWithNothing(server_->port().Channel(identity), kByNumberMethod, metadata);
  }
  Outcome CallFor(const TestIdentity& caller) {
    return Call(proxy_, {{kProxyHeader, HeaderOf(caller)}});
  }

  // Registers a certificate as the test terminal's: the chain alone can still refuse it.
  void Register(const TestIdentity& identity) {
    PostgresRegistryStore store;
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(auto row, store.FindTerminal(tx, kTestFacility, kTestTerminal));
          row->fingerprint = identity.fingerprint;
          return store.PutTerminal(tx, *row);
        });
    ASSERT_TRUE(status.ok()) << status;
    while (server_->port().registry().Current()->Find(identity.fingerprint) == nullptr) {
      std::this_thread::yield();
    }
  }

  // How many refusals the audit keeps under this exact reason; the server ends, so that all are
  // written.
  int64_t Refusals(const std::string& reason, const TestIdentity& of) {
    server_.reset();
    return database_
        .Exec("SELECT count(*) FROM kakunin.audit_event WHERE actor = '' AND reason = '" + reason +
              "' AND details = 'certificate=" + auth::HexEncode(of.fingerprint) + "'")[0][0]
        .as<int64_t>();
  }

  const TestDatabase database_;
  SettableClock clock_;
  const TestIdentity proxy_ = IssueTestIdentity({"spiffe://kakunin.test/proxy/edge-1"});
  mutable std::mutex mutex_;
  mutable int asked_ = 0;
  Authorities authorities_ = AuthoritiesOf(auth::CertificatePem(TestClientCa().certificate_der));
  std::unique_ptr<TerminalServer> server_;
};

TEST_F(BehindProxyTest, TheProxySpeaksForTheCallerAndNoCallerForItself) {
  const std::string terminal = HeaderOf(IdentityOf(Caller::kTerminal));
  EXPECT_TRUE(Call(proxy_, {{kProxyHeader, terminal}}).answered);
  EXPECT_EQ(Call(proxy_, {}).reason(), "NO_CERTIFICATE");
  for (const Caller caller : {Caller::kTerminal, Caller::kOperator, Caller::kUnknown}) {
    EXPECT_EQ(Call(IdentityOf(caller), {}).reason(), "PROXY_HEADER_REFUSED");
    EXPECT_EQ(Call(IdentityOf(caller), {{kProxyHeader, terminal}}).reason(),
              "PROXY_HEADER_REFUSED");
  }
}

TEST_F(BehindProxyTest, TheCallerBehindItIsJudgedLikeAnyOther) {
  const std::vector<std::pair<Caller, std::string>> refusals = {
      {Caller::kUnknown, "CERTIFICATE_NOT_REGISTERED"},
      {Caller::kRevokedTerminal, "TERMINAL_REVOKED"},
      {Caller::kLapsedTerminal, "CERTIFICATE_EXPIRED"},
      {Caller::kRenamedTerminal, "CERTIFICATE_NAMES_DIFFER"},
      {Caller::kInsurer, "WRONG_KIND_OF_CALLER"}};
  for (const auto& [caller, reason] : refusals) {
    EXPECT_EQ(Call(proxy_, {{kProxyHeader, HeaderOf(IdentityOf(caller))}}).reason(), reason);
  }
  EXPECT_EQ(Call(proxy_, {{kProxyHeader, HeaderOf(proxy_)}}).reason(),
            "CERTIFICATE_NOT_REGISTERED");
}

TEST_F(BehindProxyTest, TheHeaderHasOneSpellingAndComesOnce) {
  const std::string good = HeaderOf(IdentityOf(Caller::kTerminal));
  EXPECT_EQ(Call(proxy_, {{kProxyHeader, good}, {kProxyHeader, good}}).reason(),
            "PROXY_HEADER_REFUSED");
  std::string url_safe = good;
  for (char& c : url_safe) c = c == '+' ? '-' : c == '/' ? '_' : c;
  if (url_safe == good) url_safe[10] = '-';
  const std::string end = "-----END CERTIFICATE-----";
  const std::string padding((64 - (good.size() + end.size()) % 64) % 64, 'x');
  for (const std::string& bad :
       {std::string("garbage"), std::string(), " " + good.substr(0, 20) + " " + good.substr(20),
        good + good, good.substr(0, good.size() - 4), good + end, good + end + padding,
        IdentityOf(Caller::kTerminal).certificate_pem.substr(0, 27), url_safe}) {
    EXPECT_EQ(Call(proxy_, {{kProxyHeader, bad}}).reason(), "NO_CERTIFICATE") << bad.size();
  }
}

TEST_F(BehindProxyTest, ACertificateOfAnotherCaIsRefusedWhateverTheProxyAndTheRegistrySay) {
  const TestIdentity& forged = IdentityOf(Caller::kForeign);
  Register(forged);
  const Outcome outcome = CallFor(forged);
  EXPECT_EQ(outcome.reason(), "NO_CERTIFICATE");
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_FALSE(outcome.answered);
  EXPECT_EQ(CallFor(forged).reason(), "NO_CERTIFICATE");  // by the verdict that is kept
  EXPECT_EQ(Refusals("CERTIFICATE_CHAIN_ISSUER", forged), 2);
}

TEST_F(BehindProxyTest, WhatIsNotRegisteredIsNotJudged) {
  for (const Caller caller : {Caller::kForeign, Caller::kUnknown}) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(CallFor(IdentityOf(caller)).reason(), "CERTIFICATE_NOT_REGISTERED");
    }
  }
  EXPECT_EQ(Asked(), 0);
  EXPECT_EQ(Refusals("CERTIFICATE_NOT_REGISTERED", IdentityOf(Caller::kForeign)), 2);
}

TEST_F(BehindProxyTest, AForgedSignatureUnderTheCasNameIsRefusedAsLongAsThatCaIsNotOurs) {
  // The same name and another key, as somebody would forge it who can read certificates.
  const auth::Authority impostor =
      auth::MakeAuthority(TestClientCa().subject, auth::PrivateKey::GenerateP256(),
                          absl::Now() - absl::Hours(48), absl::Now() + absl::Hours(48));
  const std::string der = auth::IssueClient(
      impostor, auth::PrivateKey::GenerateP256(), {TerminalUri(kTestFacility, kTestTerminal)},
      "desk", auth::RandomSerial(), absl::Now() - absl::Hours(1), absl::Now() + absl::Hours(1));
  const TestIdentity forged{auth::CertificatePem(der), "", auth::Sha256(der)};
  Register(forged);
  EXPECT_EQ(CallFor(forged).reason(), "NO_CERTIFICATE");
  // What was refused is remembered, but not beyond the CAs that refused it.
  Hold(AuthoritiesOf(auth::CertificatePem(impostor.certificate_der)));
  EXPECT_TRUE(CallFor(forged).answered);
}

TEST_F(BehindProxyTest, AnExpiredCertificateIsRefusedAndToldAsSuch) {
  const TestIdentity& expired = IdentityOf(Caller::kExpired);
  Register(expired);
  EXPECT_EQ(CallFor(expired).reason(), "CERTIFICATE_EXPIRED");
  EXPECT_EQ(Refusals("CERTIFICATE_CHAIN_EXPIRED", expired), 1);
}

TEST_F(BehindProxyTest, AVerdictThatIsKeptDoesNotOutliveTheCertificate) {
  const TestIdentity& terminal = IdentityOf(Caller::kTerminal);
  EXPECT_TRUE(CallFor(terminal).answered);
  clock_.Advance(absl::Hours(49));  // its row counts on, it does not
  EXPECT_EQ(CallFor(terminal).reason(), "CERTIFICATE_EXPIRED");
  clock_.Advance(-absl::Hours(49));
  EXPECT_TRUE(CallFor(terminal).answered);
}

TEST_F(BehindProxyTest, AVerdictThatIsKeptDoesNotOutliveTheCa) {
  const TestIdentity& terminal = IdentityOf(Caller::kTerminal);
  EXPECT_TRUE(CallFor(terminal).answered);
  const Authorities before = Held();
  const absl::Time now = absl::Now();
  Hold(AuthoritiesOf(auth::CertificatePem(
      auth::MakeAuthority(auth::MakeName({{auth::kOidCommonName, "the next CA"}}),
                          auth::PrivateKey::GenerateP256(), now - absl::Hours(1),
                          now + absl::Hours(1))
          .certificate_der)));
  EXPECT_EQ(CallFor(terminal).reason(), "NO_CERTIFICATE");
  Hold(nullptr);
  EXPECT_EQ(CallFor(terminal).reason(), "NO_CERTIFICATE");
  Hold(before);
  EXPECT_TRUE(CallFor(terminal).answered);
}

TEST(BehindProxyWithoutCas, NobodyCounts) {
  const TestDatabase database;
  const SettableClock clock;
  RegisterTestCallers(database, clock.Now());
  const TestIdentity proxy = IssueTestIdentity({"spiffe://kakunin.test/proxy/edge-1"});
  const TerminalServer server(
      database, clock, PeerSource{.behind_proxy = true, .proxy_fingerprint = proxy.fingerprint});
  EXPECT_EQ(CallWithNothing(server.port().Channel(proxy), kByNumberMethod,
                            {{kProxyHeader, HeaderOf(IdentityOf(Caller::kTerminal))}})
                .reason(),
            "NO_CERTIFICATE");
}

}  // namespace
}  // namespace kakunin
