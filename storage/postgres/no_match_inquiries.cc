#include "storage/postgres/no_match_inquiries.h"

#include <pqxx/result>
#include <string_view>
#include <utility>

#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// OFFSET 0 makes it one look-up a person, and one a key and month.
constexpr char kRead[] = R"(
SELECT DISTINCT ON (k.person_id, n.facility_code, n.day, k.key_without_branch, n.at < $3)
  k.person_id::text, n.at, n.stream::text, n.number, n.facility_code, n.day,
  k.key_without_branch::text
FROM
  (SELECT DISTINCT t.person_id, t.key_without_branch, v.key
   FROM unnest($1::uuid[]) AS changed (person_id)
   CROSS JOIN LATERAL (SELECT * FROM kakunin.coverage c
     WHERE c.person_id = changed.person_id AND c.insurer_number = $4 AND c.visible
       AND c.known_from <= $3 AND (c.known_to IS NULL OR c.known_to >= $3) OFFSET 0) t
   CROSS JOIN LATERAL (VALUES (t.key_without_branch), (t.key_with_branch)) v (key)) k
CROSS JOIN LATERAL (SELECT * FROM kakunin.no_match_inquiry i
  WHERE i.insurer_number = $4 AND i.key_hash = k.key AND i.at < $2 OFFSET 0) n
WHERE NOT EXISTS (SELECT FROM kakunin.insured_lookup l
  WHERE l.key_hash = k.key AND l.person_id <> k.person_id)
ORDER BY k.person_id, n.facility_code, n.day, k.key_without_branch, n.at < $3, n.at DESC,
  n.number DESC)";

}  // namespace

const char kAskedInVain[] = R"(
asked_in_vain AS MATERIALIZED (
  SELECT DISTINCT key_hash FROM kakunin.no_match_inquiry WHERE insurer_number = $5),
any_in_vain AS MATERIALIZED (SELECT EXISTS (SELECT FROM asked_in_vain) AS there),)";

// OFFSET 0 keeps it one look-up a person: as a join it might read everybody's coverages.
const char kWasAskedInVain[] = R"((SELECT there FROM any_in_vain) AND EXISTS
    (SELECT FROM kakunin.coverage t
     WHERE t.person_id = c.person_id AND t.insurer_number = $5 AND t.visible
       AND t.known_from <= $1::timestamptz AND (t.known_to IS NULL OR t.known_to > $1::timestamptz)
       AND (t.key_without_branch IN (SELECT key_hash FROM asked_in_vain)
         OR t.key_with_branch IN (SELECT key_hash FROM asked_in_vain)) OFFSET 0))";

void AddNoMatches(pqxx::transaction_base& work, const BinaryArray& persons,
                  const ChangeOfCoverages& change,
                  std::map<PersonId, std::vector<AskedAnswer>>& asked) {
  const BinaryScalar last_asked(change.last_asked);
  const BinaryScalar changed(change.at);
  ArrayParameters parameters;
  parameters.Add(persons);
  parameters.Add(last_asked);
  parameters.Add(changed);
  parameters.Add(std::string_view(change.insurer));
  for (const auto& row : parameters.Exec(work, kRead)) {
    AskedAnswer answer{.facility_code = row[4].c_str(),
                       .day = DayFromText(row[5].c_str()),
                       .at = InstantFromText(row[1].c_str()),
                       .audit_id = {UuidFromText<StreamId>(row[2].c_str()), row[3].as<int64_t>()},
                       .told = Validity::kNotFound};
    answer.view.key = UuidFromText<KeyHash>(row[6].c_str());
    answer.view.no_match = true;
    asked[UuidFromText<PersonId>(row[0].c_str())].push_back(std::move(answer));
  }
}

}  // namespace kakunin
