#include "server/bench/workload.h"

#include <random>

#include "domain/error.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "server/bench/request_files.h"

namespace kakunin::bench {
namespace {

// Reading every answer in full would take the CPU that the server is to have: of so many one is.
constexpr size_t kReadInFull = 64;

// HealthCheckResponse with SERVING.
constexpr std::string_view kServing("\x08\x01", 2);
// Field 1, validity, is the first of every answer: VALIDITY_VALID.
constexpr std::string_view kValid("\x08\x01", 2);

class NoopLoad final : public Workload {
 public:
  const std::string& method() const override { return method_; }
  std::optional<Request> Next(size_t) override { return Request{}; }
  bool IsRight(size_t, std::string_view answer) override { return answer == kServing; }

 private:
  const std::string method_ = "/grpc.health.v1.Health/Check";
};

class BeginLoad final : public Workload {
 public:
  BeginLoad() {
    v1::BeginCardAuthenticationRequest request;
    request.set_purpose(v1::CARD_PURPOSE_CONFIRM);
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request_ = request.SerializeAsString();
  }

  const std::string& method() const override { return method_; }
  std::optional<Request> Next(size_t) override { return Request{request_}; }
  bool IsRight(size_t, std::string_view answer) override {
    return response_.ParseFromArray(answer.data(), static_cast<int>(answer.size())) &&
           response_.challenge_id().size() == 16 && !response_.to_be_signed().empty() &&
           !response_.audit_id().empty();
  }

 private:
  const std::string method_ = "/kakunin.v1.EligibilityService/BeginCardAuthentication";
  std::string request_;
  v1::BeginCardAuthenticationResponse response_;
};

class NumberLoad final : public Workload {
 public:
  // `suffix` is appended to every request: what it sets counts, for the last one of a field does.
  NumberLoad(RequestList requests, std::string suffix)
      : requests_(std::move(requests)),
        suffix_(std::move(suffix)),
        random_(std::random_device{}()) {}

  const std::string& method() const override { return method_; }

  std::optional<Request> Next(size_t) override {
    const size_t i = std::uniform_int_distribution<size_t>(0, requests_.size() - 1)(random_);
    request_octets_.assign(requests_[i]).append(suffix_);
    return Request{request_octets_, i};
  }

  bool IsRight(size_t ticket, std::string_view answer) override {
    if (!answer.starts_with(kValid)) return false;
    return ++judged_ % kReadInFull != 0 || IsAbout(requests_[ticket], answer);
  }

 private:
  bool IsAbout(std::string_view request, std::string_view answer) {
    if (!request_.ParseFromArray(request.data(), static_cast<int>(request.size())) ||
        !response_.ParseFromArray(answer.data(), static_cast<int>(answer.size())) ||
        response_.audit_id().empty() || response_.coverages_size() != 1) {
      return false;
    }
    const v1::Coverage& coverage = response_.coverages(0);
    return coverage.insurer_number() == request_.insurer_number() &&
           coverage.number() == request_.number() &&
           coverage.birth_date().year() == request_.birth_date().year() &&
           coverage.birth_date().month() == request_.birth_date().month() &&
           coverage.birth_date().day() == request_.birth_date().day();
  }

  const std::string method_ = "/kakunin.v1.EligibilityService/ConfirmByInsuredNumber";
  const RequestList requests_;
  const std::string suffix_;
  std::string request_octets_;
  std::mt19937_64 random_;
  size_t judged_ = 0;
  v1::ConfirmByInsuredNumberRequest request_;
  v1::ConfirmByInsuredNumberResponse response_;
};

}  // namespace

std::unique_ptr<Workload> MakeNoopLoad() { return std::make_unique<NoopLoad>(); }

std::unique_ptr<Workload> MakeBeginLoad() { return std::make_unique<BeginLoad>(); }

absl::StatusOr<std::unique_ptr<Workload>> MakeNumberLoad(const LoadPlan& plan) {
  ASSIGN_OR_RETURN(RequestList requests,
                   RequestList::Load(RequestFolder(plan.directory).numbers()));
  v1::ConfirmByInsuredNumberRequest consent;
  consent.set_limit_certificate_consent(
      plan.kind == LoadKind::kNumberConsent ? v1::DECISION_AGREED : v1::DECISION_NOT_ASKED);
  return std::make_unique<NumberLoad>(std::move(requests), consent.SerializeAsString());
}

}  // namespace kakunin::bench
