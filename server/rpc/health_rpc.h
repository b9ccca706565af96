#pragma once

#include "grpc/health/v1/health.grpc.pb.h"

namespace kakunin {

inline constexpr char kHealthCheckMethod[] = "/grpc.health.v1.Health/Check";

// HealthRpc is the raw, asynchronous health service of a port whose methods are served by lanes: a
// service with a synchronous method would bring gRPC's own threads into the lane's way.
class HealthRpc final
    : public grpc::health::v1::Health::WithRawMethod_Check<grpc::health::v1::Health::Service> {};

}  // namespace kakunin
