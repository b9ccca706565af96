#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "storage/database.h"
#include "storage/protection_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// OperationsBackend is what the operator port's registrations stand on; the references outlive the
// service.
struct OperationsBackend {
  const Dispatch& dispatch;
  Database& database;  // of the operator role
  RegistryStore& registry;
  RequestStore& requests;
  const auth::HmacKey& audit_key;
  ProtectionStore& protections;
  const auth::HmacKey& individual_number_key;
};

// MakeOperationsService is kakunin.v1.OperationsService: short unary calls of the sync API.
std::unique_ptr<grpc::Service> MakeOperationsService(const OperationsBackend& backend);

}  // namespace kakunin
