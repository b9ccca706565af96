#pragma once

#include <memory>
#include <string>

#include "storage/audit_fence.h"
#include "storage/confirmation_store.h"

namespace kakunin {

// MakeConfirmationStore makes the store of one lane on PostgreSQL, not yet connected. `conninfo` is
// a libpq connection string whose host should be an address or a socket folder, because libpq
// resolves names without a bound; `role` is the database user (empty: the connection string's);
// `application_name` tells operators whose connection it is.
std::unique_ptr<ConfirmationStore> MakeConfirmationStore(const std::string& conninfo,
                                                         const std::string& role,
                                                         const std::string& application_name,
                                                         AuditFence* fence = nullptr);

}  // namespace kakunin
