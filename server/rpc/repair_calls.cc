#include "server/rpc/repair_calls.h"

#include <vector>

#include "domain/civil_day.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/convert_repair.h"
#include "server/rpc/kept_write.h"
#include "server/rpc/write_call.h"

namespace kakunin {
namespace {

constexpr int kMostListed = 1000;
constexpr int kListed = 100;

}  // namespace

absl::Status RepairCalls::Propose(const Call& call, const v1::ProposePersonRepairRequest& request,
                                  v1::ProposePersonRepairResponse& response) const {
  FieldErrors errors;
  const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
  RequiredLine(errors, "proposed_by", request.proposed_by(), kMostReleaserCharacters);
  const auto wish =
      ReadRepairWish(errors, request, backend_.individual_number_key, CivilDayAt(call.at));
  RETURN_IF_ERROR(errors.ToStatus());
  return KeptWrite(
      backend_.database, backend_.requests,
      WriteCallOf(call, backend_.stores.audit_key, request, *id, request.validate_only()), response,
      [&](Transaction& tx, AuditRecord& record) {
        return ProposeRepair(tx, record, backend_.stores, *wish, request.proposed_by(),
                             request.validate_only());
      },
      [&](const RepairTold& told, v1::ProposePersonRepairResponse& answer) {
        SetRepairTold(told, answer);
        // What was only looked at has no id to come back to.
        if (request.validate_only()) answer.mutable_repair()->clear_repair_id();
      });
}

absl::Status RepairCalls::Approve(const Call& call, const v1::ApprovePersonRepairRequest& request,
                                  v1::ApprovePersonRepairResponse& response) const {
  FieldErrors errors;
  const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
  const auto repair = RequiredUuid<RepairId>(errors, "repair_id", request.repair_id());
  RequiredLine(errors, "approved_by", request.approved_by(), kMostReleaserCharacters);
  RETURN_IF_ERROR(errors.ToStatus());
  return KeptWrite(
      backend_.database, backend_.requests,
      WriteCallOf(call, backend_.stores.audit_key, request, *id, request.validate_only()), response,
      [&](Transaction& tx, AuditRecord& record) {
        return ApproveRepair(tx, record, backend_.stores, *repair, request.approved_by(),
                             request.validate_only());
      },
      [](const RepairTold& told, v1::ApprovePersonRepairResponse& answer) {
        SetRepairTold(told, answer);
        answer.set_exposures(told.exposures);
      });
}

absl::Status RepairCalls::Withdraw(const Call& call, const v1::WithdrawPersonRepairRequest& request,
                                   v1::WithdrawPersonRepairResponse& response) const {
  FieldErrors errors;
  const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
  const auto repair = RequiredUuid<RepairId>(errors, "repair_id", request.repair_id());
  RequiredLine(errors, "withdrawn_by", request.withdrawn_by(), kMostReleaserCharacters);
  RETURN_IF_ERROR(errors.ToStatus());
  return KeptWrite(
      backend_.database, backend_.requests,
      WriteCallOf(call, backend_.stores.audit_key, request, *id, request.validate_only()), response,
      [&](Transaction& tx, AuditRecord& record) {
        return WithdrawRepair(tx, record, backend_.stores, *repair, request.withdrawn_by(),
                              request.validate_only());
      },
      [](const RepairTold& told, v1::WithdrawPersonRepairResponse& answer) {
        SetRepair(told.repair, *answer.mutable_repair());
      });
}

absl::Status RepairCalls::List(const Call& call, const v1::ListPersonRepairsRequest& request,
                               v1::ListPersonRepairsResponse& response) const {
  FieldErrors errors;
  if (request.page_size() < 0 || request.page_size() > kMostListed) {
    errors.Add("page_size", kFieldMalformed);
  }
  RETURN_IF_ERROR(errors.ToStatus());
  const int limit = request.page_size() == 0 ? kListed : request.page_size();
  std::vector<PersonRepair> repairs;
  RETURN_IF_ERROR(
      AuditedWrite(backend_.database, WriteCallOf(call, backend_.stores.audit_key, request),
                   [&](Transaction& tx, AuditRecord& record) -> absl::Status {
                     ASSIGN_OR_RETURN(
                         repairs, backend_.stores.repairs.List(tx, request.waiting_only(), limit));
                     AddDetail(record, "repairs", static_cast<int64_t>(repairs.size()));
                     return absl::OkStatus();
                   })
          .status());
  for (const PersonRepair& repair : repairs) SetRepair(repair, *response.add_repairs());
  return absl::OkStatus();
}

absl::Status RepairCalls::Get(const Call& call, const v1::GetPersonRepairRequest& request,
                              v1::GetPersonRepairResponse& response) const {
  FieldErrors errors;
  const auto id = RequiredUuid<RepairId>(errors, "repair_id", request.repair_id());
  RETURN_IF_ERROR(errors.ToStatus());
  RepairTold told;
  RETURN_IF_ERROR(
      AuditedWrite(backend_.database, WriteCallOf(call, backend_.stores.audit_key, request),
                   [&](Transaction& tx, AuditRecord& record) -> absl::Status {
                     ASSIGN_OR_RETURN(told, ShowRepair(tx, record, backend_.stores, *id));
                     return absl::OkStatus();
                   })
          .status());
  SetRepairTold(told, response);
  response.set_exposures(told.exposures);
  return absl::OkStatus();
}

}  // namespace kakunin
