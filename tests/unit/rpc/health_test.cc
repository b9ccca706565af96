#include "server/rpc/health.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "domain/access_policy.h"
#include "grpc/health/v1/health.pb.h"

namespace kakunin {
namespace {

std::string ServiceOf(const MethodPolicy& policy) {
  const size_t end = policy.method.rfind('/');
  return std::string(policy.method.substr(1, end - 1));
}

// CheckAnswer of a service; empty when it is unknown.
std::string Checked(const PortHealth& health, const std::string& service) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  const auto octets = health.CheckAnswer(request.SerializeAsString());
  grpc::health::v1::HealthCheckResponse response;
  if (!octets || !response.ParseFromString(*octets)) return "";
  return grpc::health::v1::HealthCheckResponse::ServingStatus_Name(response.status());
}

TEST(PortHealth, KnowsTheServicesOfItsPortAndNoOthers) {
  for (const Port port : {Port::kTerminal, Port::kInsurer, Port::kOperator, Port::kOnboarding}) {
    const PortHealth health(port, [] { return true; });
    std::set<std::string> here;
    std::set<std::string> all;
    for (const MethodPolicy& policy : AllMethodPolicies()) {
      all.insert(ServiceOf(policy));
      if (policy.port == port) here.insert(ServiceOf(policy));
    }
    EXPECT_FALSE(here.empty());
    EXPECT_LT(here.size(), all.size());
    for (const std::string& service : all) {
      EXPECT_EQ(Checked(health, service), here.contains(service) ? "SERVING" : "") << service;
    }
  }
}

TEST(PortHealth, KnowsItselfAndNoPartOfAName) {
  const PortHealth health(Port::kTerminal, [] { return false; });
  EXPECT_EQ(Checked(health, ""), "NOT_SERVING");
  EXPECT_EQ(Checked(health, "kakunin.v1.EligibilityService"), "NOT_SERVING");
  for (const char* unknown : {"kakunin", "kakunin.v1.Eligibility", "kakunin.v1.EligibilityService/",
                              "kakunin.v1.EligibilityServiceX", "/kakunin.v1.EligibilityService"}) {
    EXPECT_EQ(Checked(health, unknown), "") << unknown;
  }
  EXPECT_FALSE(health.CheckAnswer("\xff\xff"));
}

}  // namespace
}  // namespace kakunin
