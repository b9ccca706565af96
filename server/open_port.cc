#include "server/open_port.h"

#include <chrono>
#include <optional>
#include <utility>

#include "auth/digest.h"
#include "auth/hash_function.h"
#include "domain/error.h"
#include "server/listener.h"
#include "server/usecases/policy_signature.h"
#include "storage/postgres/migrator.h"

namespace kakunin {
namespace {

constexpr auto kSchemaBound = std::chrono::seconds(30);
// Three: a denial that waits for the database must hold up neither the registry nor the sessions.
constexpr int kControlConnections = 3;

PolicyCheck PolicyCheckBy(const auth::HmacKey* key) {
  if (key == nullptr) return {};
  return [key](const SignedPolicy& policy) { return IsSigned(*key, policy); };
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresDatabase>> OpenPool(const DatabaseConfig& database,
                                                           const LoginConfig& login, int size,
                                                           const std::string& name,
                                                           AuditFence* fence) {
  ASSIGN_OR_RETURN(const std::string conninfo, ConnectionString(database, login));
  return std::make_unique<PostgresDatabase>(
      PostgresOptions{.conninfo = conninfo,
                      .role = login.user,
                      .application_name = "kakunin " + name,
                      .pool_size = size,
                      .hash = auth::kSha256,
                      .new_stream = [] { return StreamId{auth::RandomArray<16>()}; },
                      .fence = fence});
}

absl::StatusOr<OpenedPort> OpenPort(const DatabaseConfig& database, const ListenerConfig& listener,
                                    Port port, const std::string& name,
                                    const PortSurroundings& around) {
  OpenedPort opened;
  ASSIGN_OR_RETURN(opened.database,
                   OpenPool(database, listener.database, listener.pool, name, around.fence));
  ASSIGN_OR_RETURN(opened.control, OpenPool(database, listener.database, kControlConnections,
                                            name + " control", around.fence));
  RETURN_IF_ERROR(opened.control->Read(std::chrono::steady_clock::now() + kSchemaBound,
                                       [](Transaction& tx) { return CheckSchema(tx); }));
  opened.registry = std::make_unique<Registry>(*opened.control, around.registry_store,
                                               PolicyCheckBy(around.policy_key), around.grounds);
  RETURN_IF_ERROR(opened.registry->Start());
  std::optional<SessionSource> sessions;
  if (port == Port::kTerminal) {
    opened.accounts =
        std::make_unique<AccountWatch>(*opened.control, around.account_store, around.clock);
    RETURN_IF_ERROR(opened.accounts->Start());
    sessions.emplace(
        SessionSource{opened.accounts.get(), auth::SessionTokenKey(around.look_up_key)});
  }
  opened.denials = std::make_unique<DenialAuditWriter>(*opened.control);
  if (port == Port::kTerminal) {
    opened.ticks =
        std::make_unique<OperationTestTickWriter>(*opened.control, around.application_store);
  }
  if (listener.behind_proxy) {
    opened.authorities = std::make_unique<ClientAuthorityFile>(listener.client_ca);
    RETURN_IF_ERROR(opened.authorities->Start());
  }
  std::function<bool()> database_is_older;
  if (around.fence != nullptr) {
    database_is_older = [fence = around.fence] { return fence->older(); };
  }
  opened.dispatch = std::make_unique<Dispatch>(
      Dispatch::Options{.port = port,
                        .peers = PeerSourceOf(listener, opened.authorities.get()),
                        .shutting_down = around.shutting_down,
                        .database_is_older = database_is_older,
                        .admission = around.admission,
                        .onboarding = around.onboarding,
                        .ticks = opened.ticks.get(),
                        .sessions = std::move(sessions)},
      *opened.registry, around.clock, *opened.denials, around.calls);
  opened.health = std::make_unique<PortHealth>(
      port,
      [shutting_down = around.shutting_down, registry = opened.registry.get(), database_is_older] {
        return !shutting_down() && !(database_is_older && database_is_older()) &&
               registry->Current() != nullptr;
      });
  return opened;
}

}  // namespace kakunin
