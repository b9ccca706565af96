#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "storage/database.h"
#include "storage/identity_case_store.h"

namespace kakunin {

// IdentityCaseBackend is what an insurer's cases stand on; the references outlive the service.
struct IdentityCaseBackend {
  const Dispatch& dispatch;
  Database& database;  // of the insurer role
  IdentityCaseStore& cases;
  const auth::HmacKey& audit_key;
  CopyBuilders build;
};

// MakeIdentityCaseService is kakunin.v1.IdentityCaseService: short unary calls of the sync API.
std::unique_ptr<grpc::Service> MakeIdentityCaseService(const IdentityCaseBackend& backend);

}  // namespace kakunin
