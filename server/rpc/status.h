#pragma once

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "domain/error.h"

namespace kakunin {

// ToGrpcStatus is the only road of an error out of the server. The answer carries the reason's name
// as message and, in `grpc-status-details-bin`, one google.rpc.ErrorInfo (domain "kakunin"), a
// LocalizedMessage in ja-JP, BadRequest with every violation, and RetryInfo when asking again can
// help. A failure of a store that may pass becomes DATABASE_UNAVAILABLE; whatever was not made by
// MakeError becomes INTERNAL, and its own text stays here. Thread-safe.
grpc::Status ToGrpcStatus(const absl::Status& status);

// ErrorDescription is what a client reads of an error: the inverse of ToGrpcStatus.
struct ErrorDescription {
  std::string reason;    // UPPER_SNAKE; empty when the error is the transport's, not ours
  std::string sentence;  // ja-JP
  std::vector<FieldViolation> violations;
  std::optional<absl::Duration> retry_after;
  std::optional<long long> expected_chunk;
  std::optional<long long> expected_feed_number;
};

// DescribeError reads an error of this service; everything is empty for OK and for foreign errors.
ErrorDescription DescribeError(const grpc::Status& status);

}  // namespace kakunin
