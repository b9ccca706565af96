#include "storage/postgres/audit_columns.h"

#include <string>
#include <string_view>

namespace kakunin {
namespace {

using enum ElementType;

std::string_view OctetsOf(const Digest32& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

BinaryArray* FillAuditColumns(BinaryArray* first, std::span<const AuditRecord> audit) {
  BinaryArray* next = first;
  const auto number = [&](int AuditRecord::*field) {
    Column(next, kInt2, audit, [&](BinaryArray& a, const AuditRecord& r) { a.Int2(r.*field); });
  };
  const auto text = [&](std::string AuditRecord::*field) {
    Column(next, kText, audit, [&](BinaryArray& a, const AuditRecord& r) { a.Octets(r.*field); });
  };
  using Row = AuditRecord;
  Column(next, kInt8, audit, [](BinaryArray& a, const Row& r) { a.Int8(r.id.number); });
  Column(next, kInstant, audit, [](BinaryArray& a, const Row& r) { a.Instant(r.at); });
  number(&Row::operation);
  Column(next, kInt2, audit,
         [](BinaryArray& a, const Row& r) { a.Int2(static_cast<int>(r.actor_kind)); });
  text(&Row::actor);
  text(&Row::user);
  number(&Row::role);
  number(&Row::role_evidence);
  number(&Row::form_of_care);
  number(&Row::situation);
  number(&Row::code);
  text(&Row::reason);
  number(&Row::validity);
  Column(next, kUuid, audit, [](BinaryArray& a, const Row& r) {
    if (r.person) return a.Uuid(*r.person);
    a.Null();
  });
  Column(next, kDay, audit, [](BinaryArray& a, const Row& r) { a.Day(r.asked_day); });
  text(&Row::details);
  Column(next, kUuid, audit, [](BinaryArray& a, const Row& r) { a.Uuid(r.request_id); });
  Column(next, kUuid, audit, [](BinaryArray& a, const Row& r) { a.Uuid(r.request_digest); });
  Column(next, kUuid, audit, [](BinaryArray& a, const Row& r) { a.Uuid(r.answer_digest); });
  Column(next, kOctets, audit,
         [](BinaryArray& a, const Row& r) { a.Octets(OctetsOf(r.previous_hash)); });
  Column(next, kOctets, audit, [](BinaryArray& a, const Row& r) { a.Octets(OctetsOf(r.hash)); });
  return next;
}

absl::StatusOr<bool> LaneAuditRowExists(LaneConnection& connection, const LaneStatement& statement,
                                        const AuditId& id, MonotonicTime deadline) {
  const absl::StatusOr<bool> undecided = connection.LostBackendsRun(deadline);
  if (!undecided.ok()) return undecided.status();
  if (*undecided) return StoreError(StoreFailure::kUnknownOutcome);
  const BinaryScalar stream(id.stream);
  const BinaryScalar number(id.number);
  const std::string_view parameters[] = {stream.octets(), number.octets()};
  const absl::StatusOr<LaneResult> result = connection.Run(statement, parameters, deadline);
  if (!result.ok()) return result.status();
  const bool is_there = result->Cell(0, 0)[0] != 0;
  if (is_there) connection.IsThere(id);
  return is_there;
}

}  // namespace kakunin
