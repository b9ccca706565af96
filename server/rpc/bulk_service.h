#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/queued_unary.h"
#include "storage/bulk_store.h"
#include "storage/database.h"

namespace kakunin {

// BulkBackend is what bulk inquiry stands on; the references outlive the service.
struct BulkBackend {
  const Dispatch& dispatch;
  Database& database;  // of the terminals' role
  BulkStore& lists;
  const auth::HmacKey& audit_key;
  const auth::HmacKey& look_up_key;
  std::function<void()> run;  // told when a list waits to be run; never blocks
  // Told of a list that was cancelled or deleted, so that its content goes; never blocks.
  std::function<void(const BulkId&)> drop;
};

// BulkLimits bound what lists may cost the port.
struct BulkLimits {
  int threads = 2;
  size_t most_queued = 64;
  std::chrono::milliseconds chunk_bound = std::chrono::seconds(10);
  // How long a stream waits for its peer to send, or to take an answer.
  std::chrono::milliseconds peer_bound = std::chrono::minutes(1);
};

// MakeBulkService is kakunin.v1.BulkService, by the callback API. Destroy it after its server has
// shut down.
std::unique_ptr<QueuedService> MakeBulkService(const BulkBackend& backend,
                                               const BulkLimits& limits = {});

}  // namespace kakunin
