#include "storage/postgres/lane_challenges.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "storage/postgres/audit_columns.h"

namespace kakunin {
namespace {

using enum ElementType;

Challenge ChallengeIn(const LaneResult& found, int row, const ChallengeId& id) {
  return {.id = id,
          .facility_code = std::string(found.Cell(row, 1)),
          .terminal_id = std::string(found.Cell(row, 2)),
          .purpose = Int2From(found.Cell(row, 3)),
          .form_of_care = static_cast<FormOfCare>(Int2From(found.Cell(row, 4))),
          .expires = InstantFrom(found.Cell(row, 5))};
}

}  // namespace

absl::StatusOr<std::vector<ChallengeOutcome>> LaneConsumeChallenges(
    LaneConnection& connection, const LaneStatement& consume, const LaneStatement& consumed,
    std::span<const ChallengeUse> uses, absl::Time now, std::span<BinaryArray> arrays,
    MonotonicTime deadline) {
  // Rows are locked in the order given: one order for every server, so that none waits in a ring.
  using Row = const ChallengeUse*;
  std::vector<Row> sorted(uses.size());
  for (size_t i = 0; i < uses.size(); ++i) sorted[i] = &uses[i];
  std::ranges::sort(sorted, {}, [](Row use) { return use->id; });
  const std::span<const Row> rows(sorted);
  BinaryArray* next = arrays.data();
  Column(next, kUuid, rows, [](BinaryArray& a, Row r) { a.Uuid(r->id); });
  Column(next, kUuid, rows, [](BinaryArray& a, Row r) { a.Uuid(r->request_id); });
  Column(next, kUuid, rows, [](BinaryArray& a, Row r) { a.Uuid(r->request_digest); });
  Column(next, kText, rows, [](BinaryArray& a, Row r) { a.Octets(r->terminal_id); });
  const BinaryScalar instant(now);
  const std::array<std::string_view, kChallengeUseArrays + 1> parameters = {
      arrays[0].octets(), arrays[1].octets(), arrays[2].octets(), arrays[3].octets(),
      instant.octets()};
  absl::StatusOr<LaneResult> result = connection.Run(consume, parameters, deadline);
  if (!result.ok()) return result.status();
  std::vector<ChallengeOutcome> outcomes(uses.size());
  const auto take = [&](const LaneResult& found, std::span<const Row> asked,
                        int row) -> ChallengeOutcome& {
    const Row use = asked[Int8From(found.Cell(row, 0)) - 1];
    ChallengeOutcome& outcome = outcomes[use - uses.data()];
    outcome.challenge = ChallengeIn(found, row, use->id);
    return outcome;
  };
  for (int row = 0; row < result->rows(); ++row) take(*result, rows, row).consumed_now = true;

  std::vector<Row> refused;
  std::ranges::copy_if(rows, std::back_inserter(refused),
                       [&](Row use) { return !outcomes[use - uses.data()].consumed_now; });
  if (refused.empty()) return outcomes;
  // Nothing but a use changes a challenge, so what refused these is still there.
  next = arrays.data();
  Column(next, kUuid, std::span<const Row>(refused), [](BinaryArray& a, Row r) { a.Uuid(r->id); });
  const std::string_view ids = arrays[0].octets();
  result = connection.Run(consumed, std::span(&ids, 1), deadline);
  if (!result.ok()) return result.status();
  for (int row = 0; row < result->rows(); ++row) {
    ChallengeOutcome& outcome = take(*result, refused, row);
    outcome.used_by_request = UuidFrom<RequestId>(result->Cell(row, 6));
    outcome.used_by_digest = UuidFrom<PersonPseudonym>(result->Cell(row, 7));
    outcome.used_by_terminal_id = result->Cell(row, 8);
    outcome.used_at = InstantFrom(result->Cell(row, 9));
  }
  return outcomes;
}

}  // namespace kakunin
