#pragma once

#include "kakunin/v1/operations_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/repair_persons.h"

namespace kakunin {

// RepairBackend is what the calls about repairs stand on; the references outlive the calls.
struct RepairBackend {
  Database& database;  // of the operator role
  RequestStore& requests;
  const auth::HmacKey& individual_number_key;
  RepairStores stores;
};

// RepairCalls are the calls of OperationsService about who is who. Thread-safe.
class RepairCalls {
 public:
  explicit RepairCalls(const RepairBackend& backend) : backend_(backend) {}

  absl::Status Propose(const Call& call, const v1::ProposePersonRepairRequest& request,
                       v1::ProposePersonRepairResponse& response) const;
  absl::Status Approve(const Call& call, const v1::ApprovePersonRepairRequest& request,
                       v1::ApprovePersonRepairResponse& response) const;
  absl::Status Withdraw(const Call& call, const v1::WithdrawPersonRepairRequest& request,
                        v1::WithdrawPersonRepairResponse& response) const;
  absl::Status List(const Call& call, const v1::ListPersonRepairsRequest& request,
                    v1::ListPersonRepairsResponse& response) const;
  absl::Status Get(const Call& call, const v1::GetPersonRepairRequest& request,
                   v1::GetPersonRepairResponse& response) const;

 private:
  const RepairBackend backend_;
};

}  // namespace kakunin
