#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>

#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/queued_unary.h"
#include "storage/database.h"
#include "storage/notice_store.h"

namespace kakunin {

// NoticeBackend is what the notices stand on; the references outlive the service.
struct NoticeBackend {
  const Dispatch& dispatch;
  Database& database;  // of the terminals' role
  NoticeStore& notices;
  const auth::HmacKey& audit_key;
  const auth::PatientHandleKey& handle_key;
};

// NoticeLimits bound what notices may cost the port. A stream lives at most ten minutes and is
// resumed by its last token (design.md, Speed).
struct NoticeLimits {
  int threads = 2;
  size_t most_queued = 64;
  // Streams beyond are OVERLOADED: each is looked at, its certificate too, in every turn.
  size_t most_streams = 2000;
  std::chrono::milliseconds turn = std::chrono::seconds(1);
  std::chrono::milliseconds stream_life = std::chrono::minutes(10);
  // How long a stream waits for its peer to take an answer.
  std::chrono::milliseconds peer_bound = std::chrono::minutes(1);
  std::chrono::milliseconds database_bound = std::chrono::seconds(2);
};

// MakeNoticeService is kakunin.v1.NoticeService, by the callback API. Destroy it after its server
// has shut down.
std::unique_ptr<QueuedService> MakeNoticeService(const NoticeBackend& backend,
                                                 const NoticeLimits& limits = {});

}  // namespace kakunin
