#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "domain/restricted_grounds.h"
#include "server/rpc/dispatch.h"
#include "storage/applicant_store.h"
#include "storage/application_store.h"
#include "storage/database.h"
#include "storage/protection_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// ApplicationReviewBackend is what the review of applications stands on; the references outlive the
// service.
struct ApplicationReviewBackend {
  const Dispatch& dispatch;
  Database& database;  // of the operator role
  RegistryStore& registry;
  ApplicantStore& applicants;
  ApplicationStore& applications;
  ProtectionStore& persons;  // finds who has an individual number
  RequestStore& requests;
  const auth::HmacKey& individual_number_key;
  const auth::HmacKey& audit_key;
  RestrictedGroundRules grounds;  // as configured
};

// MakeApplicationReviewService is kakunin.v1.ApplicationReviewService: short unary calls of the
// sync API.
std::unique_ptr<grpc::Service> MakeApplicationReviewService(
    const ApplicationReviewBackend& backend);

}  // namespace kakunin
