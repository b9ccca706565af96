#include "storage/postgres/eligibility_list_store.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// The latest act by card of each person, or of each person's booking: it is among the person's own,
// which are few and found by their key. The forms of care are those of the indexes (0025).
#define CONSENTED(bounds, order)                                                               \
  "SELECT c.person_id::text, c.begin_at, c.stream::text, c.number, c.appointment_day,"         \
  " c.link_id::text, coalesce(l.booking_name, '')"                                             \
  " FROM kakunin.consent_act c LEFT JOIN kakunin.reception_link l"                             \
  "  ON l.facility_code = c.facility_code AND l.link_id = c.link_id"                           \
  " WHERE c.facility_code = $1 AND c.method = 1 AND " bounds                                   \
  " AND ($2 = '' OR l.booking_name = $2)"                                                      \
  " AND NOT EXISTS (SELECT FROM kakunin.consent_act n WHERE n.person_id = c.person_id"         \
  "  AND n.facility_code = c.facility_code AND n.form_of_care = c.form_of_care"                \
  "  AND n.appointment_day IS NOT DISTINCT FROM c.appointment_day AND n.method = 1"            \
  "  AND (n.begin_at, n.stream, n.number) > (c.begin_at, c.stream, c.number)) ORDER BY " order \
  " c.begin_at, c.stream, c.number LIMIT $3"

constexpr char kByConsent[] = CONSENTED(
    "c.form_of_care IN (2, 3) AND c.form_of_care = $4"
    " AND c.begin_at >= $5::timestamptz AND c.begin_at < $6::timestamptz"
    " AND (c.begin_at, c.stream, c.number) > ($7::timestamptz, $8::uuid, $9::int8)",
    "");
constexpr char kByBooking[] = CONSENTED(
    "c.form_of_care = 3 AND c.appointment_day BETWEEN $4::date AND $5::date"
    " AND (c.appointment_day, c.begin_at, c.stream, c.number)"
    " > ($6::date, $7::timestamptz, $8::uuid, $9::int8)",
    "c.appointment_day,");
#undef CONSENTED

// Operations of domain/access_policy.h: by card, by number, in bulk, of those who consented.
constexpr char kTold[] =
    "SELECT a.at, a.stream::text, a.number, a.operation, a.terminal_id, a.validity,"
    " a.person_id::text, c.day"
    " FROM kakunin.facility_access a LEFT JOIN kakunin.confirmation c"
    "  ON c.person_id = a.person_id AND c.at = a.at AND c.stream = a.stream"
    "  AND c.number = a.number"
    " WHERE a.facility_code = $1 AND a.at >= $2::timestamptz AND a.at < $3::timestamptz"
    " AND (a.at, a.stream, a.number) > ($4::timestamptz, $5::uuid, $6::int8)"
    " AND a.operation IN (11, 12, 90, 96) AND a.code = 0"
    " ORDER BY a.at, a.stream, a.number LIMIT $7";
static_assert(static_cast<int>(Operation::kConfirmByCard) == 11 &&
              static_cast<int>(Operation::kConfirmByInsuredNumber) == 12 &&
              static_cast<int>(Operation::kConfirmInBulk) == 90 &&
              static_cast<int>(Operation::kConfirmConsented) == 96);

ConsentedRow ConsentedFrom(const pqxx::row& row) {
  ConsentedRow found{
      .person = UuidFromText<PersonId>(row[0].c_str()),
      .place = {.given = InstantFromText(row[1].c_str()),
                .act = {UuidFromText<StreamId>(row[2].c_str()), row[3].as<int64_t>()}},
      .booking_name = row[6].c_str()};
  if (!row[4].is_null()) found.booking = DayFromText(row[4].c_str());
  if (!row[5].is_null()) found.link = UuidFromText<LinkId>(row[5].c_str());
  return found;
}

}  // namespace

absl::StatusOr<std::vector<ConsentedRow>> PostgresEligibilityListStore::ListConsented(
    Transaction& tx, std::string_view facility_code, const ConsentedRange& range) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<ConsentedRow>> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const std::string facility(facility_code);
    const ConsentedPlace after =
        range.after.value_or(ConsentedPlace{.given = absl::FromUnixSeconds(0)});
    std::vector<ConsentedRow> found;
    if (range.bookings) {
      const absl::CivilDay from = after.booking.value_or(range.bookings->first - 1);
      for (const auto& row : work.exec_params(
               kByBooking, facility, range.booking_name, range.limit,
               DayText(range.bookings->first), DayText(range.bookings->last), DayText(from),
               InstantText(after.given), UuidText(after.act.stream), after.act.number)) {
        found.push_back(ConsentedFrom(row));
        found.back().place.booking = found.back().booking;
      }
      return found;
    }
    for (const auto& row : work.exec_params(
             kByConsent, facility, range.booking_name, range.limit,
             static_cast<int>(range.form_of_care), InstantText(range.from), InstantText(range.to),
             InstantText(after.given), UuidText(after.act.stream), after.act.number)) {
      found.push_back(ConsentedFrom(row));
    }
    return found;
  });
}

absl::StatusOr<PastAnswers> PostgresEligibilityListStore::ListPast(Transaction& tx,
                                                                   std::string_view facility_code,
                                                                   const PastRange& range) {
  return RunStatements([&]() -> absl::StatusOr<PastAnswers> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    PastAnswers told;
    // First how far the copy goes: what comes meanwhile is shown beyond what is promised.
    const auto progress = work.exec("SELECT through FROM kakunin.facility_access_progress");
    if (!progress[0][0].is_null()) told.copied_through = InstantFromText(progress[0][0].c_str());
    const PastPlace after = range.after.value_or(PastPlace{.at = absl::FromUnixSeconds(0)});
    for (const auto& row :
         work.exec_params(kTold, std::string(facility_code), InstantText(range.from),
                          InstantText(range.to), InstantText(after.at),
                          UuidText(after.audit_id.stream), after.audit_id.number, range.limit)) {
      PastAnswer& one = told.rows.emplace_back();
      one.place = {.at = InstantFromText(row[0].c_str()),
                   .audit_id = {UuidFromText<StreamId>(row[1].c_str()), row[2].as<int64_t>()}};
      one.operation = static_cast<Operation>(row[3].as<int>());
      one.terminal_id = row[4].c_str();
      one.validity = static_cast<Validity>(row[5].as<int>());
      if (!row[6].is_null()) one.person = UuidFromText<PersonId>(row[6].c_str());
      if (!row[7].is_null()) one.day = DayFromText(row[7].c_str());
    }
    return told;
  });
}

}  // namespace kakunin
