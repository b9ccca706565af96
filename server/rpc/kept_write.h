#pragma once

#include <string>
#include <utility>

#include "domain/error.h"
#include "server/usecases/administrative_write.h"

namespace kakunin {

// KeptWrite runs one act under its request's id; `fill` (Outcome, Response&) makes the answer that
// is kept beside it, with the id of its audit row. Returns what AdministrativeWrite does.
template <class Response, class Act, class Fill>
absl::Status KeptWrite(Database& database, RequestStore& requests, const WriteCall& write,
                       Response& response, Act&& act, Fill&& fill) {
  ASSIGN_OR_RETURN(const std::string answer,
                   AdministrativeWrite(database, requests, write, std::forward<Act>(act),
                                       [&](const auto& outcome, const AuditId& audit_id) {
                                         Response made;
                                         fill(outcome, made);
                                         made.set_audit_id(AuditIdText(audit_id));
                                         return made.SerializeAsString();
                                       }));
  return response.ParseFromString(answer) ? absl::OkStatus() : MakeError(Reason::kInternal);
}

}  // namespace kakunin
