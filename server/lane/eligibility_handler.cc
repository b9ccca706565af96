#include "server/lane/eligibility_handler.h"

#include <algorithm>

#include "domain/error.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "server/lane/lane_requests.h"
#include "server/rpc/convert_eligibility.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr auto kConnectBound = std::chrono::milliseconds(50);

// BeginPayload and ConfirmPayload keep what was decoded until the batch runs.
struct BeginPayload final : LaneCall::Payload {
  IssueInquiry inquiry;
};

struct ConfirmPayload final : LaneCall::Payload {
  Inquiry inquiry;
  CardActOctets card;
};

}  // namespace

EligibilityHandler::EligibilityHandler(ConfirmEligibility& usecase, CardTrustSource cards,
                                       const PortHealth& health, const Clock& clock, Border border)
    : usecase_(usecase),
      cards_(std::move(cards)),
      health_(health),
      clock_(clock),
      border_(std::move(border)) {}

bool EligibilityHandler::Accept(LaneCall& call) {
  switch (call.call().policy->operation) {
    case Operation::kBeginCardAuthentication:
      return AcceptBegin(call);
    case Operation::kConfirmByCard:
      return AcceptByCard(call);
    case Operation::kConfirmByInsuredNumber:
      return AcceptByNumber(call);
    case Operation::kHealthCheck:
      if (const auto answer = health_.CheckAnswer(call.request())) {
        call.Answer(*answer);
      } else {
        call.Refuse(MakeError(Reason::kServiceNotFound));
      }
      return false;
    default:
      call.Refuse(MakeError(Reason::kInternal));
      return false;
  }
}

bool EligibilityHandler::AcceptBegin(LaneCall& call) {
  thread_local v1::BeginCardAuthenticationRequest request;
  if (!ParseRequest(call, request)) return false;
  auto payload = std::make_unique<BeginPayload>();
  if (const absl::Status status = ReadBegin(request, call.call(), payload->inquiry); !status.ok()) {
    call.Refuse(status);
    return false;
  }
  payload->inquiry.request_digest = KeyedDigest(border_.audit_key, call.request());
  call.payload = std::move(payload);
  return true;
}

bool EligibilityHandler::AcceptByCard(LaneCall& call) {
  thread_local v1::ConfirmByCardRequest request;
  if (!ParseRequest(call, request)) return false;
  auto payload = std::make_unique<ConfirmPayload>();
  const absl::Status status = ReadByCard(request, call.call(), payload->card, payload->inquiry);
  if (!status.ok()) {
    call.Refuse(status);
    return false;
  }
  payload->inquiry.request_digest = KeyedDigest(border_.audit_key, call.request());
  call.payload = std::move(payload);
  return true;
}

bool EligibilityHandler::AcceptByNumber(LaneCall& call) {
  thread_local v1::ConfirmByInsuredNumberRequest request;
  if (!ParseRequest(call, request)) return false;
  auto payload = std::make_unique<ConfirmPayload>();
  const absl::Status status =
      ReadByNumber(request, call.call(), border_.lookup_key, payload->inquiry);
  if (!status.ok()) {
    call.Refuse(status);
    return false;
  }
  payload->inquiry.request_digest = KeyedDigest(border_.audit_key, call.request());
  call.payload = std::move(payload);
  return true;
}

void EligibilityHandler::RunBatch(std::span<LaneCall* const> batch) {
  if (!Connect()) {
    for (LaneCall* call : batch) call->Refuse(MakeError(Reason::kDatabaseUnavailable));
    return;
  }
  const absl::Time now = clock_.Now();
  std::vector<LaneCall*> begins;
  std::vector<LaneCall*> confirmations;
  for (LaneCall* call : batch) {
    const bool begin = call->call().policy->operation == Operation::kBeginCardAuthentication;
    (begin ? begins : confirmations).push_back(call);
  }
  // One bound for both halves: a database that hangs is waited for once.
  const MonotonicTime deadline = BatchBound(batch, border_.database_bound);
  if (!begins.empty()) RunBegins(begins, now, deadline);
  if (!confirmations.empty()) RunConfirmations(confirmations, now, deadline);
}

void EligibilityHandler::RunBegins(std::span<LaneCall* const> calls, absl::Time now,
                                   MonotonicTime deadline) {
  std::vector<IssueInquiry> inquiries;
  inquiries.reserve(calls.size());
  for (const LaneCall* call : calls) {
    inquiries.push_back(static_cast<const BeginPayload&>(*call->payload).inquiry);
  }
  const std::vector<Issued> issued = usecase_.Issue(inquiries, now, deadline);
  for (size_t i = 0; i < calls.size(); ++i) {
    if (!issued[i].status.ok()) {
      calls[i]->Refuse(issued[i].status);
      continue;
    }
    buffer_.clear();
    WriteBegin(issued[i], buffer_);
    calls[i]->Answer(buffer_);
  }
}

void EligibilityHandler::RunConfirmations(std::span<LaneCall* const> calls, absl::Time now,
                                          MonotonicTime deadline) {
  std::vector<Inquiry> inquiries;
  inquiries.reserve(calls.size());
  for (const LaneCall* call : calls) {
    inquiries.push_back(static_cast<const ConfirmPayload&>(*call->payload).inquiry);
  }
  const std::vector<Confirmed> confirmed = usecase_.Confirm(inquiries, cards_(), now, deadline);
  for (size_t i = 0; i < calls.size(); ++i) {
    if (confirmed[i].failed_alone && border_.failed_alone) {
      border_.failed_alone(inquiries[i].actor_name);
    }
    if (!confirmed[i].status.ok()) {
      calls[i]->Refuse(confirmed[i].status);
      continue;
    }
    buffer_.clear();
    if (std::holds_alternative<CardQuestion>(inquiries[i].question)) {
      const auto& card = static_cast<const ConfirmPayload&>(*calls[i]->payload).card;
      WriteByCard(confirmed[i], card.prescription_form, border_.contact, buffer_);
    } else {
      WriteByNumber(confirmed[i], border_.contact, buffer_);
    }
    calls[i]->Answer(buffer_);
  }
}

void EligibilityHandler::Idle() {
  usecase_.NoticeLoss();
  Connect();
}

bool EligibilityHandler::Connect() {
  const bool connected = usecase_.Connect(steady_clock::now() + kConnectBound);
  connected_.store(connected, std::memory_order_relaxed);
  return connected;
}

}  // namespace kakunin
