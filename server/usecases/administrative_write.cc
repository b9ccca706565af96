#include "server/usecases/administrative_write.h"

#include <algorithm>

#include "server/usecases/refusal.h"

namespace kakunin {
namespace {

absl::Status AuditRefusal(Database& database, const WriteCall& call, const absl::Status& refusal) {
  return database.Write(call.deadline, [&](Transaction& tx) -> absl::Status {
    AuditRecord record = AuditRecordOf(call);
    AddRefusal(refusal, record);
    return tx.AppendAudit(std::move(record)).status();
  });
}

}  // namespace

AuditRecord AuditRecordOf(const WriteCall& call) {
  AuditRecord record;
  record.at = call.at;
  record.operation = static_cast<int>(call.operation);
  record.actor_kind = call.actor_kind;
  record.actor = call.actor;
  record.request_id = call.request_id;
  // The audit keeps half of the keyed digest: 128 bits name a request well enough.
  std::copy_n(call.body_digest.begin(), record.request_digest.octets.size(),
              record.request_digest.octets.begin());
  record.key_id = call.key_id;
  return record;
}

void AddDetail(AuditRecord& record, std::string_view key, std::string_view value) {
  if (!record.details.empty()) record.details += ';';
  record.details.append(key).append("=").append(value);
}

void AddDetail(AuditRecord& record, std::string_view key, int64_t value) {
  AddDetail(record, key, std::to_string(value));
}

absl::StatusOr<AuditId> AuditedWrite(
    Database& database, const WriteCall& call,
    const std::function<absl::Status(Transaction&, AuditRecord&)>& act,
    const std::function<absl::Status(Transaction&, const AuditId&)>& after) {
  AuditId id;
  const absl::Status status = database.Write(call.deadline, [&](Transaction& tx) -> absl::Status {
    AuditRecord record = AuditRecordOf(call);
    RETURN_IF_ERROR(act(tx, record));
    ASSIGN_OR_RETURN(id, tx.AppendAudit(std::move(record)));
    return after ? after(tx, id) : absl::OkStatus();
  });
  if (status.ok()) return id;
  if (IsOurRefusal(status)) RETURN_IF_ERROR(AuditRefusal(database, call, status));
  return status;
}

}  // namespace kakunin
