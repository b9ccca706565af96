#include "tests/support/rpc_server.h"

#include <fmt/format.h>

#include <map>
#include <stdexcept>
#include <vector>

#include "auth/der_writer.h"
#include "auth/uuid.h"
#include "server/rpc/fields.h"
#include "server/usecases/policy_signature.h"

namespace kakunin {
namespace {

using auth::PrivateKey;

// Before there are threads.
const bool kLogIsWatched = WatchLog();

void Check(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
}

absl::Time Start() { return absl::Now() - absl::Hours(48); }
absl::Time End() { return absl::Now() + absl::Hours(48); }

auth::Authority MakeCa(std::string_view name) {
  return auth::MakeAuthority(auth::MakeName({{.oid = "2.5.4.3", .text = std::string(name)}}),
                             PrivateKey::GenerateP256(), Start(), End());
}

TestIdentity Issue(const auth::Authority& ca, const std::vector<std::string>& uris,
                   absl::Time not_before, absl::Time not_after) {
  const PrivateKey key = PrivateKey::GenerateP256();
  const std::string der =
      auth::IssueClient(ca, key, uris, "test caller", auth::RandomSerial(), not_before, not_after);
  return {auth::CertificatePem(der), key.ToPem(), auth::Sha256(der)};
}

// Pki is every certificate of the tests, made once.
struct Pki {
  auth::Authority ca = MakeCa("kakunin test clients");
  auth::Authority foreign_ca = MakeCa("kakunin test strangers");
  std::string server_key_pem;
  std::string server_certificate_pem;
  std::map<Caller, TestIdentity> callers;

  static const Pki& Get() {
    static const Pki pki;
    return pki;
  }

 private:
  Pki() {
    const PrivateKey key = PrivateKey::GenerateP256();
    server_key_pem = key.ToPem();
    server_certificate_pem = auth::CertificatePem(auth::IssueServer(
        ca, key, {"localhost"}, {"127.0.0.1"}, auth::RandomSerial(), Start(), End()));
    const auto add = [&](Caller caller, const std::string& uri) {
      callers[caller] = Issue(ca, {uri}, Start(), End());
    };
    add(Caller::kTerminal, TerminalUri(kTestFacility, kTestTerminal));
    add(Caller::kViewingTerminal, TerminalUri(kTestFacility, "viewing-1"));
    add(Caller::kRevokedTerminal, TerminalUri(kTestFacility, "revoked-1"));
    add(Caller::kLapsedTerminal, TerminalUri(kTestFacility, "lapsed-1"));
    add(Caller::kRenamedTerminal, TerminalUri(kTestFacility, "somebody-else"));
    add(Caller::kInsurer, InsurerUri(kTestInsurer));
    add(Caller::kOtherInsurer, InsurerUri(kOtherTestInsurer));
    add(Caller::kReviewer, ReviewerUri(kTestReviewer));
    add(Caller::kLinkProvider, LinkProviderUri(kTestLinkProvider));
    add(Caller::kOperator, fmt::format("spiffe://kakunin.test/operator/{}", kTestOperator));
    add(Caller::kUnknown, TerminalUri(kTestFacility, "unknown-1"));
    callers[Caller::kForeign] =
        Issue(foreign_ca, {TerminalUri(kTestFacility, kTestTerminal)}, Start(), End());
    callers[Caller::kExpired] = Issue(ca, {TerminalUri(kTestFacility, kTestTerminal)}, Start(),
                                      absl::Now() - absl::Hours(1));
    callers[Caller::kNobody] = {};
  }
};

TerminalRow TerminalOf(Caller caller, const std::string& id, absl::Time now) {
  return {.facility_code = kTestFacility,
          .terminal_id = id,
          .fingerprint = IdentityOf(caller).fingerprint,
          .not_before = now - absl::Hours(48),
          .not_after = now + absl::Hours(24 * 365)};
}

PartyRow PartyOf(Caller caller, ActorKind kind, const std::string& name, absl::Time now) {
  return {.kind = kind,
          .name = name,
          .display_name = "試験用の名称",
          .fingerprint = IdentityOf(caller).fingerprint,
          .not_before = now - absl::Hours(48),
          .not_after = now + absl::Hours(24 * 365)};
}

std::string RoleOf(Port port) {
  switch (port) {
    case Port::kTerminal:
    case Port::kWeb:
      return "kakunin_terminal";
    case Port::kInsurer:
      return "kakunin_insurer";
    case Port::kOperator:
    case Port::kEvery:
      return "kakunin_operator";
    case Port::kOnboarding:
      return "kakunin_onboarding";
  }
  return "";
}

}  // namespace

const TestIdentity& IdentityOf(Caller caller) { return Pki::Get().callers.at(caller); }

TestIdentity IssueTestIdentity(const std::vector<std::string>& uris) {
  return Issue(Pki::Get().ca, uris, Start(), End());
}

const auth::Authority& TestClientCa() { return Pki::Get().ca; }

std::string TerminalUri(const std::string& facility, const std::string& terminal) {
  return fmt::format("spiffe://kakunin.test/facility/{}/terminal/{}", facility, terminal);
}

std::string InsurerUri(const std::string& insurer) {
  return fmt::format("spiffe://kakunin.test/insurer/{}", insurer);
}

std::string ReviewerUri(const std::string& reviewer) {
  return fmt::format("spiffe://kakunin.test/claims-reviewer/{}", reviewer);
}

std::string LinkProviderUri(const std::string& provider) {
  return fmt::format("spiffe://kakunin.test/card-link-provider/{}", provider);
}

SettableClock::SettableClock() : now_(absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()))) {}

