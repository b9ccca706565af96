#include "storage/postgres/new_persons.h"

#include <fmt/format.h>

#include "domain/answer_row.h"

namespace kakunin {
namespace {

// EncodeAnswerRow({}): a person whom no insurer has named yet.
constexpr char kEmptyAnswer[] = "00000000";

}  // namespace

std::string NewPersonIdSql(std::string_view instant) {
  return fmt::format(
      "((SELECT overlay(lpad(to_hex((extract(epoch FROM {}) * 1000)::bigint), 12, '0')"
      " PLACING '-' FROM 9 FOR 0) || '-7') || substr(gen_random_uuid()::text, 16))::uuid",
      instant);
}

std::string NewPersonsSql(std::string_view source, std::string_view instant) {
  return fmt::format(
      "WITH made AS (INSERT INTO kakunin.person_number (number_hash, key_id, person_id, known_from)"
      "  SELECT hash, min(key_id), {4}, {0} FROM {1} GROUP BY hash ORDER BY hash"
      "  ON CONFLICT (number_hash) DO NOTHING RETURNING person_id),"
      " persons AS (INSERT INTO kakunin.person (person_id, created_at) SELECT person_id, {0} FROM "
      "made)"
      " INSERT INTO kakunin.answer (person_id, format, octets)"
      "  SELECT person_id, {2}, decode('{3}', 'hex') FROM made",
      instant, source, kAnswerFormat, kEmptyAnswer, NewPersonIdSql(instant));
}

}  // namespace kakunin
