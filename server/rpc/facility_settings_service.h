#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/account_watch.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/queued_unary.h"
#include "storage/database.h"
#include "storage/facility_settings_store.h"

namespace kakunin {

// FacilitySettingsBackend is what facilities' settings stand on; the references outlive the
// service.
struct FacilitySettingsBackend {
  const Dispatch& dispatch;
  Database& database;  // of the terminals' role
  FacilitySettingsStore& settings;
  AccountStore& account_store;  // whoever changes them is judged again
  AccountWatch& watch;          // caught up after every change, before it is answered
  const auth::HmacKey& audit_key;
};

// MakeFacilitySettingsService is kakunin.v1.FacilitySettingsService, by the callback API, its
// database work on one thread, 64 queued. Destroy it after its server has shut down.
std::unique_ptr<QueuedService> MakeFacilitySettingsService(const FacilitySettingsBackend& backend);

}  // namespace kakunin
