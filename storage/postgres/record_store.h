#pragma once

#include <memory>
#include <string>

#include "storage/audit_fence.h"
#include "storage/record_store.h"

namespace kakunin {

// MakeRecordStore returns the store of one record lane over PostgreSQL. Nothing is connected yet.
// `application_name` shows up in pg_stat_activity.
std::unique_ptr<RecordStore> MakeRecordStore(const std::string& conninfo, const std::string& role,
                                             const std::string& application_name,
                                             AuditFence* fence = nullptr);

}  // namespace kakunin
