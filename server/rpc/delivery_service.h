#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "storage/database.h"
#include "storage/delivery_store.h"

namespace kakunin {

// DeliveryBackend is what an insurer's view of its deliveries stands on; the references outlive the
// service.
struct DeliveryBackend {
  const Dispatch& dispatch;
  Database& database;  // of the insurer role
  DeliveryStore& deliveries;
  const auth::HmacKey& audit_key;
  int tolerated_days = 0;  // FeedsConfig
};

// MakeDeliveryService is kakunin.v1.DeliveryService: short unary calls of the sync API.
std::unique_ptr<grpc::Service> MakeDeliveryService(const DeliveryBackend& backend);

}  // namespace kakunin
