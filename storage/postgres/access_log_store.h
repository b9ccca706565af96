#pragma once

#include <memory>
#include <string>

#include "storage/access_log_store.h"
#include "storage/audit_fence.h"

namespace kakunin {

// MakeAccessLogStore returns the store of one record lane's access lists over PostgreSQL. Nothing
// is connected yet. `application_name` shows up in pg_stat_activity.
std::unique_ptr<AccessLogStore> MakeAccessLogStore(const std::string& conninfo,
                                                   const std::string& role,
                                                   const std::string& application_name,
                                                   AuditFence* fence = nullptr);

}  // namespace kakunin
