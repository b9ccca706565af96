#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "storage/abnormal_times_store.h"
#include "storage/database.h"
#include "storage/registry_store.h"

namespace kakunin {

// AbnormalTimesPolicyBackend is what operators' acts on policies stand on; the references outlive
// the service.
struct AbnormalTimesPolicyBackend {
  const Dispatch& dispatch;
  Database& database;  // of the operators' role
  AbnormalTimesStore& store;
  RequestStore& requests;
  const auth::HmacKey& audit_key;
  const auth::HmacKey* policy_key = nullptr;  // null: nothing is signed, nothing comes into force
};

// MakeAbnormalTimesPolicyService is kakunin.v1.AbnormalTimesPolicyService.
std::unique_ptr<grpc::Service> MakeAbnormalTimesPolicyService(
    const AbnormalTimesPolicyBackend& backend);

}  // namespace kakunin
