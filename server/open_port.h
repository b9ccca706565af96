#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/account_watch.h"
#include "server/client_authority_file.h"
#include "server/clock.h"
#include "server/config/config.h"
#include "server/denial_audit.h"
#include "server/operation_test_ticks.h"
#include "server/registry.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/health.h"
#include "storage/audit_fence.h"
#include "storage/postgres/database.h"
#include "storage/postgres/registry_store.h"

namespace kakunin {

// OpenedPort is what each listener has of its own: its role's connections, the registry's snapshot,
// denials, dispatch, health. What must go on while calls hold every connection of the pool (reading
// the registry and the sessions, writing denials, sharing counts) has three connections of its own:
// without them a few
// long calls let the snapshot grow old, and the whole port refuses.
struct OpenedPort {
  std::unique_ptr<PostgresDatabase> database;  // `pool` connections, for calls
  std::unique_ptr<PostgresDatabase> control;   // three, for the port's own threads
  std::unique_ptr<Registry> registry;
  std::unique_ptr<AccountWatch> accounts;  // of the terminals' port alone
  std::unique_ptr<DenialAuditWriter> denials;
  std::unique_ptr<OperationTestTickWriter> ticks;    // of the terminals' port alone
  std::unique_ptr<ClientAuthorityFile> authorities;  // of a listener behind a proxy
  std::unique_ptr<Dispatch> dispatch;
  std::unique_ptr<PortHealth> health;
};

// PortSurroundings is what the listeners of a process share; the references outlive the port.
struct PortSurroundings {
  const Clock& clock;
  CallObserver& calls;
  PostgresRegistryStore& registry_store;
  AccountStore& account_store;
  ApplicationStore& application_store;
  const auth::HmacKey& look_up_key;  // of which the sessions' is derived
  const auth::HmacKey* policy_key;   // null: no policy for abnormal times counts
  std::function<bool()> shutting_down;
  Admission* admission = nullptr;          // of all listeners together
  OnboardingLimits* onboarding = nullptr;  // of the onboarding port
  AuditFence* fence = nullptr;             // null: nobody keeps what was seen of the audit
  RestrictedGroundRules grounds;           // as configured
};

// OpenPool makes a pool of a role; it connects when it is first used. `fence`, which outlives it,
// is asked about every connection unless it is null. FAILED_PRECONDITION when the password file
// cannot be used.
absl::StatusOr<std::unique_ptr<PostgresDatabase>> OpenPool(const DatabaseConfig& database,
                                                           const LoginConfig& login, int size,
                                                           const std::string& name,
                                                           AuditFence* fence);

// OpenPort checks the schema, reads the registry once and begins to follow it. Returns the store's
// error when the database cannot be used, FAILED_PRECONDITION when its schema is another, or,
// behind a proxy, when client_ca cannot be used.
absl::StatusOr<OpenedPort> OpenPort(const DatabaseConfig& database, const ListenerConfig& listener,
                                    Port port, const std::string& name,
                                    const PortSurroundings& around);

}  // namespace kakunin
