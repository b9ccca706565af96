#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/confirmation_store.h"
#include "storage/postgres/binary_array.h"
#include "storage/postgres/lane_connection.h"

namespace kakunin {

// kConsumeChallenges marks challenges as used: $1 ids, $2 requests, $3 digests, $4 terminals, $5
// the instant. It waits for a rival's commit and then looks at the condition again, so that one use
// wins.
inline constexpr char kConsumeChallenges[] =
    "UPDATE challenge c SET consumed_at = $5::timestamptz, used_by_request = u.request,"
    " used_by_digest = u.digest, used_by_terminal = u.terminal "
    "FROM (SELECT unnest($1::uuid[]) AS id, unnest($2::uuid[]) AS request,"
    "    unnest($3::uuid[]) AS digest, unnest($4::text[]) AS terminal,"
    "    generate_subscripts($1::uuid[], 1) AS o) u "
    "WHERE c.challenge_id = u.id AND c.consumed_at IS NULL "
    "RETURNING u.o::int8, c.facility_code, c.terminal_id, c.purpose, c.form_of_care,"
    " c.expires_at";

// kConsumedChallenges tells who had used challenges ($1).
inline constexpr char kConsumedChallenges[] =
    "SELECT u.o::int8, c.facility_code, c.terminal_id, c.purpose, c.form_of_care, c.expires_at,"
    " c.used_by_request, c.used_by_digest, c.used_by_terminal, c.consumed_at "
    "FROM (SELECT unnest($1::uuid[]) AS id, generate_subscripts($1::uuid[], 1) AS o) u "
    "JOIN challenge c ON c.challenge_id = u.id WHERE c.consumed_at IS NOT NULL";

inline constexpr size_t kChallengeUseArrays = 4;

// LaneConsumeChallenges runs the two, prepared as `consume` and `consumed`; see
// ConfirmationStore::ConsumeChallenges. `arrays` are buffers of the caller, kChallengeUseArrays.
absl::StatusOr<std::vector<ChallengeOutcome>> LaneConsumeChallenges(
    LaneConnection& connection, const LaneStatement& consume, const LaneStatement& consumed,
    std::span<const ChallengeUse> uses, absl::Time now, std::span<BinaryArray> arrays,
    MonotonicTime deadline);

}  // namespace kakunin
