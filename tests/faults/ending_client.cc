#include <fmt/format.h>

#include "auth/uuid.h"
#include "server/dev/sandbox_paths.h"
#include "server/synth/facility_table.h"
#include "tests/faults/clients.h"

namespace kakunin::faults {

EndingClient::EndingClient(const Surroundings& surroundings, std::vector<std::string> handles,
                           uint64_t seed)
    : Client(surroundings,
             dev::TerminalName(synth::test_facility::kClinic, synth::test_facility::kDesk), seed),
      handles_(std::move(handles)) {}

void EndingClient::Step() {
  const auto stub = v1::ConsentService::NewStub(Connection(&dev::SandboxPorts::terminal));
  v1::RevokeConsentRequest request;
  request.mutable_patient()->set_patient_handle(handles_.at(random()() % handles_.size()));
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  request.add_kinds(v1::CONSENT_KIND_TREATMENT);
  request.set_reason(v1::CONSENT_END_REASON_REVOKED_BY_PATIENT);
  request.set_request_id(auth::RandomUuid());
  v1::RevokeConsentResponse answer;
  Call call = Ask(Act::kRevokeConsent, [&](grpc::ClientContext& context) {
    return stub->RevokeConsent(&context, request, &answer);
  });
  if (call.code == grpc::StatusCode::OK) {
    call.audit_id = answer.audit_id();
    call.ended = true;
  }
  ledger().Add(call);
}

}  // namespace kakunin::faults
