#pragma once

#include <pqxx/result>
#include <pqxx/transaction_base>
#include <string>

#include "domain/audit_record.h"

namespace kakunin {

// kAuditColumns is the list that AuditRecordFrom reads.
extern const char kAuditColumns[];

// InsertAuditRow inserts one linked record. Throws what libpqxx throws.
void InsertAuditRow(pqxx::transaction_base& work, const AuditRecord& record);

// AuditRecordFrom reads a row of kAuditColumns.
AuditRecord AuditRecordFrom(const pqxx::row& row);

}  // namespace kakunin
