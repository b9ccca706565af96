#include "server/dev/registration.h"

#include <algorithm>
#include <array>

#include "auth/uuid.h"
#include "domain/error.h"
#include "kakunin/v1/application_review_service.grpc.pb.h"
#include "kakunin/v1/operations_service.grpc.pb.h"
#include "server/dev/api_channel.h"
#include "server/synth/record_plan.h"
#include "server/synth/test_persons.h"

namespace kakunin::dev {
namespace {

using Stub = v1::OperationsService::Stub;

// Register asks whether `request` would make something new, and if so makes it. Certificates of a
// sandbox are made once, so what is there is bound to the same one.
template <class Request, class Response, class Method>
absl::Status Register(Stub& stub, Method method, std::string_view name, Request request,
                      RegistrationCounts& counts) {
  Response response;
  for (const bool validate_only : {true, false}) {
    request.set_validate_only(validate_only);
    request.set_request_id(auth::RandomUuid());
    grpc::ClientContext context;
    PrepareCall(context, absl::Seconds(20));
    RETURN_IF_ERROR(StatusOf(name, (stub.*method)(&context, request, &response)));
    if (validate_only && !response.created()) {
      ++counts.kept;
      return absl::OkStatus();
    }
  }
  ++counts.made;
  return absl::OkStatus();
}

absl::Status RegisterFacility(Stub& stub, const synth::Facility& facility,
                              RegistrationCounts& counts) {
  v1::RegisterFacilityRequest request;
  request.mutable_facility()->set_facility_code(facility.code);
  request.mutable_facility()->set_name(facility.name);
  request.mutable_facility()->set_type(facility.type);
  request.mutable_facility()->set_active(true);
  return Register<v1::RegisterFacilityRequest, v1::RegisterFacilityResponse>(
      stub, &Stub::RegisterFacility, "RegisterFacility", std::move(request), counts);
}

absl::Status RegisterTerminal(Stub& stub, const ServiceCertificates& certificates,
                              const synth::Facility& facility, const synth::Terminal& terminal,
                              RegistrationCounts& counts) {
  v1::RegisterTerminalRequest request;
  request.set_facility_code(facility.code);
  request.set_terminal_id(terminal.id);
  request.set_kind(terminal.kind);
  ASSIGN_OR_RETURN(*request.mutable_certificate_pem(),
                   certificates.Terminal(facility.code, terminal.id));
  absl::Status status = Register<v1::RegisterTerminalRequest, v1::RegisterTerminalResponse>(
      stub, &Stub::RegisterTerminal, "RegisterTerminal", std::move(request), counts);
  // Somebody revoked it in an earlier run; that is to stay so.
  if (absl::IsInvalidArgument(status)) {
    ++counts.kept;
    return absl::OkStatus();
  }
  return status;
}

absl::Status RegisterInsurer(Stub& stub, const ServiceCertificates& certificates,
                             const synth::Insurer& insurer, RegistrationCounts& counts) {
  v1::RegisterInsurerRequest request;
  request.set_insurer_number(insurer.number);
  request.set_name(insurer.name);
  ASSIGN_OR_RETURN(*request.mutable_certificate_pem(), certificates.Insurer(insurer.number));
  return Register<v1::RegisterInsurerRequest, v1::RegisterInsurerResponse>(
      stub, &Stub::RegisterInsurer, "RegisterInsurer", std::move(request), counts);
}

absl::Status RegisterReviewer(Stub& stub, const ServiceCertificates& certificates,
                              const synth::Reviewer& reviewer, RegistrationCounts& counts) {
  v1::RegisterReviewerRequest request;
  request.set_reviewer_number(std::string(reviewer.number));
  request.set_name(std::string(reviewer.name));
  ASSIGN_OR_RETURN(*request.mutable_certificate_pem(), certificates.Reviewer(reviewer.number));
  return Register<v1::RegisterReviewerRequest, v1::RegisterReviewerResponse>(
      stub, &Stub::RegisterReviewer, "RegisterReviewer", std::move(request), counts);
}

absl::Status RegisterLinkProvider(Stub& stub, const ServiceCertificates& certificates,
                                  RegistrationCounts& counts) {
  v1::RegisterCardLinkProviderRequest request;
  request.set_provider(std::string(kSandboxLinkProvider));
  request.set_name("地方公共団体情報システム機構");
  ASSIGN_OR_RETURN(*request.mutable_certificate_pem(),
                   certificates.LinkProvider(kSandboxLinkProvider));
  return Register<v1::RegisterCardLinkProviderRequest, v1::RegisterCardLinkProviderResponse>(
      stub, &Stub::RegisterCardLinkProvider, "RegisterCardLinkProvider", std::move(request),
      counts);
}

}  // namespace

absl::StatusOr<RegistrationCounts> RegisterParties(
    const std::shared_ptr<grpc::Channel>& operator_channel, const ServiceCertificates& certificates,
    const std::vector<const synth::Facility*>& facilities,
    const std::vector<const synth::Insurer*>& insurers) {
  const auto stub = v1::OperationsService::NewStub(operator_channel);
  RegistrationCounts counts;
  for (const synth::Facility* facility : facilities) {
    RETURN_IF_ERROR(RegisterFacility(*stub, *facility, counts));
    for (const synth::Terminal& terminal : facility->terminals) {
      RETURN_IF_ERROR(RegisterTerminal(*stub, certificates, *facility, terminal, counts));
    }
  }
  for (const synth::Insurer* insurer : insurers) {
    RETURN_IF_ERROR(RegisterInsurer(*stub, certificates, *insurer, counts));
  }
  for (const synth::Reviewer& reviewer : synth::Reviewers()) {
    RETURN_IF_ERROR(RegisterReviewer(*stub, certificates, reviewer, counts));
  }
  RETURN_IF_ERROR(RegisterLinkProvider(*stub, certificates, counts));
  return counts;
}

absl::Status PublishTestPersons(const std::shared_ptr<grpc::Channel>& operator_channel,
                                absl::CivilDay nation_day) {
  const auto stub = v1::ApplicationReviewService::NewStub(operator_channel);
  for (const synth::TestPerson& person : synth::TestPersons(nation_day)) {
    if (!person.same_person_as.empty()) continue;
    v1::PublishTestPersonRequest request;
    request.set_request_id(auth::RandomUuid());
    request.set_individual_number(person.individual_number);
    v1::PublishTestPersonResponse response;
    grpc::ClientContext context;
    PrepareCall(context, absl::Seconds(20));
    absl::Status status =
        StatusOf("PublishTestPerson", stub->PublishTestPerson(&context, request, &response));
    // Some of them are in no register: that is what they show.
    if (!status.ok() && !absl::IsNotFound(status)) return status;
  }
  return absl::OkStatus();
}

std::vector<const synth::Facility*> TestFacilities() {
  namespace test = synth::test_facility;
  constexpr std::array kCodes = {test::kClinic, test::kOtherClinic, test::kDental, test::kPharmacy,
                                 test::kHomeNursing};
  std::vector<const synth::Facility*> found;
  for (const synth::Facility& facility : synth::Facilities()) {
    if (std::find(kCodes.begin(), kCodes.end(), facility.code) != kCodes.end()) {
      found.push_back(&facility);
    }
  }
  return found;
}

}  // namespace kakunin::dev
