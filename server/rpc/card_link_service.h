#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "storage/database.h"
#include "storage/feed_store.h"
#include "storage/number_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// CardLinkBackend is what card links and numbers stand on; the references outlive the service.
struct CardLinkBackend {
  const Dispatch& dispatch;
  Database& database;  // of the operator role
  CardLinkStore& links;
  NumberStore& numbers;
  RequestStore& requests;
  const auth::HmacKey& individual_number_key;
  const auth::HmacKey& audit_key;
};

// MakeCardLinkService is kakunin.v1.CardLinkService. Individual numbers are hashed while the
// request is read, and the request's own copies are wiped.
std::unique_ptr<grpc::Service> MakeCardLinkService(const CardLinkBackend& backend);

}  // namespace kakunin
