#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "domain/joining_application.h"
#include "server/rpc/dispatch.h"
#include "storage/applicant_store.h"
#include "storage/application_store.h"
#include "storage/database.h"
#include "storage/registry_store.h"

namespace kakunin {

// OnboardingBackend is what joining stands on; the references outlive the service.
struct OnboardingBackend {
  const Dispatch& dispatch;
  Database& database;  // of the onboarding role
  RegistryStore& registry;
  ApplicantStore& applicants;
  ApplicationStore& applications;
  RequestStore& requests;
  const JoiningRules& rules;
  const auth::HmacKey& look_up_key;  // of which the sessions' is derived
  const auth::HmacKey& audit_key;
};

// MakeOnboardingService is kakunin.v1.OnboardingService: short unary calls of the sync API. One
// password is digested at a time, and few wait (OVERLOADED).
std::unique_ptr<grpc::Service> MakeOnboardingService(const OnboardingBackend& backend);

}  // namespace kakunin
