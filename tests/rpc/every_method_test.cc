// Every method of every service, called by everybody who must not.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "auth/encoding.h"
#include "auth/session_token.h"
#include "server/rpc/abnormal_times_policy_service.h"
#include "server/rpc/account_administration_service.h"
#include "server/rpc/application_review_service.h"
#include "server/rpc/card_link_service.h"
#include "server/rpc/delivery_service.h"
#include "server/rpc/enrolment_service.h"
#include "server/rpc/identity_case_service.h"
#include "server/rpc/insurer_feed_service.h"
#include "server/rpc/onboarding_service.h"
#include "server/rpc/operations_service.h"
#include "server/rpc/reception_app_service.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/terminal_certificate_service.h"
#include "storage/postgres/abnormal_times_store.h"
#include "storage/postgres/account_store.h"
#include "storage/postgres/applicant_store.h"
#include "storage/postgres/application_store.h"
#include "storage/postgres/card_link_store.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/delivery_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/identity_case_store.h"
#include "storage/postgres/number_store.h"
#include "storage/postgres/person_repair_store.h"
#include "storage/postgres/protection_store.h"
#include "storage/postgres/reception_app_store.h"
#include "storage/postgres/request_store.h"
#include "storage/postgres/terminal_certificate_store.h"
#include "tests/rpc/raw_call.h"
#include "tests/rpc/sync_server.h"
#include "tests/rpc/terminal_server.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

struct Stranger {
  std::string name;
  TestIdentity identity;
  std::string reason;  // empty: TLS itself refuses
};

class EveryMethodTest : public testing::Test {
 protected:
  EveryMethodTest() {
    RegisterTestCallers(database_, clock_.Now());
    AddInactiveCallers();
    terminals_ = std::make_unique<TerminalServer>(database_, clock_);
    insurers_ = std::make_unique<SyncServer>(
        database_, clock_, Port::kInsurer,
        std::vector<SyncServer::Make>{
            [this](RpcServer& port) {
              return MakeInsurerFeedService({port.dispatch(), port.database(), feeds_,
                                             port.registry_store(), requests_,
                                             FeedKeys{number_key_, look_up_key_, audit_key_},
                                             CopiesOfThisFormat(), histories_});
            },
            [this](RpcServer& port) {
              return MakeIdentityCaseService(
                  {port.dispatch(), port.database(), cases_, audit_key_, CopiesOfThisFormat()});
            },
            [this](RpcServer& port) {
              return MakeDeliveryService(
                  {port.dispatch(), port.database(), deliveries_, audit_key_, 5});
            }});
    operators_ = std::make_unique<SyncServer>(
        database_, clock_, Port::kOperator,
        std::vector<SyncServer::Make>{
            [this](RpcServer& port) {
              return MakeOperationsService({port.dispatch(), port.database(), port.registry_store(),
                                            requests_, feeds_, histories_, look_up_key_, audit_key_,
                                            protections_, number_key_, repairs_, cases_, numbers_,
                                            CopiesOfThisFormat()});
            },
            [this](RpcServer& port) {
              return MakeCardLinkService({port.dispatch(), port.database(), links_, numbers_,
                                          requests_, number_key_, audit_key_});
            },
            [this](RpcServer& port) {
              return MakeAbnormalTimesPolicyService(
                  {port.dispatch(), port.database(), policies_, requests_, audit_key_});
            },
            [this](RpcServer& port) {
              return MakeReceptionAppService(
                  {port.dispatch(), port.database(), apps_, requests_, audit_key_});
            },
            [this](RpcServer& port) {
              return MakeTerminalCertificateService(
                  {port.dispatch(), port.database(), port.registry_store(), certificates_,
                   requests_, look_up_key_, audit_key_, []() -> absl::StatusOr<TerminalAuthority> {
                     return MakeError(Reason::kCertificateAuthorityMissing);
                   }});
            },
            [this](RpcServer& port) {
              return MakeAccountAdministrationService({port.dispatch(), port.database(),
                                                       port.registry_store(), port.account_store(),
                                                       requests_, audit_key_});
            },
            [this](RpcServer& port) {
              return MakeApplicationReviewService(
                  {port.dispatch(), port.database(), port.registry_store(), applicants_,
                   applications_, protections_, requests_, number_key_, audit_key_});
            }});
    onboarding_ = std::make_unique<SyncServer>(
        database_, clock_, Port::kOnboarding,
        std::vector<SyncServer::Make>{
            [this](RpcServer& port) {
              return MakeEnrolmentService({port.dispatch(), port.database(), port.registry_store(),
                                           certificates_, limits_, look_up_key_, audit_key_});
            },
            [this](RpcServer& port) {
              return MakeOnboardingService({port.dispatch(), port.database(), port.registry_store(),
                                            applicants_, applications_, requests_, joining_rules_,
                                            look_up_key_, audit_key_});
            }},
        &limits_);
  }

