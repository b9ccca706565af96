#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/queued_unary.h"
#include "server/usecases/confirm_eligibility.h"
#include "storage/database.h"
#include "storage/eligibility_list_store.h"

namespace kakunin {

// EligibilityListBackend is what lists of eligibility stand on; the references outlive the service.
struct EligibilityListBackend {
  const Dispatch& dispatch;
  Database& database;  // of the terminals' role
  EligibilityListStore& lists;
  ConfirmEligibility& confirm;  // used by the service's one thread alone
  const auth::HmacKey& audit_key;
  const auth::PatientHandleKey& handle_key;
  std::function<CardTrust()> cards;  // what cards are judged by now
};

// MakeEligibilityListService is kakunin.v1.EligibilityListService, by the callback API, its
// database work on one thread, 64 queued. Destroy it after its server has shut down.
std::unique_ptr<QueuedService> MakeEligibilityListService(const EligibilityListBackend& backend);

}  // namespace kakunin