absl::Time SettableClock::Now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

void SettableClock::Advance(absl::Duration by) {
  const std::lock_guard lock(mutex_);
  now_ += by;
}

void CountingObserver::Ended(std::string_view method, std::string_view actor_name,
                             const absl::Status& status, std::chrono::nanoseconds took) {
  log_.Ended(method, actor_name, status, took);
  const std::lock_guard lock(mutex_);
  ++count_;
}

int CountingObserver::Count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

void RegisterTestCallers(const TestDatabase& database, absl::Time now) {
  const auto pool = database.Open("kakunin_operator");
  PostgresRegistryStore store;
  Check(pool->Write(Soon(), [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(store.PutFacility(tx, {.facility_code = kTestFacility, .name = "試験診療所"}));
    RETURN_IF_ERROR(store.PutTerminal(tx, TerminalOf(Caller::kTerminal, kTestTerminal, now)));
    TerminalRow viewing = TerminalOf(Caller::kViewingTerminal, "viewing-1", now);
    viewing.kind = TerminalKind::kViewing;
    RETURN_IF_ERROR(store.PutTerminal(tx, viewing));
    TerminalRow revoked = TerminalOf(Caller::kRevokedTerminal, "revoked-1", now);
    revoked.revoked_at = now - absl::Hours(1);
    revoked.revocation_reason = 2;
    RETURN_IF_ERROR(store.PutTerminal(tx, revoked));
    TerminalRow lapsed = TerminalOf(Caller::kLapsedTerminal, "lapsed-1", now);
    lapsed.not_after = now;
    RETURN_IF_ERROR(store.PutTerminal(tx, lapsed));
    RETURN_IF_ERROR(store.PutTerminal(tx, TerminalOf(Caller::kRenamedTerminal, "renamed-1", now)));
    RETURN_IF_ERROR(
        store.PutParty(tx, PartyOf(Caller::kInsurer, ActorKind::kInsurer, kTestInsurer, now)));
    RETURN_IF_ERROR(store.PutParty(
        tx, PartyOf(Caller::kOtherInsurer, ActorKind::kInsurer, kOtherTestInsurer, now)));
    RETURN_IF_ERROR(store.PutParty(
        tx, PartyOf(Caller::kReviewer, ActorKind::kClaimsReviewer, kTestReviewer, now)));
    RETURN_IF_ERROR(store.PutParty(
        tx, PartyOf(Caller::kLinkProvider, ActorKind::kCardLinkProvider, kTestLinkProvider, now)));
    return store.PutParty(tx, PartyOf(Caller::kOperator, ActorKind::kOperator, kTestOperator, now));
  }));
}

