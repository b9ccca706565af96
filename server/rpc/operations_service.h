#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "storage/coverage_history_store.h"
#include "storage/database.h"
#include "storage/feed_store.h"
#include "storage/identity_case_store.h"
#include "storage/number_store.h"
#include "storage/person_repair_store.h"
#include "storage/protection_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// OperationsBackend is what registrations and releases on the operator port stand on; the
// references outlive the service.
struct OperationsBackend {
  const Dispatch& dispatch;
  Database& database;  // of the operator role
  RegistryStore& registry;
  RequestStore& requests;
  FeedStore& feeds;
  CoverageHistoryStore& histories;
  const auth::HmacKey& look_up_key;
  const auth::HmacKey& audit_key;
  ProtectionStore& protections;
  const auth::HmacKey& individual_number_key;
  PersonRepairStore& repairs;
  IdentityCaseStore& cases;
  NumberStore& numbers;
  CopyBuilders build;
};

// MakeOperationsService is kakunin.v1.OperationsService: short unary calls of the sync API.
std::unique_ptr<grpc::Service> MakeOperationsService(const OperationsBackend& backend);

}  // namespace kakunin
