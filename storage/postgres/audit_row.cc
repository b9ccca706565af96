#include "storage/postgres/audit_row.h"

#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kInsert[] =
    "INSERT INTO kakunin.audit_event (stream, number, at, operation, actor_kind, actor,"
    " facility_user, role, role_evidence, form_of_care, situation, code, reason, validity, person,"
    " asked_day, details, request_id, request_digest, answer_digest, key_id, previous_hash, hash)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,"
    " $20, $21, $22, $23)";

const char* OrNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

}  // namespace

const char kAuditColumns[] =
    "stream, number, at, operation, actor_kind, actor, facility_user, role, role_evidence,"
    " form_of_care, situation, code, reason, validity, person, asked_day, details, request_id,"
    " request_digest, answer_digest, key_id, previous_hash, hash";

void InsertAuditRow(pqxx::transaction_base& work, const AuditRecord& record) {
  const std::string person = record.person ? UuidText(*record.person) : std::string();
  const std::string day = record.asked_day ? DayText(*record.asked_day) : std::string();
  work.exec_params(kInsert, UuidText(record.id.stream), record.id.number, InstantText(record.at),
                   record.operation, static_cast<int>(record.actor_kind), record.actor, record.user,
                   record.role, record.role_evidence, record.form_of_care, record.situation,
                   record.code, record.reason, record.validity, OrNull(person), OrNull(day),
                   record.details, UuidText(record.request_id), UuidText(record.request_digest),
                   UuidText(record.answer_digest), record.key_id, ByteaText(record.previous_hash),
                   ByteaText(record.hash));
}

AuditRecord AuditRecordFrom(const pqxx::row& row) {
  AuditRecord record;
  record.id = {UuidFromText<StreamId>(row[0].c_str()), row[1].as<int64_t>()};
  record.at = InstantFromText(row[2].c_str());
  record.operation = row[3].as<int>();
  record.actor_kind = static_cast<ActorKind>(row[4].as<int>());
  record.actor = row[5].c_str();
  record.user = row[6].c_str();
  record.role = row[7].as<int>();
  record.role_evidence = row[8].as<int>();
  record.form_of_care = row[9].as<int>();
  record.situation = row[10].as<int>();
  record.code = row[11].as<int>();
  record.reason = row[12].c_str();
  record.validity = row[13].as<int>();
  if (!row[14].is_null()) record.person = UuidFromText<PersonPseudonym>(row[14].c_str());
  if (!row[15].is_null()) record.asked_day = DayFromText(row[15].c_str());
  record.details = row[16].c_str();
  record.request_id = UuidFromText<RequestId>(row[17].c_str());
  record.request_digest = UuidFromText<PersonPseudonym>(row[18].c_str());
  record.answer_digest = UuidFromText<PersonPseudonym>(row[19].c_str());
  record.key_id = row[20].c_str();
  record.previous_hash = DigestFromText<32>(row[21].c_str());
  record.hash = DigestFromText<32>(row[22].c_str());
  return record;
}

}  // namespace kakunin
