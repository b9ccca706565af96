#include "server/lane/access_log_handler.h"

#include "server/lane/lane_requests.h"
#include "server/rpc/convert_accesses.h"
#include "server/rpc/patient_fields.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// FacilityPayload and PatientPayload keep what was decoded until the batch runs.
struct FacilityPayload final : LaneCall::Payload {
  FacilityListing listing;
};
struct PatientPayload final : LaneCall::Payload {
  PatientOctets octets;
  PatientListing listing;
};

}  // namespace

AccessLogHandler::AccessLogHandler(ListAccesses& usecase, CardTrustSource cards, const Clock& clock,
                                   Border border)
    : ConnectedHandler(usecase),
      cards_(std::move(cards)),
      clock_(clock),
      border_(std::move(border)) {}

bool AccessLogHandler::Accept(LaneCall& call) {
  return call.call().policy->operation == Operation::kListFacilityAccess ? AcceptFacility(call)
                                                                         : AcceptPatient(call);
}

bool AccessLogHandler::AcceptFacility(LaneCall& call) {
  v1::ListFacilityAccessRequest request;
  if (!ParseRequest(call, request)) return false;
  auto payload = std::make_unique<FacilityPayload>();
  const absl::Status status =
      ReadFacilityAccess(request, call.call(), border_.audit_key, payload->listing);
  if (!status.ok()) {
    call.Refuse(status);
    return false;
  }
  payload->listing.listing.record.request_digest = KeyedDigest(border_.audit_key, call.request());
  call.payload = std::move(payload);
  return true;
}

bool AccessLogHandler::AcceptPatient(LaneCall& call) {
  v1::ListPatientAccessRequest request;
  if (!ParseRequest(call, request)) return false;
  auto payload = std::make_unique<PatientPayload>();
  const absl::Status status =
      ReadPatientAccess(request, call.call(), border_.audit_key, border_.handle_key,
                        payload->octets, payload->listing);
  if (!status.ok()) {
    call.Refuse(status);
    return false;
  }
  payload->listing.listing.record.request_digest = KeyedDigest(border_.audit_key, call.request());
  call.payload = std::move(payload);
  return true;
}

void AccessLogHandler::Run(std::span<LaneCall* const> batch) {
  const CardTrust cards = cards_();
  const MonotonicTime deadline = BatchBound(batch, border_.database_bound);
  for (LaneCall* call : batch) Answer(*call, cards, deadline);
}

void AccessLogHandler::Answer(LaneCall& call, const CardTrust& cards, MonotonicTime deadline) {
  std::string answer;
  const auto end = [&](const ListedAccesses& listed, const AccessListing& listing) {
    if (listed.failed_alone && border_.failed_alone) border_.failed_alone(listing.record.actor);
    listed.status.ok() ? call.Answer(answer) : call.Refuse(listed.status);
  };
  if (call.call().policy->operation == Operation::kListFacilityAccess) {
    FacilityListing& listing = static_cast<FacilityPayload&>(*call.payload).listing;
    listing.listing.record.at = clock_.Now();
    const ListedAccesses listed = usecase_.OfFacility(listing, deadline);
    if (listed.status.ok()) {
      WriteFacilityAccess(listed, listing.facility_code, border_.handle_key, answer);
    }
    return end(listed, listing.listing);
  }
  auto& payload = static_cast<PatientPayload&>(*call.payload);
  payload.listing.listing.record.at = clock_.Now();
  const ListedAccesses listed = usecase_.OfPatient(payload.listing, cards, deadline);
  if (listed.status.ok()) {
    WritePatientAccess(listed, TerminalOf(call.call()), payload.octets.pages_end,
                       border_.handle_key, answer);
  }
  end(listed, payload.listing.listing);
}

}  // namespace kakunin
