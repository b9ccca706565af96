#include "server/rpc/status.h"

#include <charconv>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/rpc/error_contact.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

constexpr char kDomain[] = "kakunin";
constexpr char kLocale[] = "ja-JP";
constexpr char kExpectedChunk[] = "expected_chunk";
constexpr char kExpectedFeedNumber[] = "expected_feed_number";

// Inquiry limits count by the hour, so asking again within seconds cannot help.
absl::Duration RetryAfter(Reason reason) {
  if (reason == Reason::kReceptionLimit) return absl::Minutes(1);
  if (reason == Reason::kInquiryLimit) return absl::Minutes(5);
  return reason == Reason::kOnboardingLimit ? absl::Minutes(1) : absl::Seconds(1);
}

google::rpc::ErrorInfo ErrorInfoOf(const ReasonFacts& facts, const absl::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(facts.name));
  info.set_domain(kDomain);
  if (const auto expected = ExpectedChunkOf(status)) {
    (*info.mutable_metadata())[kExpectedChunk] = std::to_string(*expected);
  }
  if (const auto expected = ExpectedFeedNumberOf(status)) {
    (*info.mutable_metadata())[kExpectedFeedNumber] = std::to_string(*expected);
  }
  return info;
}

std::optional<long long> NumberIn(const google::rpc::ErrorInfo& info, const char* name) {
  const auto found = info.metadata().find(name);
  if (found == info.metadata().end()) return std::nullopt;
  const std::string& digits = found->second;
  long long number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const ReasonFacts& facts = FactsOf(ToldReason(status));
  const auto code = static_cast<grpc::StatusCode>(facts.code);

  google::rpc::Status rich;
  rich.set_code(code);
  rich.set_message(std::string(facts.name));
  rich.add_details()->PackFrom(ErrorInfoOf(facts, status));
  google::rpc::LocalizedMessage sentence;
  sentence.set_locale(kLocale);
  std::string said = OwnSentenceOf(status).value_or(std::string(facts.sentence));
  said += ErrorContact::After(facts.reason);
  sentence.set_message(std::move(said));
  rich.add_details()->PackFrom(sentence);
  if (const auto violations = ViolationsOf(status); !violations.empty()) {
    google::rpc::BadRequest bad_request;
    for (const FieldViolation& violation : violations) {
      auto* told = bad_request.add_field_violations();
      told->set_field(violation.field);
      told->set_description(violation.description);
    }
    rich.add_details()->PackFrom(bad_request);
  }
  if (facts.retryable) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(RetryAfter(facts.reason)));
    rich.add_details()->PackFrom(retry);
  }
  return grpc::Status(code, std::string(facts.name), rich.SerializeAsString());
}

ErrorDescription DescribeError(const grpc::Status& status) {
  ErrorDescription description;
  google::rpc::Status rich;
  if (status.ok() || !rich.ParseFromString(status.error_details())) return description;
  for (const google::protobuf::Any& detail : rich.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::LocalizedMessage sentence;
    google::rpc::BadRequest bad_request;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info)) {
      description.reason = info.reason();
      description.expected_chunk = NumberIn(info, kExpectedChunk);
      description.expected_feed_number = NumberIn(info, kExpectedFeedNumber);
    } else if (detail.UnpackTo(&sentence)) {
      description.sentence = sentence.message();
    } else if (detail.UnpackTo(&bad_request)) {
      for (const auto& told : bad_request.field_violations()) {
        description.violations.push_back({told.field(), told.description()});
      }
    } else if (detail.UnpackTo(&retry)) {
      description.retry_after = absl::Seconds(retry.retry_delay().seconds()) +
                                absl::Nanoseconds(retry.retry_delay().nanos());
    }
  }
  return description;
}

}  // namespace kakunin
