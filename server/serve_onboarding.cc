#include "server/serve_onboarding.h"

#include "server/rpc/enrolment_service.h"
#include "server/rpc/onboarding_service.h"

namespace kakunin {

std::vector<std::unique_ptr<grpc::Service>> MakeOnboardingServices(
    const OpenedPort& opened, OnboardingLimits& limits, Stores& stores,
    const WrittenRegistry& written, const JoiningRules& rules, const SecretKeys& keys) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(MakeEnrolmentService({.dispatch = *opened.dispatch,
                                           .database = *opened.database,
                                           .registry = written.registry,
                                           .store = stores.certificate_store,
                                           .limits = limits,
                                           .look_up_key = keys.look_up,
                                           .audit_key = keys.audit}));
  services.push_back(MakeOnboardingService({.dispatch = *opened.dispatch,
                                            .database = *opened.database,
                                            .registry = written.registry,
                                            .applicants = stores.applicant_store,
                                            .applications = stores.application_store,
                                            .requests = written.requests,
                                            .rules = rules,
                                            .look_up_key = keys.look_up,
                                            .audit_key = keys.audit}));
  return services;
}

std::unique_ptr<JoiningJobs> MakeJoiningJobs(Database& database, Stores& stores, const Clock& clock,
                                             const Config& config, MailSender* mail) {
  return std::make_unique<JoiningJobs>(
      JoiningJobsBackend{.database = database,
                         .jobs = stores.joining_job_store,
                         .applications = stores.application_store,
                         .clock = clock,
                         .grounds = config.grounds,
                         .mail = mail,
                         .mail_from = config.mail ? config.mail->from : ""});
}

}  // namespace kakunin
