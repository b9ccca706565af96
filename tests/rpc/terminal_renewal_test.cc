// Renewal, overlap, suspension and revocation of terminals' certificates, over TLS and PostgreSQL.
#include <gtest/gtest.h>

#include <thread>

#include "domain/terminal_certificate.h"
#include "tests/rpc/terminal_certificate_fixture.h"

namespace kakunin {
namespace {

using auth::PrivateKey;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kSecond = absl::Seconds(1);

class TerminalRenewalTest : public TerminalCertificateFixture {
 protected:
  std::string Suspend(const std::string& terminal) {
    v1::SuspendTerminalRequest request;
    request.set_facility_code(kTestFacility);
    request.set_terminal_id(terminal);
    request.set_reason(v1::SUSPENSION_REASON_MISLAID);
    return Operate(second_, &Operators::SuspendTerminal, request).reason;
  }
  std::string Resume(const std::string& terminal) {
    v1::ResumeTerminalRequest request;
    request.set_facility_code(kTestFacility);
    request.set_terminal_id(terminal);
    return Operate(second_, &Operators::ResumeTerminal, request).reason;
  }
  Asked<v1::EndCertificateOverlapResponse> EndOverlap(const std::string& terminal) {
    v1::EndCertificateOverlapRequest request;
    request.set_facility_code(kTestFacility);
    request.set_terminal_id(terminal);
    return Operate(second_, &Operators::EndCertificateOverlap, request);
  }
  void Revoke(const std::string& terminal) {
    const auto pool = database_.Open("kakunin_operator");
    PostgresRegistryStore store;
    const absl::Status status = pool->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      AuditRecord record;
      record.at = clock_.Now();
      return RevokeTerminal(tx, record, store, kTestFacility, terminal, 1, false).status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  // Renewed takes an enrolled terminal through a renewal; its next certificate.
  TestIdentity Renewed(const TestIdentity& now,
                       v1::DeliverCertificateResponse* delivered = nullptr) {
    const PrivateKey key = PrivateKey::GenerateP256();
    const auto asked = Renew(now, RequestPem(key));
    EXPECT_EQ(asked.reason, "");
    EXPECT_EQ(asked.answer.state(), v1::CERTIFICATE_REQUEST_STATE_APPROVED);
    const std::string pem = Signed(Spec(key));
    const auto done = Deliver(asked.answer.certificate_request_id(), pem);
    EXPECT_EQ(done.reason, "");
    if (delivered != nullptr) *delivered = done.answer;
    return IdentityOfPem(pem, key);
  }

  const TestIdentity& desk_ = IdentityOf(Caller::kTerminal);  // counts for 365 days
};

TEST_F(TerminalRenewalTest, OpensNinetyDaysBeforeTheEnd) {
  const std::string pem = RequestPem(PrivateKey::GenerateP256());
  clock_.Advance(275 * kDay - kSecond);
  EXPECT_EQ(Renew(desk_, pem).reason, "RENEWAL_TOO_EARLY");
  clock_.Advance(kSecond);
  const auto asked = Renew(desk_, pem);
  EXPECT_EQ(asked.reason, "");
  clock_.Advance(kSecond);
  // The same again is the same; another waits.
  EXPECT_EQ(Renew(desk_, pem).answer.certificate_request_id(),
            asked.answer.certificate_request_id());
  EXPECT_EQ(Renew(desk_, RequestPem(PrivateKey::GenerateP256())).reason, "RENEWAL_OPEN");
  EXPECT_EQ(Refuse(asked.answer.certificate_request_id()), "");
  EXPECT_EQ(Renew(desk_, RequestPem(PrivateKey::GenerateP256())).reason, "");
}

TEST_F(TerminalRenewalTest, BothCertificatesCountAndTheOldOneForThirtyDaysAtMost) {
  // An authority that outlives the clock's journey; what it signs is looked up, not shown to TLS.
  const auth::Authority lasting = auth::MakeAuthority(
      auth::MakeName({{auth::kOidCommonName, "lasting"}}), PrivateKey::GenerateP256(),
      absl::Now() - kDay, absl::Now() + 2000 * kDay);
  authority_->ca_pem += auth::CertificatePem(lasting.certificate_der);
  clock_.Advance(300 * kDay);
  const PrivateKey key = PrivateKey::GenerateP256();
  const auto asked = Renew(desk_, RequestPem(key));
  ASSERT_EQ(asked.reason, "");
  auto spec = Spec(key, kTestTerminal);
  spec.not_after = spec.not_before + 400 * kDay;
  const std::string pem = Signed(spec, lasting);
  const auto delivered = Deliver(asked.answer.certificate_request_id(), pem);
  ASSERT_EQ(delivered.reason, "");
  EXPECT_EQ(absl::FromUnixSeconds(delivered.answer.overlap_end_time().seconds()),
            absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now() + 30 * kDay)));
  const Digest32 next = IdentityOfPem(pem, key).fingerprint;
  const auto next_counts = [&] {
    const auto snapshot = terminals_->registry().Current();
    const auto* entry = snapshot->Find(next);
    return entry != nullptr && snapshot->TerminalOf(*entry, clock_.Now()).ok();
  };
  const auto channel = terminals_->Channel(desk_);
  const auto by = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (!next_counts() && std::chrono::steady_clock::now() < by) std::this_thread::yield();
  EXPECT_TRUE(next_counts());
  EXPECT_EQ(DoorSays(channel), "INVALID_FIELDS");
  // The old one renews nothing any more.
  EXPECT_EQ(Renew(desk_, RequestPem(PrivateKey::GenerateP256())).reason, "RENEWAL_OF_FORMER");
  clock_.Advance(30 * kDay - kSecond);
  EXPECT_EQ(DoorSays(channel), "INVALID_FIELDS");
  clock_.Advance(kSecond);
  EXPECT_EQ(DoorSays(channel), "CERTIFICATE_EXPIRED");
  clock_.Advance(kSecond);
  EXPECT_EQ(DoorSays(channel), "CERTIFICATE_EXPIRED");
  EXPECT_TRUE(next_counts());
}

TEST_F(TerminalRenewalTest, AnOperatorEndsAnOverlap) {
  const TestIdentity old = Enrol();
  v1::DeliverCertificateResponse delivered;
  const TestIdentity next = Renewed(old, &delivered);
  // The old one's own end comes before thirty days are over.
  EXPECT_LE(delivered.overlap_end_time().seconds(), absl::ToUnixSeconds(clock_.Now() + kDay) + 1);
  const auto before = terminals_->Channel(old);
  const auto after = terminals_->Channel(next);
  EXPECT_TRUE(IsLetIn(after));
  EXPECT_EQ(DoorSays(before), "INVALID_FIELDS");
  EXPECT_EQ(EndOverlap(kNewTerminal).answer.ended(), 1);
  EXPECT_TRUE(SaysSoon(before, "CERTIFICATE_EXPIRED"));
  EXPECT_EQ(DoorSays(after), "INVALID_FIELDS");
  EXPECT_EQ(EndOverlap(kNewTerminal).answer.ended(), 0);
  EXPECT_EQ(EndOverlap("nobody").reason, "TERMINAL_NOT_FOUND");
}

TEST_F(TerminalRenewalTest, ASuspendedTerminalIsRefusedOnOpenConnectionsAndResumed) {
  const TestIdentity old = Enrol();
  const TestIdentity next = Renewed(old);
  const auto before = terminals_->Channel(old);
  const auto after = terminals_->Channel(next);
  EXPECT_TRUE(IsLetIn(after));
  EXPECT_EQ(DoorSays(before), "INVALID_FIELDS");
  EXPECT_EQ(Suspend(kNewTerminal), "");
  EXPECT_TRUE(SaysSoon(after, "TERMINAL_SUSPENDED"));
  EXPECT_EQ(DoorSays(before), "TERMINAL_SUSPENDED") << "both certificates are the terminal's";
  EXPECT_EQ(Suspend(kNewTerminal), "");
  EXPECT_EQ(Resume(kNewTerminal), "");
  EXPECT_TRUE(IsLetIn(before));
  EXPECT_EQ(DoorSays(after), "INVALID_FIELDS");
  EXPECT_EQ(Suspend("nobody"), "TERMINAL_NOT_FOUND");
}

TEST_F(TerminalRenewalTest, ARevokedTerminalLosesBothCertificatesAndNoneComesBack) {
  const TestIdentity old = Enrol();
  const TestIdentity next = Renewed(old);
  const auto before = terminals_->Channel(old);
  const auto after = terminals_->Channel(next);
  EXPECT_TRUE(IsLetIn(after));
  Revoke(kNewTerminal);
  EXPECT_TRUE(SaysSoon(after, "TERMINAL_REVOKED"));
  EXPECT_EQ(DoorSays(before), "TERMINAL_REVOKED");
  EXPECT_EQ(Suspend(kNewTerminal), "TERMINAL_REVOKED");
  EXPECT_EQ(Resume(kNewTerminal), "TERMINAL_REVOKED");
  // A new right by a new code leaves the old certificates where they are.
  clock_.Advance(absl::Seconds(1));  // a code of the revocation's own instant is overtaken by it
  const TestIdentity anew = Enrol();
  EXPECT_TRUE(IsLetIn(terminals_->Channel(anew)));
  EXPECT_EQ(DoorSays(before), "CERTIFICATE_EXPIRED");
  EXPECT_EQ(DoorSays(after), "CERTIFICATE_NOT_REGISTERED");
}

TEST_F(TerminalRenewalTest, ARenewalThatWasOvertakenIsNotDelivered) {
  const TestIdentity old = Enrol();
  const PrivateKey key = PrivateKey::GenerateP256();
  ASSERT_TRUE(IsLetIn(terminals_->Channel(old)));
  const auto asked = Renew(old, RequestPem(key));
  ASSERT_EQ(asked.reason, "");
  Enrol();  // another machine takes its place
  EXPECT_EQ(Deliver(asked.answer.certificate_request_id(), Signed(Spec(key))).reason,
            "CERTIFICATE_REQUEST_OVERTAKEN");
}

TEST_F(TerminalRenewalTest, ARenewalOfARevokedTerminalIsNotDelivered) {
  const TestIdentity old = Enrol();
  const PrivateKey key = PrivateKey::GenerateP256();
  ASSERT_TRUE(IsLetIn(terminals_->Channel(old)));
  const auto asked = Renew(old, RequestPem(key));
  ASSERT_EQ(asked.reason, "");
  Revoke(kNewTerminal);
  EXPECT_EQ(Deliver(asked.answer.certificate_request_id(), Signed(Spec(key))).reason,
            "TERMINAL_REVOKED");
}

TEST_F(TerminalRenewalTest, BadRenewalsHaveTheirOwnReasons) {
  const TestIdentity terminal = Enrol();
  ASSERT_TRUE(IsLetIn(terminals_->Channel(terminal)));
  const PrivateKey key = PrivateKey::GenerateP256();
  EXPECT_EQ(Renew(terminal, RequestPem(key), "1399999999").reason, "FACILITY_CODE_DIFFERS");
  EXPECT_EQ(Renew(terminal, "nothing").reason, "CERTIFICATE_REQUEST_MALFORMED");
  EXPECT_EQ(Renew(terminal, RequestPem(PrivateKey::GenerateRsa(1024))).reason,
            "CERTIFICATE_REQUEST_WEAK_KEY");
  // The key that it has: a renewal is of a new one.
  const auto own = auth::PrivateKey::FromPem(terminal.key_pem);
  EXPECT_EQ(Renew(terminal, RequestPem(*own)).reason, "CERTIFICATE_REQUEST_KEY_REUSED");
  EXPECT_EQ(database_
                .Exec("SELECT count(*) FROM kakunin.audit_event WHERE operation = 130"
                      " AND code <> 0 AND reason <> 'CERTIFICATE_NOT_REGISTERED'")[0][0]
                .as<int>(),
            4);
}

}  // namespace
}  // namespace kakunin