  void AddInactiveCallers() {
    const auto add = [&](const std::string& name, const std::string& uri,
                         const std::string& reason) -> const Digest32& {
      strangers_.push_back({name, IssueTestIdentity({uri}), reason});
      return strangers_.back().identity.fingerprint;
    };
    const absl::Time from = clock_.Now() - absl::Hours(1);
    const absl::Time to = clock_.Now() + absl::Hours(1);
    const TerminalRow terminal{
        .facility_code = "1300000000",
        .terminal_id = "a",
        .fingerprint = add("terminal of an inactive facility", TerminalUri("1300000000", "a"),
                           "FACILITY_INACTIVE"),
        .not_before = from,
        .not_after = to};
    const auto inactive = [&](ActorKind kind, const std::string& name, const std::string& who,
                              const std::string& uri, const std::string& reason) {
      return PartyRow{.kind = kind,
                      .name = name,
                      .display_name = "試験",
                      .fingerprint = add("inactive " + who, uri, reason),
                      .not_before = from,
                      .not_after = to,
                      .active = false};
    };
    const PartyRow insurer = inactive(ActorKind::kInsurer, "01010016", "insurer",
                                      InsurerUri("01010016"), "INSURER_INACTIVE");
    const PartyRow gone = inactive(ActorKind::kOperator, "gone", "operator",
                                   "spiffe://kakunin.test/operator/gone", "OPERATOR_INACTIVE");
    const PartyRow closed = inactive(ActorKind::kClaimsReviewer, "247", "reviewer",
                                     ReviewerUri("247"), "REVIEWER_INACTIVE");
    const PartyRow silenced =
        inactive(ActorKind::kCardLinkProvider, "silenced", "card link provider",
                 LinkProviderUri("silenced"), "CARD_LINK_PROVIDER_INACTIVE");
    // Its number is registered, as an insurer's: the certificate's kind is part of its name.
    const PartyRow disguised{.kind = ActorKind::kInsurer,
                             .name = "246",
                             .display_name = "試験",
                             .fingerprint = add("a reviewer registered as an insurer",
                                                ReviewerUri("246"), "CERTIFICATE_NAMES_DIFFER"),
                             .not_before = from,
                             .not_after = to};
    const PartyRow lapsed{
        .kind = ActorKind::kInsurer,
        .name = "01020015",
        .display_name = "試験",
        .fingerprint = add("lapsed insurer", InsurerUri("01020015"), "CERTIFICATE_EXPIRED"),
        .not_before = from,
        .not_after = clock_.Now()};
    const auto pool = database_.Open("kakunin_operator");
    PostgresRegistryStore store;
    const absl::Status status = pool->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(
          store.PutFacility(tx, {.facility_code = "1300000000", .name = "休止", .active = false}));
      RETURN_IF_ERROR(store.PutTerminal(tx, terminal));
      RETURN_IF_ERROR(store.PutParty(tx, insurer));
      RETURN_IF_ERROR(store.PutParty(tx, gone));
      RETURN_IF_ERROR(store.PutParty(tx, closed));
      RETURN_IF_ERROR(store.PutParty(tx, silenced));
      RETURN_IF_ERROR(store.PutParty(tx, disguised));
      return store.PutParty(tx, lapsed);
    });
    EXPECT_TRUE(status.ok()) << status;
    const auto known = [&](const std::string& name, Caller caller, const std::string& reason) {
      strangers_.push_back({name, IdentityOf(caller), reason});
    };
    known("nobody", Caller::kNobody, "");
    known("another CA's", Caller::kForeign, "");
    known("expired", Caller::kExpired, "");
    known("unknown", Caller::kUnknown, "CERTIFICATE_NOT_REGISTERED");
    known("revoked", Caller::kRevokedTerminal, "TERMINAL_REVOKED");
    known("lapsed", Caller::kLapsedTerminal, "CERTIFICATE_EXPIRED");
    known("renamed", Caller::kRenamedTerminal, "CERTIFICATE_NAMES_DIFFER");
  }

  // A session of an administrator at desk-1, fresh: a method may end it.
  std::string AdministratorsSession() {
    const auth::SessionTokenKey key(look_up_key_);
    const std::string secret = auth::SessionTokenKey::Secret();
    int64_t generation = 0;
    const absl::Status status =
        database_.Open("kakunin_terminal")->Write(Soon(), [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(
              generation,
              accounts_.BeginSession(tx, {.token_hash = key.HashOf(secret),
                                          .facility_code = kTestFacility,
                                          .user_name = "kanri",
                                          .terminal_id = kTestTerminal,
                                          .certificate = IdentityOf(Caller::kTerminal).fingerprint,
                                          .role = Role::kAdministrator,
                                          .began = clock_.Now(),
                                          .end = clock_.Now() + kSessionLife,
                                          .last_used = clock_.Now()}));
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    terminals_->port().accounts().CatchUp(Soon());
    return auth::SessionTokenKey::Text(secret, generation);
  }

  // The servers that serve a method of this port and ask for a certificate.
  std::vector<const RpcServer*> ServersOf(Port port) const {
    std::vector<const RpcServer*> servers;
    if (port == Port::kTerminal || port == Port::kEvery) servers.push_back(&terminals_->port());
    if (port == Port::kInsurer || port == Port::kEvery) servers.push_back(&insurers_->port());
    if (port == Port::kOperator || port == Port::kEvery) servers.push_back(&operators_->port());
    return servers;
  }

  void ExpectRefused(const RpcServer& server, const MethodPolicy& policy, const Stranger& caller) {
    const std::string method(policy.method);
    const Outcome outcome = CallWithNothing(server.Channel(caller.identity), method);
    const std::string what = method + " by " + caller.name;
    EXPECT_FALSE(outcome.answered) << what;
    EXPECT_EQ(outcome.reason(), caller.reason) << what << ": " << outcome.status.error_message();
    if (caller.reason.empty()) {
      EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::UNAVAILABLE) << what;
      EXPECT_TRUE(outcome.status.error_details().empty()) << what;
      return;
    }
    EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << what;
    EXPECT_EQ(outcome.status.error_message(), caller.reason) << what;
    EXPECT_FALSE(DescribeError(outcome.status).sentence.empty()) << what;
    ++denials_[{static_cast<int>(policy.operation), caller.reason}];
  }

  const TestDatabase database_;
  SettableClock clock_;
  PostgresRequestStore requests_;
  PostgresReceptionAppStore apps_;
  PostgresAbnormalTimesStore policies_;
  PostgresApplicantStore applicants_;
  PostgresApplicationStore applications_;
  const JoiningRules joining_rules_;
  PostgresTerminalCertificateStore certificates_;
  OnboardingLimits limits_{10'000, 10'000};
  PostgresAccountStore accounts_;
  const std::unique_ptr<PostgresDatabase> session_database_ = database_.Open("kakunin_terminal", 1);
  PostgresFeedStore feeds_;
  PostgresIdentityCaseStore cases_;
  PostgresDeliveryStore deliveries_;
  PostgresCoverageHistoryStore histories_;
  PostgresCardLinkStore links_;
  PostgresNumberStore numbers_;
  PostgresPersonRepairStore repairs_;
  PostgresProtectionStore protections_;
  const auth::HmacKey number_key_ = TestKey("individual number");
  const auth::HmacKey look_up_key_ = TestKey("look-up");
  const auth::HmacKey audit_key_ = TestKey("audit");
  std::vector<Stranger> strangers_;
  std::map<std::pair<int, std::string>, int> denials_;
  std::unique_ptr<TerminalServer> terminals_;
  std::unique_ptr<SyncServer> insurers_;
  std::unique_ptr<SyncServer> operators_;
  std::unique_ptr<SyncServer> onboarding_;
};

