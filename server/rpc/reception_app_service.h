#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "storage/database.h"
#include "storage/reception_app_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// ReceptionAppBackend is what registrations of apps stand on; the references outlive the service.
struct ReceptionAppBackend {
  const Dispatch& dispatch;
  Database& database;  // of the operator role
  ReceptionAppStore& apps;
  RequestStore& requests;
  const auth::HmacKey& audit_key;
};

// MakeReceptionAppService is kakunin.v1.ReceptionAppService: short unary calls of the sync API.
std::unique_ptr<grpc::Service> MakeReceptionAppService(const ReceptionAppBackend& backend);

}  // namespace kakunin
