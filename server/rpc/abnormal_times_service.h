#pragma once

#include <memory>
#include <vector>

#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/queued_unary.h"
#include "server/usecases/confirm_eligibility.h"
#include "storage/abnormal_times_store.h"
#include "storage/database.h"

namespace kakunin {

// AbnormalTimesBackend is what terminals' calls in abnormal times stand on; the references outlive
// the service.
struct AbnormalTimesBackend {
  const Dispatch& dispatch;
  Database& database;  // of the terminals' role
  AbnormalTimesStore& store;
  InquiryGuard& guard;
  // One for each thread of the service, each over a connection of its own; at least one.
  std::vector<ConfirmEligibility*> confirms;
  const auth::HmacKey& audit_key;
  const auth::HmacKey& look_up_key;
  const auth::PatientHandleKey& handle_key;
};

// MakeAbnormalTimesService is kakunin.v1.AbnormalTimesService, its database work on as many threads
// as it has confirmations, 256 queued. Destroy it after its server has shut down.
std::unique_ptr<QueuedService> MakeAbnormalTimesService(const AbnormalTimesBackend& backend);

}  // namespace kakunin