// IsOfTheWeb tells of the patients' door, which is no gRPC port (tests/http/web_door_test.cc).
bool IsOfTheWeb(const MethodPolicy& policy) { return policy.port == Port::kWeb; }

// Every method that the descriptors of our gRPC services name, with its row in the table.
std::vector<const MethodPolicy*> EveryMethod() {
  std::set<std::string> services;
  for (const MethodPolicy& policy : AllMethodPolicies()) {
    if (IsOfTheWeb(policy)) continue;
    const std::string method(policy.method);
    const std::string service = method.substr(1, method.rfind('/') - 1);
    if (!service.starts_with("grpc.reflection.")) services.insert(service);
  }
  std::vector<const MethodPolicy*> methods;
  for (const std::string& name : services) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) throw std::runtime_error("no descriptor of " + name);
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodPolicy* policy = PolicyFor("/" + name + "/" + service->method(i)->name());
      if (policy == nullptr) throw std::runtime_error("no policy for a method of " + name);
      methods.push_back(policy);
    }
  }
  return methods;
}

TEST_F(EveryMethodTest, RefusesEveryWrongCallerSaysWhyAndWritesItDown) {
  const std::vector<const MethodPolicy*> methods = EveryMethod();
  const auto of_the_web = std::ranges::count_if(AllMethodPolicies(), &IsOfTheWeb);
  // All but reflection.
  ASSERT_EQ(methods.size(), AllMethodPolicies().size() - static_cast<size_t>(of_the_web) - 1);
  const std::vector<std::pair<ActorKind, Stranger>> kinds = {
      {ActorKind::kTerminal, {"a terminal", IdentityOf(Caller::kTerminal), ""}},
      {ActorKind::kInsurer, {"an insurer", IdentityOf(Caller::kInsurer), ""}},
      {ActorKind::kClaimsReviewer, {"a claims reviewer", IdentityOf(Caller::kReviewer), ""}},
      {ActorKind::kCardLinkProvider,
       {"a card link provider", IdentityOf(Caller::kLinkProvider), ""}},
      {ActorKind::kOperator, {"an operator", IdentityOf(Caller::kOperator), ""}}};
  for (const MethodPolicy* policy : methods) {
    for (const RpcServer* server : ServersOf(policy->port)) {
      for (const Stranger& stranger : strangers_) ExpectRefused(*server, *policy, stranger);
      for (const auto& [kind, caller] : kinds) {
        if (std::ranges::find(policy->admits, kind) == policy->admits.end()) {
          Stranger wrong = caller;
          wrong.reason = "WRONG_KIND_OF_CALLER";
          ExpectRefused(*server, *policy, wrong);
          continue;
        }
        // The door is open to whom it should be: the refusals above are not a broken server's.
        Metadata metadata = {{"kakunin-role", "ADMINISTRATOR"}};
        if (kind == ActorKind::kTerminal && policy->port == Port::kTerminal) {
          metadata.emplace_back("kakunin-session", AdministratorsSession());
        }
        const Outcome outcome = CallWithNothing(server->Channel(caller.identity),
                                                std::string(policy->method), metadata);
        EXPECT_TRUE(outcome.answered || outcome.reason() == "INVALID_FIELDS")
            << policy->method << " by " << caller.name << ": " << outcome.status.error_message();
      }
    }
  }
  terminals_.reset();  // their writers write what is queued
  insurers_.reset();
  operators_.reset();
  std::map<std::pair<int, std::string>, int> audited;
  for (const auto& row : database_.Exec("SELECT operation, reason, count(*) FROM"
                                        " kakunin.audit_event WHERE code = 7 GROUP BY 1, 2")) {
    audited[{row[0].as<int>(), row[1].as<std::string>()}] = row[2].as<int>();
  }
  for (const auto& [denial, times] : denials_) {
    EXPECT_EQ(audited[denial], times) << denial.first << " " << denial.second;
  }
  for (const auto& [denial, times] : audited) {
    EXPECT_TRUE(denials_.contains(denial)) << denial.first << " " << denial.second << " " << times;
  }
  // Each tells who it was: the registered owner, or the certificate that nobody knows.
  EXPECT_TRUE(database_
                  .Exec("SELECT operation, reason FROM kakunin.audit_event WHERE code = 7"
                        " AND (actor = '') <> (details LIKE 'certificate=%')")
                  .empty());
}

