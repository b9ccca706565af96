// The CA of the terminals is followed by another while fifty of them call, over real TLS by the
// files that the listener watches.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <vector>

#include "auth/der_writer.h"
#include "auth/terminal_issuance.h"
#include "domain/terminal_certificate.h"
#include "server/listener.h"
#include "server/rpc/certificate_renewal_service.h"
#include "server/text_file.h"
#include "storage/postgres/terminal_certificate_store.h"
#include "tests/rpc/raw_call.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr int kTerminals = 50;
constexpr char kMethod[] = "/kakunin.v1.CertificateRenewalService/RenewCertificate";
constexpr char kPastTheDoor[] = "INVALID_FIELDS";
// gRPC looks for replaced files every ten seconds.
constexpr std::chrono::seconds kTakenUpWithin(60);  // on a machine that is busy

auth::Authority MakeCa(const char* name) {
  return auth::MakeAuthority(auth::MakeName({{auth::kOidCommonName, name}}),
                             auth::PrivateKey::GenerateP256(), absl::Now() - absl::Hours(48),
                             absl::Now() + absl::Hours(48));
}

class AuthorityRolloverTest : public testing::Test {
 protected:
  AuthorityRolloverTest()
      : folder_(testing::TempDir() + "/rollover-" + database_.name()),
        pool_(database_.Open("kakunin_terminal", 4)),
        operators_(database_.Open("kakunin_operator", 1)),
        registry_(*pool_, store_),
        denials_(*pool_),
        dispatch_(Dispatch::Options{.port = Port::kTerminal}, registry_, clock_, denials_,
                  observer_) {
    std::filesystem::create_directories(folder_);
    const auth::PrivateKey key = auth::PrivateKey::GenerateP256();
    EXPECT_TRUE(key.Save(folder_ / "server.key").ok());
    Write("server.pem", auth::CertificatePem(auth::IssueServer(
                            old_, key, {"localhost"}, {"127.0.0.1"}, auth::RandomSerial(),
                            absl::Now() - absl::Hours(1), absl::Now() + absl::Hours(24))));
    Trust({&old_});
    listener_.address = "127.0.0.1:0";
    listener_.server_certificate = folder_ / "server.pem";
    listener_.server_key = folder_ / "server.key";
    listener_.client_ca = folder_ / "terminal-ca.pem";
  }
  ~AuthorityRolloverTest() override {
    if (server_ != nullptr) server_->Shutdown(steady_deadline());
    if (queue_ != nullptr) queue_->Shutdown();
    registry_.Stop();
    std::filesystem::remove_all(folder_);
  }

