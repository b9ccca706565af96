#include "server/rpc/delivery_service.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "auth/uuid.h"
#include "domain/civil_day.h"
#include "kakunin/v1/delivery_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/fields.h"
#include "server/rpc/write_call.h"
#include "server/usecases/feed_row.h"

namespace kakunin {
namespace {

constexpr char kGetDeliveryStatus[] = "/kakunin.v1.DeliveryService/GetDeliveryStatus";
constexpr char kListHiddenCoverages[] = "/kakunin.v1.DeliveryService/ListHiddenCoverages";

constexpr int kDefaultPageSize = 100;
constexpr int kMostPageSize = 1000;
constexpr int kLagDays = 90;

void SetMessage(std::string_view reason, std::string& message) {
  message = MessageOfFinding(reason);
}

// Facilities hear of insurers alone.
void SetProgress(const DeliveryStatus& status, bool is_insurer, absl::Time now, int tolerated_days,
                 v1::GetDeliveryStatusResponse& response) {
  std::optional<absl::Time> through;
  for (const KindProgress& progress : status.progress) {
    v1::DeliveredKind& delivered = *response.add_delivered();
    delivered.set_kind(static_cast<v1::FeedKind>(progress.kind));
    if (!progress.through) continue;
    *delivered.mutable_delivered_through_time() = TimeToProto(*progress.through);
    if (progress.kind == FeedKind::kCoverages) through = progress.through;
  }
  if (!is_insurer) return;
  if (through) response.set_days_since_delivery(CivilDayAt(now) - CivilDayAt(*through));
  response.set_facilities_are_told(DelayOf(through, now, tolerated_days).has_value());
  response.set_told_from_days(tolerated_days + 1);
}

void SetStatus(const DeliveryStatus& status, v1::GetDeliveryStatusResponse& response) {
  for (size_t i = 0; i < kLagBounds.size(); ++i) {
    v1::LagClass& lag = *response.add_lags();
    lag.set_from_days(kLagBounds[i]);
    lag.set_begun_rows(status.begun[i]);
    lag.set_ended_rows(status.ended[i]);
  }
  response.set_lag_days(kLagDays);
  for (const auto& [reason, rows] : status.hidden) {
    v1::HiddenCount& hidden = *response.add_hidden();
    hidden.set_reason(reason);
    hidden.set_rows(rows);
    SetMessage(reason, *hidden.mutable_message());
  }
  if (!status.waiting) return;
  v1::WaitingFeed& waiting = *response.mutable_waiting();
  waiting.set_feed_id(auth::UuidText(status.waiting->id.octets));
  waiting.set_kind(static_cast<v1::FeedKind>(status.waiting->kind));
  waiting.set_feed_number(status.waiting->feed_number);
  waiting.set_state(static_cast<v1::FeedState>(status.waiting->state));
  *waiting.mutable_begin_time() = TimeToProto(status.waiting->began);
}

class DeliveryService final : public v1::DeliveryService::Service {
 public:
  explicit DeliveryService(const DeliveryBackend& backend) : backend_(backend) {}

  grpc::Status GetDeliveryStatus(grpc::ServerContext* context,
                                 const v1::GetDeliveryStatusRequest* request,
                                 v1::GetDeliveryStatusResponse* response) override {
    return backend_.dispatch.Serve(context, kGetDeliveryStatus, [&](const Call& call) {
      return Get(call, *request, *response);
    });
  }

  grpc::Status ListHiddenCoverages(grpc::ServerContext* context,
                                   const v1::ListHiddenCoveragesRequest* request,
                                   v1::ListHiddenCoveragesResponse* response) override {
    return backend_.dispatch.Serve(context, kListHiddenCoverages, [&](const Call& call) {
      return List(call, *request, *response);
    });
  }

 private:
  absl::Status Get(const Call& call, const v1::GetDeliveryStatusRequest& request,
                   v1::GetDeliveryStatusResponse& response) {
    const WriteCall write = WriteCallOf(call, backend_.audit_key, request);
    return AuditedWrite(backend_.database, write,
                        [&](Transaction& tx, AuditRecord&) -> absl::Status {
                          ASSIGN_OR_RETURN(
                              const DeliveryStatus status,
                              backend_.deliveries.Status(tx, call.actor_name,
                                                         write.at - absl::Hours(24 * kLagDays)));
                          response.Clear();
                          SetProgress(status, KindOf(call.actor) == ActorKind::kInsurer, write.at,
                                      backend_.tolerated_days, response);
                          SetStatus(status, response);
                          return absl::OkStatus();
                        })
        .status();
  }

  absl::Status List(const Call& call, const v1::ListHiddenCoveragesRequest& request,
                    v1::ListHiddenCoveragesResponse& response) {
    FieldErrors errors;
    if (request.page_size() < 0) errors.Add("page_size", kFieldMalformed);
    OptionalLine(errors, "page_token", request.page_token(), kMostReferenceCharacters);
    RETURN_IF_ERROR(errors.ToStatus());
    const int page_size =
        request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMostPageSize);
    std::vector<HiddenRow> rows;
    const auto audit_id = AuditedWrite(
        backend_.database, WriteCallOf(call, backend_.audit_key, request),
        [&](Transaction& tx, AuditRecord&) -> absl::Status {
          ASSIGN_OR_RETURN(rows, backend_.deliveries.HiddenRows(
                                     tx, call.actor_name, request.page_token(), page_size + 1));
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(audit_id.status());
    if (static_cast<int>(rows.size()) > page_size) {
      rows.resize(static_cast<size_t>(page_size));
      response.set_next_page_token(rows.back().reference);
    }
    for (const HiddenRow& row : rows) {
      v1::HiddenCoverage& told = *response.add_coverages();
      told.set_coverage_reference(row.reference);
      told.set_reason(row.reason);
      SetMessage(row.reason, *told.mutable_message());
      *told.mutable_hide_time() = TimeToProto(row.hidden_since);
      told.set_feed_id(auth::UuidText(row.feed.octets));
    }
    return absl::OkStatus();
  }

  const DeliveryBackend backend_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDeliveryService(const DeliveryBackend& backend) {
  return std::make_unique<DeliveryService>(backend);
}

}  // namespace kakunin