// Whoever comes to the onboarding port is an applicant, whatever certificate he has: none is asked
// for, and none opens anything.
TEST_F(EveryMethodTest, OnTheOnboardingPortEverybodyIsAnApplicantAndNoMore) {
  const TestIdentity& anybody = IdentityOf(Caller::kNobody);
  for (const MethodPolicy* policy : EveryMethod()) {
    const bool its_own = policy->port == Port::kOnboarding || policy->port == Port::kEvery;
    for (const TestIdentity& caller :
         {anybody, IdentityOf(Caller::kOperator), IdentityOf(Caller::kForeign)}) {
      const Outcome outcome =
          CallWithNothing(onboarding_->port().Channel(caller), std::string(policy->method));
      if (its_own) {
        // An applicant whom no session names may register and log in.
        const std::set<std::string> past_the_door = {"INVALID_FIELDS", "APPLICANT_LOG_IN_NEEDED"};
        EXPECT_TRUE(outcome.answered || past_the_door.contains(outcome.reason()))
            << policy->method << ": " << outcome.status.error_message();
      } else {
        EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << policy->method;
      }
    }
    if (!its_own) continue;
    const Outcome by_proxy = CallWithNothing(onboarding_->port().Channel(anybody),
                                             std::string(policy->method), {{kProxyHeader, "x"}});
    EXPECT_EQ(by_proxy.reason(), "PROXY_HEADER_REFUSED") << policy->method;
  }
}

