#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <memory>
#include <vector>

#include "domain/joining_application.h"
#include "server/config/config.h"
#include "server/joining_jobs.h"
#include "server/open_port.h"
#include "server/secret_keys.h"
#include "server/stores.h"

namespace kakunin {

// WrittenRegistry is what registrations and idempotent writes stand on.
struct WrittenRegistry {
  RegistryStore& registry;
  RequestStore& requests;
};

// MakeOnboardingServices are the services of the onboarding port: first certificates by code, and
// joining. All references outlive them.
std::vector<std::unique_ptr<grpc::Service>> MakeOnboardingServices(
    const OpenedPort& opened, OnboardingLimits& limits, Stores& stores,
    const WrittenRegistry& written, const JoiningRules& rules, const SecretKeys& keys);

// MakeJoiningJobs are the timed jobs of joining, over the job role's connections; `mail` may be
// null. All references outlive them.
std::unique_ptr<JoiningJobs> MakeJoiningJobs(Database& database, Stores& stores, const Clock& clock,
                                             const Config& config, MailSender* mail);

}  // namespace kakunin
