#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/queued_unary.h"
#include "storage/database.h"
#include "storage/reception_app_store.h"
#include "storage/reception_link_store.h"

namespace kakunin {

// ReceptionLinkBackend is what links stand on; the references outlive the service.
struct ReceptionLinkBackend {
  const Dispatch& dispatch;
  Database& database;  // of the terminals' role
  ReceptionLinkStore& links;
  ReceptionAppStore& apps;
  const auth::HmacKey& look_up_key;
  const auth::HmacKey& audit_key;
  // What addresses begin with. Empty: the installation has no reception at home, and every call is
  // NOT_IN_SERVICE.
  std::string public_url;
};

// MakeReceptionLinkService is kakunin.v1.ReceptionLinkService, by the callback API, its database
// work on one thread, 64 queued. Destroy it after its server has shut down.
std::unique_ptr<QueuedService> MakeReceptionLinkService(const ReceptionLinkBackend& backend);

}  // namespace kakunin