TEST_F(EveryMethodTest, AMethodOfAnotherPortIsNotThere) {
  for (const MethodPolicy* policy : EveryMethod()) {
    if (policy->port == Port::kEvery || policy->port == Port::kTerminal) continue;
    const Outcome outcome =
        CallWithNothing(terminals_->port().Channel(Caller::kOperator), std::string(policy->method));
    EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << policy->method;
  }
}

TEST_F(EveryMethodTest, ARevocationShowsOnAnOpenConnectionWithinASecond) {
  const auto channel = terminals_->port().Channel(Caller::kViewingTerminal);
  const std::string method = kByNumberMethod;
  ASSERT_TRUE(CallWithNothing(channel, method).answered);
  const auto pool = database_.Open("kakunin_operator");
  PostgresRegistryStore store;
  const absl::Status status = pool->Write(Soon(), [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(auto row, store.FindTerminal(tx, kTestFacility, "viewing-1"));
    row->revoked_at = clock_.Now();
    return store.PutTerminal(tx, *row);
  });
  ASSERT_TRUE(status.ok()) << status;
  const auto revoked = std::chrono::steady_clock::now();
  Outcome outcome;
  do {
    outcome = CallWithNothing(channel, method);
  } while (outcome.answered &&
           std::chrono::steady_clock::now() - revoked < std::chrono::seconds(5));
  EXPECT_LT(std::chrono::steady_clock::now() - revoked, std::chrono::seconds(1));
  EXPECT_EQ(outcome.reason(), "TERMINAL_REVOKED");
}

std::string HeaderOf(const TestIdentity& identity) {
  return auth::Base64Encode(*auth::PemDecode("CERTIFICATE", identity.certificate_pem));
}

TEST_F(EveryMethodTest, ADirectListenerRefusesTheProxysHeaderFromAnybody) {
  for (const MethodPolicy* policy : EveryMethod()) {
    for (const RpcServer* server : ServersOf(policy->port)) {
      const Outcome outcome =
          CallWithNothing(server->Channel(Caller::kOperator), std::string(policy->method),
                          {{kProxyHeader, HeaderOf(IdentityOf(Caller::kTerminal))}});
      EXPECT_EQ(outcome.reason(), "PROXY_HEADER_REFUSED") << policy->method;
      EXPECT_FALSE(outcome.answered);
    }
  }
}

}  // namespace
}  // namespace kakunin
