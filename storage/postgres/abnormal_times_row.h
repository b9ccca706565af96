#pragma once

#include <pqxx/row>

#include "storage/registry_store.h"

namespace kakunin {

// kPolicyColumns are the columns of abnormal_times_policy that PolicyFrom reads, in its order.
inline constexpr char kPolicyColumns[] =
    "policy_id, situation, order_number, order_day, municipalities, facilities, from_at, to_at,"
    " kinds, rehearsal, extends, note, proposed_by, proposed_body, proposed_at, approved_by,"
    " approved_body, approved_at, ended_by, ended_at, signature";

SignedPolicy PolicyFrom(const pqxx::row& row);

}  // namespace kakunin
