#include "server/lane/record_handler.h"

#include "domain/error.h"
#include "server/lane/lane_requests.h"
#include "server/rpc/convert_records.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// RecordPayload keeps what was decoded until the batch runs.
struct RecordPayload final : LaneCall::Payload {
  RecordInquiry inquiry;
};

template <class Request>
bool Decode(LaneCall& call, const auth::HmacKey& look_up, RecordInquiry& inquiry, Request& request,
            absl::Status (*read)(const Request&, const Call&, const auth::HmacKey&,
                                 RecordInquiry&)) {
  if (!ParseRequest(call, request)) return false;
  const absl::Status status = read(request, call.call(), look_up, inquiry);
  if (!status.ok()) call.Refuse(status);
  return status.ok();
}

void Write(Operation operation, const RecordAnswer& answer, std::string& out) {
  switch (operation) {
    case Operation::kGetDrugHistory:
      return WriteDrugHistory(answer, out);
    case Operation::kGetTreatmentHistory:
      return WriteTreatmentHistory(answer, out);
    case Operation::kGetHealthChecks:
      return WriteHealthChecks(answer, out);
    default:
      return WriteCertificates(answer, out);
  }
}

}  // namespace

RecordHandler::RecordHandler(ReadRecords& usecase, RevocationSource revocations, const Clock& clock,
                             Border border)
    : ConnectedHandler(usecase),
      revocations_(std::move(revocations)),
      clock_(clock),
      border_(std::move(border)) {}

bool RecordHandler::Accept(LaneCall& call) {
  auto payload = std::make_unique<RecordPayload>();
  RecordInquiry& inquiry = payload->inquiry;
  const auth::HmacKey& look_up = border_.lookup_key;
  bool read = false;
  switch (call.call().policy->operation) {
    case Operation::kGetDrugHistory: {
      thread_local v1::GetDrugHistoryRequest request;
      read = Decode(call, look_up, inquiry, request, &ReadDrugHistory);
      break;
    }
    case Operation::kGetTreatmentHistory: {
      thread_local v1::GetTreatmentHistoryRequest request;
      read = Decode(call, look_up, inquiry, request, &ReadTreatmentHistory);
      break;
    }
    case Operation::kGetHealthChecks: {
      thread_local v1::GetHealthChecksRequest request;
      read = Decode(call, look_up, inquiry, request, &ReadHealthChecks);
      break;
    }
    case Operation::kGetCertificates: {
      thread_local v1::GetCertificatesRequest request;
      read = Decode(call, look_up, inquiry, request, &ReadCertificates);
      break;
    }
    default:
      call.Refuse(MakeError(Reason::kInternal));
      return false;
  }
  if (!read) return false;
  inquiry.request_digest = KeyedDigest(border_.audit_key, call.request());
  call.payload = std::move(payload);
  return true;
}

void RecordHandler::Run(std::span<LaneCall* const> batch) {
  std::vector<RecordInquiry> inquiries;
  inquiries.reserve(batch.size());
  for (const LaneCall* call : batch) {
    inquiries.push_back(std::move(static_cast<RecordPayload&>(*call->payload).inquiry));
  }
  const auto revocations = revocations_();
  const std::vector<RecordAnswer> answers = usecase_.Read(
      inquiries, revocations.get(), clock_.Now(), BatchBound(batch, border_.database_bound));
  for (size_t i = 0; i < batch.size(); ++i) {
    if (answers[i].failed_alone && border_.failed_alone) {
      border_.failed_alone(inquiries[i].actor_name);
    }
    if (!answers[i].status.ok()) {
      batch[i]->Refuse(answers[i].status);
      continue;
    }
    std::string octets;
    Write(inquiries[i].operation, answers[i], octets);
    batch[i]->AnswerLarge(std::move(octets));
  }
}

}  // namespace kakunin
