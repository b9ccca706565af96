#include "server/lane/consent_handler.h"

#include "server/lane/lane_requests.h"
#include "server/rpc/convert_consents.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// ConsentPayload keeps what was decoded until the batch runs.
struct ConsentPayload final : LaneCall::Payload {
  ConsentInquiry inquiry;
};

template <class Request>
bool Decode(LaneCall& call, const auth::HmacKey& look_up, ConsentInquiry& inquiry,
            absl::Status (*read)(const Request&, const Call&, const auth::HmacKey&,
                                 ConsentInquiry&)) {
  Request request;
  if (!ParseRequest(call, request)) return false;
  const absl::Status status = read(request, call.call(), look_up, inquiry);
  if (!status.ok()) call.Refuse(status);
  return status.ok();
}

void WriteAnswer(Operation operation, const ConsentAnswer& answer, std::string& out) {
  switch (operation) {
    case Operation::kListConsents:
      return WriteListConsents(answer, out);
    case Operation::kRevokeConsent:
      return WriteRevokeConsent(answer, out);
    case Operation::kCheckConsentEnd:
      return WriteCheckConsentEnd(answer, out);
    default:
      return WriteExplainDecision(answer, out);
  }
}

}  // namespace

ConsentHandler::ConsentHandler(ConsentDesk& desk, RevocationSource revocations, const Clock& clock,
                               Border border)
    : ConnectedHandler(desk),
      revocations_(std::move(revocations)),
      clock_(clock),
      border_(std::move(border)) {}

bool ConsentHandler::Accept(LaneCall& call) {
  auto payload = std::make_unique<ConsentPayload>();
  ConsentInquiry& inquiry = payload->inquiry;
  const auth::HmacKey& look_up = border_.lookup_key;
  bool read = false;
  switch (call.call().policy->operation) {
    case Operation::kListConsents:
      read = Decode(call, look_up, inquiry, &ReadListConsents);
      break;
    case Operation::kRevokeConsent:
      read = Decode(call, look_up, inquiry, &ReadRevokeConsent);
      break;
    case Operation::kCheckConsentEnd:
      read = Decode(call, look_up, inquiry, &ReadCheckConsentEnd);
      break;
    default:
      read = Decode(call, look_up, inquiry, &ReadExplainDecision);
      break;
  }
  if (!read) return false;
  inquiry.request_digest = KeyedDigest(border_.audit_key, call.request());
  call.payload = std::move(payload);
  return true;
}

void ConsentHandler::Run(std::span<LaneCall* const> batch) {
  std::vector<ConsentInquiry> inquiries;
  inquiries.reserve(batch.size());
  for (const LaneCall* call : batch) {
    inquiries.push_back(static_cast<const ConsentPayload&>(*call->payload).inquiry);
  }
  const auto revocations = revocations_();
  const std::vector<ConsentAnswer> answers = usecase_.Answer(
      inquiries, revocations.get(), clock_.Now(), BatchBound(batch, border_.database_bound));
  for (size_t i = 0; i < batch.size(); ++i) {
    if (answers[i].failed_alone && border_.failed_alone) {
      border_.failed_alone(inquiries[i].actor_name);
    }
    if (!answers[i].status.ok()) {
      batch[i]->Refuse(answers[i].status);
      continue;
    }
    buffer_.clear();
    WriteAnswer(inquiries[i].operation, answers[i], buffer_);
    batch[i]->Answer(buffer_);
  }
}

}  // namespace kakunin
