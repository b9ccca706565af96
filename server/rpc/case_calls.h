#pragma once

#include "auth/digest.h"
#include "kakunin/v1/operations_service.pb.h"
#include "server/rpc/dispatch.h"
#include "storage/database.h"
#include "storage/identity_case_store.h"

namespace kakunin {

// CaseCalls are the calls of OperationsService about cases of mistaken identity. Thread-safe.
class CaseCalls {
 public:
  // The references outlive the calls; `database` is of the operator role.
  CaseCalls(Database& database, IdentityCaseStore& cases, const auth::HmacKey& audit_key)
      : database_(database), cases_(cases), audit_key_(audit_key) {}

  absl::Status List(const Call& call, const v1::OperationsServiceListIdentityCasesRequest& request,
                    v1::OperationsServiceListIdentityCasesResponse& response) const;

 private:
  Database& database_;
  IdentityCaseStore& cases_;
  const auth::HmacKey& audit_key_;
};

}  // namespace kakunin
