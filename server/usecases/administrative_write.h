#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/access_policy.h"
#include "domain/actor.h"
#include "domain/audit_record.h"
#include "domain/error.h"
#include "storage/database.h"
#include "storage/registry_store.h"

namespace kakunin {

// WriteCall is what idempotency and audit know of one call that is not a confirmation.
struct WriteCall {
  Operation operation = Operation::kRegisterFacility;
  ActorKind actor_kind = ActorKind::kOperator;
  std::string actor;  // as the audit names it
  RequestId request_id;
  Digest32 body_digest{};  // keyed: a body may hold an individual number
  std::string key_id;      // of the key behind `body_digest`
  absl::Time at;
  MonotonicTime deadline;
  bool validate_only = false;
};

// AuditRecordOf is the audit row of `call` before its outcome is known.
AuditRecord AuditRecordOf(const WriteCall& call);

// AddDetail appends one "key=value" to the details of an audit row; never a person's data.
void AddDetail(AuditRecord& record, std::string_view key, std::string_view value);
void AddDetail(AuditRecord& record, std::string_view key, int64_t value);

// AuditedWrite runs `act` and writes its audit row in one transaction. `act` may add details to the
// row and, as Database::Write says, may run again. A refusal of ours (anything but a failure of the
// store) rolls the act back and leaves an audit row of its own; when even that cannot be written
// the store's error is returned, since nothing may be told that is not audited.
absl::StatusOr<AuditId> AuditedWrite(
    Database& database, const WriteCall& call,
    const std::function<absl::Status(Transaction&, AuditRecord&)>& act,
    const std::function<absl::Status(Transaction&, const AuditId&)>& after = nullptr);

// AdministrativeWrite makes an act idempotent under the caller's request id: `act` (Transaction&,
// AuditRecord&) -> StatusOr<Outcome> runs once, and `encode` (Outcome, AuditId) -> string makes the
// answer that is kept 48 h beside it and returned to every repetition. With validate_only the act
// must change nothing itself, and nothing is kept but the audit row. Returns the answer's octets,
// REQUEST_ID_REUSED when the id stands for another body, the act's own error, or a StoreError.
template <class Act, class Encode>
absl::StatusOr<std::string> AdministrativeWrite(Database& database, RequestStore& requests,
                                                const WriteCall& call, Act&& act, Encode&& encode) {
  using Outcome = typename std::invoke_result_t<Act, Transaction&, AuditRecord&>::value_type;
  std::string answer;
  bool repeated = false;
  Outcome outcome{};
  const auto id = AuditedWrite(
      database, call,
      [&](Transaction& tx, AuditRecord& record) -> absl::Status {
        repeated = false;
        if (call.validate_only) {
          AddDetail(record, "validate_only", 1);
        } else {
          ASSIGN_OR_RETURN(
              const auto earlier,
              requests.Find(tx, call.actor, static_cast<int>(call.operation), call.request_id));
          if (earlier) {
            if (earlier->body_digest != call.body_digest) {
              return MakeError(Reason::kRequestIdReused);
            }
            repeated = true;
            answer = earlier->response;
            AddDetail(record, "repeat", 1);
            return absl::OkStatus();
          }
        }
        ASSIGN_OR_RETURN(outcome, act(tx, record));
        return absl::OkStatus();
      },
      [&](Transaction& tx, const AuditId& audit_id) -> absl::Status {
        if (repeated) return absl::OkStatus();
        answer = encode(outcome, audit_id);
        if (call.validate_only) return absl::OkStatus();
        return requests.Put(tx, call.actor, static_cast<int>(call.operation), call.request_id,
                            {call.body_digest, answer}, call.at);
      });
  if (!id.ok()) return id.status();
  return answer;
}

}  // namespace kakunin
