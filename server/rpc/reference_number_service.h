#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/queued_unary.h"
#include "server/usecases/inquiry_guard.h"
#include "storage/database.h"
#include "storage/reference_number_store.h"

namespace kakunin {

// ReferenceNumberBackend is what reference numbers stand on; the references outlive the service.
struct ReferenceNumberBackend {
  const Dispatch& dispatch;
  Database& database;  // of the terminals' role
  ReferenceNumberStore& numbers;
  InquiryGuard& guard;
  const auth::HmacKey& look_up_key;
  const auth::HmacKey& audit_key;
  const auth::PatientHandleKey& handle_key;
};

// MakeReferenceNumberService is kakunin.v1.ReferenceNumberService, by the callback API, its
// database work on one thread, 64 queued. Destroy it after its server has shut down.
std::unique_ptr<QueuedService> MakeReferenceNumberService(const ReferenceNumberBackend& backend);

}  // namespace kakunin
