#include "server/bench/record_workload.h"

#include <random>
#include <string>
#include <vector>

#include "domain/error.h"
#include "google/protobuf/io/coded_stream.h"
#include "kakunin/v1/record_service.pb.h"
#include "server/bench/bench_records.h"
#include "server/bench/request_files.h"

namespace kakunin::bench {
namespace {

// Reading every answer in full would take the CPU that the server is to have: of so many one is.
constexpr size_t kReadInFull = 64;

// CountRecords tells how many messages of field 1 a serialised answer begins with; -1: it is cut.
// They are skipped by their lengths, so that this costs nothing beside their number.
int CountRecords(std::string_view answer) {
  constexpr char kField1 = 1 << 3 | 2;
  int count = 0;
  while (answer.starts_with(kField1)) {
    google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(answer.data()) + 1,
                                              static_cast<int>(answer.size()) - 1);
    uint32_t length = 0;
    if (!in.ReadVarint32(&length)) return -1;
    const size_t end = 1 + static_cast<size_t>(in.CurrentPosition()) + length;
    if (end > answer.size()) return -1;
    answer.remove_prefix(end);
    ++count;
  }
  return count;
}

bool HoldsDrugs(const v1::GetDrugHistoryResponse& answer) {
  int drugs = 0;
  for (const v1::DrugMonth& month : answer.months()) {
    for (const v1::DrugDay& day : month.days()) {
      for (const v1::Drug& drug : day.drugs()) drugs += drug.name().empty() ? 0 : 1;
    }
  }
  return drugs == kDrugMonths * kDrugsAMonth;
}

bool HoldsItems(const v1::GetHealthChecksResponse& answer) {
  int items = 0;
  for (const v1::HealthCheckItem& item : answer.health_checks(0).items()) {
    items += item.value().empty() ? 0 : 1;
  }
  return items == kCheckItems;
}

template <class Asked, class Answered>
class RecordLoad final : public Workload {
 public:
  // `holds` tells whether a whole answer has what everybody's has.
  RecordLoad(std::string method, std::vector<RequestList> by_channel, int records,
             bool (*holds)(const Answered&))
      : method_(std::move(method)),
        by_channel_(std::move(by_channel)),
        records_(records),
        holds_(holds),
        random_(std::random_device{}()) {}

  static absl::StatusOr<std::unique_ptr<Workload>> Make(std::string method, const LoadPlan& plan,
                                                        int records,
                                                        bool (*holds)(const Answered&)) {
    std::vector<RequestList> by_channel;
    for (int channel = 0; channel < plan.channels; ++channel) {
      ASSIGN_OR_RETURN(
          const RequestList patients,
          RequestList::Load(RequestFolder(plan.directory).patients(static_cast<size_t>(channel))));
      RequestList& requests = by_channel.emplace_back();
      for (size_t i = 0; i < patients.size(); ++i) {
        Asked request;
        request.mutable_patient()->ParseFromArray(patients[i].data(),
                                                  static_cast<int>(patients[i].size()));
        request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
        requests.Add(request.SerializeAsString());
      }
    }
    return std::make_unique<RecordLoad>(std::move(method), std::move(by_channel), records, holds);
  }

  const std::string& method() const override { return method_; }
  const char* role() const override { return "DOCTOR"; }

  std::optional<Request> Next(size_t channel) override {
    const RequestList& requests = by_channel_[channel];
    const size_t i = std::uniform_int_distribution<size_t>(0, requests.size() - 1)(random_);
    return Request{requests[i], i};
  }

  bool IsRight(size_t, std::string_view answer) override {
    if (CountRecords(answer) != records_) return false;
    if (++judged_ % kReadInFull != 0) return true;
    return answer_.ParseFromArray(answer.data(), static_cast<int>(answer.size())) &&
           answer_.next_page_token().empty() && !answer_.audit_id().empty() &&
           answer_.has_consent_end_time() && holds_(answer_);
  }

 private:
  const std::string method_;
  const std::vector<RequestList> by_channel_;
  const int records_;
  bool (*const holds_)(const Answered&);
  std::mt19937_64 random_;
  size_t judged_ = 0;
  Answered answer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Workload>> MakeRecordLoad(const LoadPlan& plan) {
  if (plan.kind == LoadKind::kDrugs) {
    return RecordLoad<v1::GetDrugHistoryRequest, v1::GetDrugHistoryResponse>::Make(
        "/kakunin.v1.RecordService/GetDrugHistory", plan, kDrugMonths, &HoldsDrugs);
  }
  return RecordLoad<v1::GetHealthChecksRequest, v1::GetHealthChecksResponse>::Make(
      "/kakunin.v1.RecordService/GetHealthChecks", plan, 1, &HoldsItems);
}

}  // namespace kakunin::bench
