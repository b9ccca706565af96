#include "server/rpc/case_calls.h"

#include <string>
#include <vector>

#include "auth/encoding.h"
#include "domain/error.h"
#include "domain/text/insurer_number.h"
#include "server/rpc/convert_identity_case.h"
#include "server/rpc/identity_case_page.h"
#include "server/rpc/write_call.h"

namespace kakunin {
namespace {

void SetCase(const IdentityCase& told, v1::CaseOfInsurer& out) {
  if (told.row) out.set_insurer_number(told.row->insurer_number);
  SetIdentityCase(told, *out.mutable_identity_case());
  out.set_persons(static_cast<int>(told.persons.size()));
}

}  // namespace

absl::Status CaseCalls::List(const Call& call,
                             const v1::OperationsServiceListIdentityCasesRequest& request,
                             v1::OperationsServiceListIdentityCasesResponse& response) const {
  FieldErrors errors;
  CasePage page{.wanted = {.insurer_number = request.insurer_number(),
                           .open_only = !request.include_ended()}};
  if (!request.insurer_number().empty()) {
    RequiredDigits(errors, "insurer_number", request.insurer_number(), InsurerNumber::kLength);
  }
  if (request.least_days_old() < 0) errors.Add("least_days_old", kFieldMalformed);
  ReadCasePage(errors, request.page_size(), request.page_token(), page);
  std::optional<CaseId> one;
  if (!request.case_id().empty()) one = RequiredUuid<CaseId>(errors, "case_id", request.case_id());
  RETURN_IF_ERROR(errors.ToStatus());

  std::vector<IdentityCase> cases;
  std::string next;
  const auto list = [&](Transaction& tx, AuditRecord& record) -> absl::Status {
    if (one) {
      AddDetail(record, "case", auth::HexEncode(one->octets));
      ASSIGN_OR_RETURN(auto found, cases_.Find(tx, *one, /*lock=*/false));
      if (!found) return MakeError(Reason::kCaseNotFound);
      cases = {*std::move(found)};
      return absl::OkStatus();
    }
    if (request.least_days_old() > 0) {
      page.wanted.opened_through = record.at - absl::Hours(24) * request.least_days_old();
    }
    ASSIGN_OR_RETURN(next, ReadCases(tx, cases_, page, cases));
    AddDetail(record, "cases", static_cast<int64_t>(cases.size()));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(AuditedWrite(database_, WriteCallOf(call, audit_key_, request), list).status());
  for (const IdentityCase& told : cases) SetCase(told, *response.add_cases());
  response.set_next_page_token(next);
  return absl::OkStatus();
}

}  // namespace kakunin
