#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "auth/digest.h"
#include "auth/issuance.h"
#include "server/account_watch.h"
#include "server/clock.h"
#include "server/denial_audit.h"
#include "server/observe/call_log.h"
#include "server/observe/json_formatter.h"
#include "server/observe/metrics.h"
#include "server/operation_test_ticks.h"
#include "server/registry.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/queued_unary.h"
#include "storage/postgres/account_store.h"
#include "storage/postgres/application_store.h"
#include "storage/postgres/registry_store.h"
#include "tests/support/log_canaries.h"
#include "tests/support/test_database.h"

namespace kakunin {

// Names that the test callers are registered under.
inline constexpr char kTestFacility[] = "1312345678";
inline constexpr char kTestTerminal[] = "desk-1";
inline constexpr char kTestInsurer[] = "06139463";       // its check digit is right
inline constexpr char kOtherTestInsurer[] = "39131156";  // likewise
inline constexpr char kTestReviewer[] = "113";
inline constexpr char kTestLinkProvider[] = "j-lis";
inline constexpr char kTestOperator[] = "operator-1";

// Caller is who opens a channel in a test.
enum class Caller {
  kTerminal,         // desk-1 of kTestFacility
  kViewingTerminal,  // consulting room
  kRevokedTerminal,
  kLapsedTerminal,   // good for TLS, past its registered end by the service's clock
  kRenamedTerminal,  // registered by fingerprint, but the certificate names another terminal
  kInsurer,
  kOtherInsurer,
  kReviewer,
  kLinkProvider,
  kOperator,
  kUnknown,  // our CA, not registered
  kForeign,  // another CA
  kExpired,  // our CA, expired for TLS
  kNobody,   // no certificate
};

// TestIdentity is a client's certificate and key.
struct TestIdentity {
  std::string certificate_pem;
  std::string key_pem;
  Digest32 fingerprint{};
};

// IdentityOf is the certificate of a caller, made once a process; kNobody has none.
const TestIdentity& IdentityOf(Caller caller);

// IssueTestIdentity makes a certificate of the service's client CA for these URIs, valid around the
// machine's time.
TestIdentity IssueTestIdentity(const std::vector<std::string>& uris);

// TestClientCa is the CA of the service's clients, for certificates that a test signs itself.
const auth::Authority& TestClientCa();

// TerminalUri, InsurerUri, ReviewerUri and LinkProviderUri are peer names of the tests' trust
// domain.
std::string TerminalUri(const std::string& facility, const std::string& terminal);
std::string InsurerUri(const std::string& insurer);
std::string ReviewerUri(const std::string& reviewer);
std::string LinkProviderUri(const std::string& provider);

// SettableClock stands still until a test moves it. Starts at the machine's time, since TLS uses
// that. Thread-safe.
class SettableClock final : public Clock {
 public:
  SettableClock();
  absl::Time Now() const override;
  void Advance(absl::Duration by);

 private:
  mutable std::mutex mutex_;
  absl::Time now_;
};

// CountingObserver counts ended calls and has each written into a call log as a server's, of which
// a line that names a patient fails the test (WatchLog).
class CountingObserver final : public CallObserver {
 public:
  void Ended(std::string_view method, std::string_view actor_name, const absl::Status& status,
             std::chrono::nanoseconds took) override;
  int Count() const;

 private:
  Metrics metrics_;
  CallLog log_{WatchedLogger(kFieldsLogger), metrics_, /*ok_calls_one_in=*/1};
  mutable std::mutex mutex_;
  int count_ = 0;
};

// RegisterTestCallers writes facility, terminals, insurers and operator to a database, as of `now`.
void RegisterTestCallers(const TestDatabase& database, absl::Time now);

// RpcServer is one port of the service inside the test's process: real mutual TLS, real registry,
// real dispatch over a test database. Make it, Start it with the services, open channels. The
// services must outlive it: declare them before it, or give them to Start by a builder function.
class RpcServer {
 public:
  // `database` and `clock` outlive the server; the test callers are registered already. `peers` is
  // where callers' certificates come from; `admission`, if any, outlives the server, and so do the
  // limits of the onboarding port, which asks for no certificate.
  RpcServer(const TestDatabase& database, const Clock& clock, Port port,
            const PeerSource& peers = {}, Admission* admission = nullptr,
            OnboardingLimits* onboarding = nullptr);
  ~RpcServer();

  // Start listens on a free port; `add` registers services with the builder.
  void Start(const std::function<void(grpc::ServerBuilder&)>& add);
  void Start(grpc::Service& service);
  // Start serves it on a queue with a thread of its own; `service` outlives Shutdown.
  void Start(QueuedService& service);
  // Shutdown ends every call within 2 s; a lane is shut down between it and Stop. The server object
  // lives on until the destructor: the last events of a lane's queue still look at it.
  void Shutdown();
  // Stop shuts down and ends the registry's polling.
  void Stop();

  // Channel opens a connection of its own as `caller`, or with any other identity.
  std::shared_ptr<grpc::Channel> Channel(Caller caller) const;
  std::shared_ptr<grpc::Channel> Channel(const TestIdentity& identity,
                                         grpc::ChannelArguments arguments = {}) const;
  // ChannelAt is one to another port of this machine that leads here.
  std::shared_ptr<grpc::Channel> ChannelAt(int port, const TestIdentity& identity,
                                           grpc::ChannelArguments arguments = {}) const;
  int port() const { return listening_port_; }

  PostgresDatabase& database() { return *database_; }
  PostgresRegistryStore& registry_store() { return registry_store_; }
  const Registry& registry() const { return *registry_; }
  const Dispatch& dispatch() const { return *dispatch_; }
  PostgresAccountStore& account_store() { return account_store_; }
  // Of the terminals' port: sessions under TestKey("look-up").
  AccountWatch& accounts() { return *accounts_; }
  const CountingObserver& observer() const { return observer_; }

 private:
  const bool asks_certificate_;
  std::unique_ptr<PostgresDatabase> database_;
  PostgresRegistryStore registry_store_;
  std::unique_ptr<Registry> registry_;
  PostgresAccountStore account_store_;
  std::unique_ptr<AccountWatch> accounts_;
  std::unique_ptr<DenialAuditWriter> denials_;
  PostgresApplicationStore application_store_;
  std::unique_ptr<OperationTestTickWriter> ticks_;
  CountingObserver observer_;
  std::unique_ptr<Dispatch> dispatch_;
  std::unique_ptr<CallQueueThread> queue_;
  std::unique_ptr<grpc::Server> server_;
  int listening_port_ = 0;
};

// TestKey is a fixed secret key for tests.
auth::HmacKey TestKey(std::string_view name);

// TestUuid is a fresh random UUID in text.
std::string TestUuid();

}  // namespace kakunin
