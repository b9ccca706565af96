#include "server/serve_operator.h"

#include "server/rpc/abnormal_times_policy_service.h"
#include "server/rpc/account_administration_service.h"
#include "server/rpc/application_review_service.h"
#include "server/rpc/card_link_service.h"
#include "server/rpc/operations_service.h"
#include "server/rpc/reception_app_service.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/terminal_certificate_service.h"

namespace kakunin {

std::vector<std::unique_ptr<grpc::Service>> MakeOperatorServices(
    const OpenedPort& opened, Stores& stores, const WrittenRegistry& written,
    const SecretKeys& keys, const std::function<absl::StatusOr<TerminalAuthority>()>& authority,
    const RestrictedGroundRules& grounds) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(MakeOperationsService({.dispatch = *opened.dispatch,
                                            .database = *opened.database,
                                            .registry = written.registry,
                                            .requests = written.requests,
                                            .feeds = stores.feed_store,
                                            .histories = stores.history_store,
                                            .look_up_key = keys.look_up,
                                            .audit_key = keys.audit,
                                            .protections = stores.protection_store,
                                            .individual_number_key = keys.individual_number,
                                            .repairs = stores.repair_store,
                                            .cases = stores.case_store,
                                            .numbers = stores.number_store,
                                            .build = CopiesOfThisFormat()}));
  services.push_back(MakeCardLinkService({.dispatch = *opened.dispatch,
                                          .database = *opened.database,
                                          .links = stores.card_link_store,
                                          .numbers = stores.number_store,
                                          .requests = written.requests,
                                          .individual_number_key = keys.individual_number,
                                          .audit_key = keys.audit}));
  services.push_back(MakeReceptionAppService({.dispatch = *opened.dispatch,
                                              .database = *opened.database,
                                              .apps = stores.app_store,
                                              .requests = written.requests,
                                              .audit_key = keys.audit}));
  services.push_back(MakeTerminalCertificateService({.dispatch = *opened.dispatch,
                                                     .database = *opened.database,
                                                     .registry = written.registry,
                                                     .store = stores.certificate_store,
                                                     .requests = written.requests,
                                                     .look_up_key = keys.look_up,
                                                     .audit_key = keys.audit,
                                                     .authority = authority}));
  services.push_back(MakeAccountAdministrationService({.dispatch = *opened.dispatch,
                                                       .database = *opened.database,
                                                       .registry = written.registry,
                                                       .accounts = stores.account_store,
                                                       .requests = written.requests,
                                                       .audit_key = keys.audit}));
  services.push_back(MakeApplicationReviewService({.dispatch = *opened.dispatch,
                                                   .database = *opened.database,
                                                   .registry = written.registry,
                                                   .applicants = stores.applicant_store,
                                                   .applications = stores.application_store,
                                                   .persons = stores.protection_store,
                                                   .requests = written.requests,
                                                   .individual_number_key = keys.individual_number,
                                                   .audit_key = keys.audit,
                                                   .grounds = grounds}));
  services.push_back(MakeAbnormalTimesPolicyService({.dispatch = *opened.dispatch,
                                                     .database = *opened.database,
                                                     .store = stores.abnormal_times_store,
                                                     .requests = written.requests,
                                                     .audit_key = keys.audit,
                                                     .policy_key = keys.policies()}));
  return services;
}

}  // namespace kakunin