  static std::chrono::system_clock::time_point steady_deadline() {
    return std::chrono::system_clock::now() + std::chrono::seconds(2);
  }
  void Write(const std::string& name, const std::string& text) {
    EXPECT_TRUE(ReplaceTextFile(folder_ / name, text).ok());
  }
  // Trust is what the terminals' port takes certificates of, from the next look on.
  void Trust(const std::vector<const auth::Authority*>& authorities) {
    std::string pem;
    for (const auth::Authority* one : authorities)
      pem += auth::CertificatePem(one->certificate_der);
    Write("terminal-ca.pem", pem);
  }
  void Start() {
    ASSERT_TRUE(registry_.Start().ok());
    service_ = MakeCertificateRenewalService({dispatch_, *pool_, store_, certificates_, key_});
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_->rpc());
    queue_ = std::make_unique<CallQueueThread>(builder.AddCompletionQueue());
    const absl::Status status = StartServer(listener_, builder, server_, port_);
    ASSERT_TRUE(status.ok()) << status;
    queue_->Start();
    service_->Serve(queue_->queue());
  }

  static std::string Id(int i) { return "t" + std::to_string(i); }
  static TestIdentity Certify(const auth::Authority& by, int i) {
    const auth::PrivateKey key = auth::PrivateKey::GenerateP256();
    const std::string der = auth::IssueTerminalCertificate(
        by, {.name = {auth::PeerKind::kTerminal, "kakunin.test", kTestFacility, Id(i)},
             .public_key = key.PublicKeyDer(),
             .not_before = absl::Now() - absl::Hours(1),
             .not_after = absl::Now() + absl::Hours(24)});
    return {auth::CertificatePem(der), key.ToPem(), auth::Sha256(der)};
  }
  TerminalRow RowOf(int i, const TestIdentity& identity) const {
    return {.facility_code = kTestFacility,
            .terminal_id = Id(i),
            .fingerprint = identity.fingerprint,
            .not_before = clock_.Now() - absl::Hours(1),
            .not_after = clock_.Now() + absl::Hours(24)};
  }
  // Registers what `rows` (Transaction&, terminal) writes for every terminal.
  template <class Rows>
  void ForEach(Rows&& rows) {
    const absl::Status status = operators_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      for (int i = 0; i < kTerminals; ++i) RETURN_IF_ERROR(rows(tx, i));
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  // What comes of one call over a connection of its own.
  std::string Call(const TestIdentity& identity) {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = auth::CertificatePem(old_.certificate_der);
    tls.pem_private_key = identity.key_pem;
    tls.pem_cert_chain = identity.certificate_pem;
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return CallWithNothing(grpc::CreateCustomChannel("localhost:" + std::to_string(port_),
                                                     grpc::SslCredentials(tls), arguments),
                           kMethod)
        .reason();
  }
  // Calls of all who show these; how many were refused is counted.
  void CallAll(const std::vector<TestIdentity>& identities) {
    for (const TestIdentity& identity : identities) {
      ++calls_;
      if (Call(identity) != kPastTheDoor) ++refused_;
    }
  }
  // Until one's calls end like this, those of `meanwhile` go on calling, one after the other.
  bool Await(const TestIdentity& one, const std::string& wanted,
             const std::vector<TestIdentity>& meanwhile) {
    const auto until = steady_clock::now() + kTakenUpWithin;
    for (size_t next = 0; steady_clock::now() < until; ++next) {
      if (Call(one) == wanted) return true;
      CallAll({meanwhile[next % meanwhile.size()]});
    }
    return false;
  }

  const TestDatabase database_;
  SettableClock clock_;
  const auth::Authority old_ = MakeCa("terminal CA");
  const auth::Authority next_ = MakeCa("terminal CA");  // the same name: told apart by its key
  const auth::HmacKey key_ = TestKey("audit");
  const std::filesystem::path folder_;
  PostgresRegistryStore store_;
  PostgresTerminalCertificateStore certificates_;
  std::unique_ptr<PostgresDatabase> pool_;
  std::unique_ptr<PostgresDatabase> operators_;
  Registry registry_;
  DenialAuditWriter denials_;
  CountingObserver observer_;
  Dispatch dispatch_;
  ListenerConfig listener_;
  std::unique_ptr<QueuedService> service_;
  std::unique_ptr<CallQueueThread> queue_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  int calls_ = 0;
  int refused_ = 0;
};

TEST_F(AuthorityRolloverTest, FiftyTerminalsPassFromOneToTheNextAndNoneIsRefused) {
  RegisterTestCallers(database_, clock_.Now());
  std::vector<TestIdentity> before;
  std::vector<TestIdentity> after;
  for (int i = 0; i < kTerminals; ++i) {
    before.push_back(Certify(old_, i));
    after.push_back(Certify(next_, i));
  }
  ForEach([&](Transaction& tx, int i) {
    return store_.PutTerminal(tx, RowOf(i, before[static_cast<size_t>(i)]));
  });
  Start();
  CallAll(before);
  EXPECT_NE(Call(after.front()), kPastTheDoor) << "its authority is not known yet";

  // The new authority beside the old one; then certificates of it beside the old ones.
  Trust({&old_, &next_});
  ASSERT_TRUE(Await(after.front(), "CERTIFICATE_NOT_REGISTERED", before));
  ForEach([&](Transaction& tx, int i) -> absl::Status {
    const TerminalRow old = RowOf(i, before[static_cast<size_t>(i)]);
    RETURN_IF_ERROR(store_.PutFormer(tx, {.facility_code = old.facility_code,
                                          .terminal_id = old.terminal_id,
                                          .fingerprint = old.fingerprint,
                                          .not_before = old.not_before,
                                          .not_after = OverlapEnd(old.not_after, clock_.Now())}));
    return store_.PutTerminal(tx, RowOf(i, after[static_cast<size_t>(i)]));
  });
  ASSERT_TRUE(Await(after.back(), kPastTheDoor, before));
  CallAll(before);
  CallAll(after);

  // All have changed over: the old authority goes.
  Trust({&next_});
  ASSERT_TRUE(Await(before.front(), "", after));
  CallAll(after);
  EXPECT_GE(calls_, 4 * kTerminals);
  EXPECT_EQ(refused_, 0) << "of " << calls_;
}

}  // namespace
}  // namespace kakunin
