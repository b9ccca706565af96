#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "storage/account_store.h"
#include "storage/database.h"
#include "storage/registry_store.h"

namespace kakunin {

// AccountAdministrationBackend is what operators' writes of accounts stand on; the references
// outlive the service.
struct AccountAdministrationBackend {
  const Dispatch& dispatch;
  Database& database;  // of the operator role
  RegistryStore& registry;
  AccountStore& accounts;
  RequestStore& requests;
  const auth::HmacKey& audit_key;
};

// MakeAccountAdministrationService is kakunin.v1.AccountAdministrationService: short unary calls of
// the sync API.
std::unique_ptr<grpc::Service> MakeAccountAdministrationService(
    const AccountAdministrationBackend& backend);

}  // namespace kakunin
