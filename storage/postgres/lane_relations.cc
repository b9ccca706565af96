#include "storage/postgres/lane_relations.h"

#include <array>

#include "domain/error.h"
#include "storage/postgres/audit_columns.h"
#include "storage/postgres/stored_certificate.h"

namespace kakunin {
namespace {

using enum ElementType;

enum RelationTag { kEnds = 1, kAct, kEnd };

ConsentAct ActAt(const LaneResult& rows, int row, const RelationQuestion& asked) {
  ConsentAct act;
  act.person = asked.person;
  act.facility_code = asked.facility_code;
  act.form_of_care = asked.form_of_care;
  act.begin = InstantFrom(rows.Cell(row, 2));
  act.end = InstantFrom(rows.Cell(row, 3));
  if (!rows.IsNull(row, 4)) act.appointment_day = DayFrom(rows.Cell(row, 4));
  const int agreed = Int2From(rows.Cell(row, 5));
  const int declined = Int2From(rows.Cell(row, 6));
  for (int number = 1; number <= kConsentKinds; ++number) {
    const auto kind = static_cast<ConsentKind>(number);
    if ((agreed & ConsentKindBit(kind)) != 0) act.decisions.Set(kind, Decision::kAgreed);
    if ((declined & ConsentKindBit(kind)) != 0) act.decisions.Set(kind, Decision::kDeclined);
  }
  act.method = static_cast<ConsentMethod>(Int2From(rows.Cell(row, 7)));
  act.audit_id = {UuidFrom<StreamId>(rows.Cell(row, 8)), Int8From(rows.Cell(row, 9))};
  act.issuer_key_id = rows.Cell(row, 10);
  act.serial = rows.Cell(row, 11);
  if (!rows.IsNull(row, 12)) {
    act.crl_partition = static_cast<uint64_t>(Int8From(rows.Cell(row, 12)));
  }
  if (!rows.IsNull(row, 13)) act.certificate_not_after = InstantFrom(rows.Cell(row, 13));
  return act;
}

ConsentEnd EndAt(const LaneResult& rows, int row, const RelationQuestion& asked) {
  ConsentEnd end;
  end.person = asked.person;
  end.facility_code = asked.facility_code;
  end.form_of_care = asked.form_of_care;
  end.at = InstantFrom(rows.Cell(row, 2));
  if (!rows.IsNull(row, 4)) end.appointment_day = DayFrom(rows.Cell(row, 4));
  end.kinds = Int2From(rows.Cell(row, 5));
  end.reason = static_cast<ConsentEndReason>(Int2From(rows.Cell(row, 6)));
  return end;
}

}  // namespace

const char kReadRelationsSql[] =
    "WITH asked AS MATERIALIZED ("
    " SELECT unnest($1::uuid[]) AS person_id, unnest($2::text[]) AS facility,"
    "  unnest($3::int2[]) AS form, generate_subscripts($1::uuid[], 1)::int8 AS o) "
    "SELECT a.o, 1::int2, NULL::timestamptz, NULL::timestamptz, NULL::date, NULL::int2,"
    "  NULL::int2, NULL::int2, NULL::uuid,"
    "  (SELECT count(*) FROM consent_end e WHERE e.person_id = a.person_id), NULL::bytea,"
    "  NULL::bytea, NULL::int8, NULL::timestamptz, NULL::int2 FROM asked a "
    "UNION ALL "
    "SELECT a.o, 2::int2, c.begin_at, c.end_at, c.appointment_day, c.agreed, c.declined,"
    // Whose card's link was undone: like a card in grace, it begins nothing and what it declined is
    // closed; no list tells of it (record_statements.cc).
    "  CASE WHEN k.serial IS NULL AND c.method = 1 THEN 3::int2 ELSE c.method END,"
    "  c.stream, c.number, c.issuer_key_id, c.serial,"
    "  CASE WHEN k.serial IS NOT NULL THEN c.crl_partition END, c.certificate_not_after,"
    "  " KAKUNIN_STORED_CERTIFICATE
    " FROM asked a JOIN consent_act c ON c.person_id = a.person_id"
    "  AND c.facility_code = a.facility AND c.form_of_care = a.form"
    " LEFT JOIN card_link k ON k.issuer_key_id = c.issuer_key_id AND k.serial = c.serial"
    " " KAKUNIN_JOIN_FORGOTTEN_REVOCATION
    " "
    "UNION ALL "
    "SELECT a.o, 3::int2, e.at, NULL, e.appointment_day, e.kinds, e.reason, NULL, NULL, NULL,"
    "  NULL, NULL, NULL, NULL, NULL"
    " FROM asked a JOIN consent_end e ON e.person_id = a.person_id"
    "  AND e.facility_code = a.facility AND e.form_of_care = a.form";

absl::StatusOr<std::vector<RelationRows>> LaneReadRelations(
    LaneConnection& connection, const LaneStatement& statement,
    std::span<const RelationQuestion> questions, std::span<BinaryArray> arrays,
    MonotonicTime deadline) {
  std::vector<RelationRows> found(questions.size());
  if (questions.empty()) return found;
  using Row = RelationQuestion;
  BinaryArray* next = arrays.data();
  Column(next, kUuid, questions, [](BinaryArray& a, const Row& r) { a.Uuid(r.person); });
  Column(next, kText, questions, [](BinaryArray& a, const Row& r) { a.Octets(r.facility_code); });
  Column(next, kInt2, questions,
         [](BinaryArray& a, const Row& r) { a.Int2(static_cast<int>(r.form_of_care)); });
  std::array<std::string_view, kRelationArrays> parameters;
  for (size_t i = 0; i < parameters.size(); ++i) parameters[i] = arrays[i].octets();
  ASSIGN_OR_RETURN(const LaneResult rows, connection.Run(statement, parameters, deadline));
  for (int row = 0; row < rows.rows(); ++row) {
    const auto index = static_cast<size_t>(Int8From(rows.Cell(row, 0)) - 1);
    RelationRows& of = found[index];
    switch (Int2From(rows.Cell(row, 1))) {
      case kEnds:
        of.stored_ends = Int8From(rows.Cell(row, 9));
        break;
      case kAct:
        of.acts.push_back(ActAt(rows, row, questions[index]));
        of.certificates.push_back(static_cast<StoredCertificate>(Int2From(rows.Cell(row, 14))));
        break;
      default:
        of.ends.push_back(EndAt(rows, row, questions[index]));
        break;
    }
  }
  return found;
}

}  // namespace kakunin
