#include "storage/postgres/reception_link_store.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/facility_terms.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kColumns[] =
    "l.facility_code, l.link_id::text, l.form_of_care, l.appointment_day, l.booking_name,"
    " l.created_at, l.expires_at, l.renewed_at, l.revoked_at";

constexpr char kAdd[] =
    "INSERT INTO kakunin.reception_link (facility_code, link_id, form_of_care, appointment_day,"
    " booking_name, token_hash, created_at, expires_at)"
    " VALUES ($1, $2::uuid, $3, nullif($4, '')::date, $5, $6::uuid, $7::timestamptz,"
    " $8::timestamptz)";
constexpr char kAddToken[] =
    "INSERT INTO kakunin.reception_token (token_hash, facility_code, link_id)"
    " VALUES ($1::uuid, $2, $3::uuid)";
// The token is found by its own key: on several nodes it lies apart from the link.
constexpr char kDropToken[] =
    "DELETE FROM kakunin.reception_token WHERE token_hash = (SELECT l.token_hash"
    " FROM kakunin.reception_link l WHERE l.facility_code = $1 AND l.link_id = $2::uuid)";
constexpr char kRenew[] =
    "UPDATE kakunin.reception_link SET token_hash = $3::uuid, expires_at = $4::timestamptz,"
    " renewed_at = $5::timestamptz WHERE facility_code = $1 AND link_id = $2::uuid";
constexpr char kRevoke[] =
    "UPDATE kakunin.reception_link SET revoked_at = $3::timestamptz"
    " WHERE facility_code = $1 AND link_id = $2::uuid";

std::optional<absl::Time> InstantOrNone(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return InstantFromText(field.c_str());
}

ReceptionLink LinkFrom(const pqxx::row& row) {
  ReceptionLink link{.facility_code = row[0].c_str(),
                     .id = UuidFromText<LinkId>(row[1].c_str()),
                     .form_of_care = static_cast<FormOfCare>(row[2].as<int>()),
                     .booking_name = row[4].c_str(),
                     .created = InstantFromText(row[5].c_str()),
                     .expires = InstantFromText(row[6].c_str()),
                     .renewed = InstantOrNone(row[7]),
                     .revoked = InstantOrNone(row[8])};
  if (!row[3].is_null()) link.appointment_day = DayFromText(row[3].c_str());
  return link;
}

}  // namespace

absl::Status PostgresReceptionLinkStore::Add(Transaction& tx, const ReceptionLink& link,
                                             const LinkTokenHash& token) {
  return RunStatements([&]() -> absl::Status {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec_params(kAdd, link.facility_code, UuidText(link.id),
                     static_cast<int>(link.form_of_care),
                     link.appointment_day ? DayText(*link.appointment_day) : "", link.booking_name,
                     UuidText(token), InstantText(link.created), InstantText(link.expires));
    work.exec_params(kAddToken, UuidText(token), link.facility_code, UuidText(link.id));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<ReceptionLink>> PostgresReceptionLinkStore::Find(
    Transaction& tx, std::string_view facility_code, const LinkId& id) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<ReceptionLink>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        std::string("SELECT ") + kColumns +
            " FROM kakunin.reception_link l WHERE facility_code = $1 AND link_id = $2::uuid"
            " FOR UPDATE",
        std::string(facility_code), UuidText(id));
    if (rows.empty()) return std::optional<ReceptionLink>();
    return std::optional(LinkFrom(rows[0]));
  });
}

absl::StatusOr<std::vector<ReceptionLink>> PostgresReceptionLinkStore::List(
    Transaction& tx, std::string_view facility_code, const LinkRange& range) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<ReceptionLink>> {
    const absl::Time before = range.after ? range.after->created : absl::InfiniteFuture();
    std::string sql =
        std::string("SELECT ") + kColumns +
        " FROM kakunin.reception_link l WHERE facility_code = $1"
        " AND (created_at, link_id) < ($2::timestamptz, $3::uuid)"
        " AND ($4 = '' OR revoked_at IS NULL AND expires_at > nullif($4, '')::timestamptz)"
        " ORDER BY created_at DESC, link_id DESC LIMIT $5";
    std::vector<ReceptionLink> links;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             sql, std::string(facility_code), InstantText(before),
             UuidText(range.after ? range.after->id : LinkId{}),
             range.open_at ? InstantText(*range.open_at) : "", range.limit)) {
      links.push_back(LinkFrom(row));
    }
    return links;
  });
}

absl::Status PostgresReceptionLinkStore::Renew(Transaction& tx, const ReceptionLink& link,
                                               const LinkTokenHash& token) {
  return RunStatements([&]() -> absl::Status {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec_params(kDropToken, link.facility_code, UuidText(link.id));
    work.exec_params(kRenew, link.facility_code, UuidText(link.id), UuidText(token),
                     InstantText(link.expires), InstantText(*link.renewed));
    work.exec_params(kAddToken, UuidText(token), link.facility_code, UuidText(link.id));
    return absl::OkStatus();
  });
}

absl::Status PostgresReceptionLinkStore::Revoke(Transaction& tx, const ReceptionLink& link) {
  return RunStatements([&]() -> absl::Status {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec_params(kDropToken, link.facility_code, UuidText(link.id));
    work.exec_params(kRevoke, link.facility_code, UuidText(link.id), InstantText(*link.revoked));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<FoundLink>> PostgresReceptionLinkStore::Open(
    Transaction& tx, const LinkTokenHash& token, std::string_view app_id) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<FoundLink>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        std::string("SELECT ") + kColumns + ", f.name, f.facility_type, n.named_at, " +
            std::string(kFacilityTermColumns) +
            " FROM kakunin.reception_token t"
            " JOIN kakunin.reception_link l USING (facility_code, link_id)"
            " JOIN kakunin.facility f USING (facility_code)"
            " LEFT JOIN kakunin.reception_app_naming n"
            "  ON n.facility_code = t.facility_code AND n.app_id = $2"
            " WHERE t.token_hash = $1::uuid AND f.active"
            " AND f.operation_test_began IS NULL AND ($2 = '' OR n.app_id IS NOT NULL)",
        UuidText(token), std::string(app_id));
    if (rows.empty()) return std::optional<FoundLink>();
    return std::optional(
        FoundLink{.link = LinkFrom(rows[0]),
                  .facility_name = rows[0][9].c_str(),
                  .facility_type = static_cast<FacilityType>(rows[0][10].as<int>()),
                  .app_named = InstantOrNone(rows[0][11]),
                  .terms = FacilityTermsFrom(rows[0], 12)});
  });
}

}  // namespace kakunin
