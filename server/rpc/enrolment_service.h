#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/onboarding_limits.h"
#include "storage/database.h"
#include "storage/registry_store.h"
#include "storage/terminal_certificate_store.h"

namespace kakunin {

// EnrolmentBackend is what first certificates stand on; the references outlive the service.
struct EnrolmentBackend {
  const Dispatch& dispatch;
  Database& database;  // of the onboarding role
  RegistryStore& registry;
  TerminalCertificateStore& store;
  OnboardingLimits& limits;
  const auth::HmacKey& look_up_key;
  const auth::HmacKey& audit_key;
};

// MakeEnrolmentService is kakunin.v1.EnrolmentService: short unary calls of the sync API.
std::unique_ptr<grpc::Service> MakeEnrolmentService(const EnrolmentBackend& backend);

}  // namespace kakunin