RpcServer::RpcServer(const TestDatabase& database, const Clock& clock, Port port,
                     const PeerSource& peers, Admission* admission, OnboardingLimits* onboarding)
    : asks_certificate_(port != Port::kOnboarding),
      database_(database.Open(RoleOf(port), 4)),
      registry_(
          std::make_unique<Registry>(*database_, registry_store_,
                                     [key = TestKey("abnormal-times")](const SignedPolicy& policy) {
                                       return IsSigned(key, policy);
                                     })),
      denials_(std::make_unique<DenialAuditWriter>(*database_)) {
  Dispatch::Options options{
      .port = port, .peers = peers, .admission = admission, .onboarding = onboarding};
  if (port == Port::kTerminal) {
    ticks_ = std::make_unique<OperationTestTickWriter>(*database_, application_store_);
    options.ticks = ticks_.get();
    accounts_ = std::make_unique<AccountWatch>(*database_, account_store_, clock);
    Check(accounts_->Start());
    options.sessions.emplace(
        SessionSource{accounts_.get(), auth::SessionTokenKey(TestKey("look-up"))});
  }
  dispatch_ =
      std::make_unique<Dispatch>(std::move(options), *registry_, clock, *denials_, observer_);
  Check(registry_->Start());
}

RpcServer::~RpcServer() { Stop(); }

void RpcServer::Start(const std::function<void(grpc::ServerBuilder&)>& add) {
  const Pki& pki = Pki::Get();
  grpc::SslServerCredentialsOptions tls(
      asks_certificate_ ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                        : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  if (asks_certificate_) tls.pem_root_certs = auth::CertificatePem(pki.ca.certificate_der);
  tls.pem_key_cert_pairs.push_back({pki.server_key_pem, pki.server_certificate_pem});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &listening_port_);
  add(builder);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) throw std::runtime_error("the test server did not start");
}

void RpcServer::Start(grpc::Service& service) {
  Start([&](grpc::ServerBuilder& builder) { builder.RegisterService(&service); });
}

void RpcServer::Start(QueuedService& service) {
  Start([&](grpc::ServerBuilder& builder) {
    builder.RegisterService(&service.rpc());
    queue_ = std::make_unique<CallQueueThread>(builder.AddCompletionQueue());
  });
  queue_->Start();
  service.Serve(queue_->queue());
}

void RpcServer::Shutdown() {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
  if (queue_ != nullptr) queue_->Shutdown();
}

void RpcServer::Stop() {
  Shutdown();
  if (server_ != nullptr) server_->Wait();
  registry_->Stop();
  if (accounts_ != nullptr) accounts_->Stop();
}

std::shared_ptr<grpc::Channel> RpcServer::Channel(Caller caller) const {
  return Channel(IdentityOf(caller));
}

std::shared_ptr<grpc::Channel> RpcServer::Channel(const TestIdentity& identity,
                                                  grpc::ChannelArguments arguments) const {
  return ChannelAt(listening_port_, identity, std::move(arguments));
}

std::shared_ptr<grpc::Channel> RpcServer::ChannelAt(int port, const TestIdentity& identity,
                                                    grpc::ChannelArguments arguments) const {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = auth::CertificatePem(Pki::Get().ca.certificate_der);
  tls.pem_private_key = identity.key_pem;
  tls.pem_cert_chain = identity.certificate_pem;
  // Channels of one process otherwise share connections, and with them certificates.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(fmt::format("127.0.0.1:{}", port), grpc::SslCredentials(tls),
                                   arguments);
}

auth::HmacKey TestKey(std::string_view name) {
  return auth::HmacKey(fmt::format("test key for {:<20}", name), std::string(name));
}

std::string TestUuid() {
  auto octets = auth::RandomArray<16>();
  octets[0] |= 1;  // never the nil UUID
  return auth::UuidText(octets);
}

}  // namespace kakunin
