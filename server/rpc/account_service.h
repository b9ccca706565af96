#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/account_watch.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/queued_unary.h"
#include "storage/account_store.h"
#include "storage/database.h"

namespace kakunin {

// AccountBackend is what accounts and sessions stand on; the references outlive the service.
struct AccountBackend {
  const Dispatch& dispatch;
  Database& database;  // of the terminals' role
  AccountStore& accounts;
  AccountWatch& watch;  // caught up after every change, before it is answered
  const auth::HmacKey& look_up_key;
  const auth::HmacKey& audit_key;
};

// PasswordLimits bound what comparing passwords may cost the port: a digest is some 60 ms of a core
// and 32 MiB, and the desk shares both. Beyond them OVERLOADED, to be asked again.
struct PasswordLimits {
  int threads = 1;
  size_t most_queued = 16;
};

// MakeAccountService is kakunin.v1.AccountService, by the callback API: what digests a password on
// threads of its own within `limits`, the rest on one other, 64 queued. Destroy it after its server
// has shut down.
std::unique_ptr<QueuedService> MakeAccountService(const AccountBackend& backend,
                                                  const PasswordLimits& limits = {});

}  // namespace kakunin
