#pragma once

#include <memory>
#include <string>

#include "storage/audit_fence.h"
#include "storage/bulk_store.h"

namespace kakunin {

// MakeBulkLaneStore makes the store of a lane that runs lists on PostgreSQL, not yet connected; as
// MakeConfirmationStore does.
std::unique_ptr<BulkLaneStore> MakeBulkLaneStore(const std::string& conninfo,
                                                 const std::string& role,
                                                 const std::string& application_name,
                                                 AuditFence* fence = nullptr);

}  // namespace kakunin
