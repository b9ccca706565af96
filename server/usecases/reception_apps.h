#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "server/usecases/terminal_call.h"
#include "storage/reception_app_store.h"

namespace kakunin {

// AppToRegister is what an operator says of an app.
struct AppToRegister {
  std::string app_id;  // looked at by the border
  std::string name;
  std::string public_key_pem;
};

struct RegisteredApp {
  ReceptionApp app;
  bool created = false;
};

// RegisterReceptionApp binds an app to its key, or gives it another name or key, within `tx`. With
// `validate_only` nothing is written. INVALID_FIELDS for a key that is none of P-256 or another
// app's, and for an app that was revoked; or a StoreError.
absl::StatusOr<RegisteredApp> RegisterReceptionApp(Transaction& tx, AuditRecord& record,
                                                   ReceptionAppStore& apps,
                                                   const AppToRegister& wanted, bool validate_only);

// RevokeReceptionApp ends an app, within `tx`: from the commit on no server takes a call of it.
// RECEPTION_APP_NOT_FOUND, or a StoreError.
absl::StatusOr<ReceptionApp> RevokeReceptionApp(Transaction& tx, AuditRecord& record,
                                                ReceptionAppStore& apps, const std::string& app_id,
                                                bool validate_only);

// AppNaming is what a facility says of an app.
struct AppNaming {
  std::string app_id;
  bool drop = false;
};

// NamedApps is the apps that a facility names.
struct NamedApps {
  std::vector<NamedApp> apps;
  AuditId audit_id;
};

// NameReceptionApp lets an app serve the facility's links, or no longer, audited.
// RECEPTION_APP_NOT_FOUND for one that is not registered or, unless it is dropped, revoked; the
// door's refusal; or a StoreError.
absl::StatusOr<NamedApps> NameReceptionApp(Database& database, ReceptionAppStore& apps,
                                           const TerminalCall& call, const AppNaming& naming,
                                           MonotonicTime deadline);

// ListNamedReceptionApps tells which apps the facility names, audited. The door's refusal, or a
// StoreError.
absl::StatusOr<NamedApps> ListNamedReceptionApps(Database& database, ReceptionAppStore& apps,
                                                 const TerminalCall& call, MonotonicTime deadline);

}  // namespace kakunin
