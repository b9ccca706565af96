#include "storage/postgres/card_link_store.h"

#include <fmt/format.h>

#include <array>
#include <pqxx/result>
#include <string>
#include <utility>
#include <vector>

#include "domain/error.h"
#include "storage/postgres/array_parameters.h"
#include "storage/postgres/database.h"
#include "storage/postgres/new_persons.h"
#include "storage/postgres/repair_lock.h"
#include "storage/postgres/statement_failure.h"

namespace kakunin {
namespace {

std::string_view OctetsOf(const Digest32& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// LinkArrays are the links as one array a column: issuer, serial, medium, hash, key id, replaced
// issuer, replaced serial. The column list below names them.
constexpr char kLinks[] =
    "unnest($1::bytea[], $2::bytea[], $3::int2[], $4::bytea[], $5::text[], $6::bytea[], "
    "$7::bytea[])"
    " AS l (issuer, serial, medium, hash, key_id, old_issuer, old_serial)";

ArrayParameters ParametersOf(std::span<const CardLinkRow> links, absl::Time at) {
  using enum ElementType;
  constexpr ElementType kTypes[] = {kOctets, kOctets, kInt2, kOctets, kText, kOctets, kOctets};
  std::array<BinaryArray, 7> arrays;
  for (size_t i = 0; i < arrays.size(); ++i) arrays[i].Begin(kTypes[i], links.size());
  for (const CardLinkRow& link : links) {
    arrays[0].Octets(link.issuer_key_id);
    arrays[1].Octets(link.serial);
    arrays[2].Int2(link.medium);
    arrays[3].Octets(OctetsOf(link.individual.hash));
    arrays[4].Octets(link.individual.key_id);
    if (link.replaces_serial.empty()) {
      arrays[5].Null();
      arrays[6].Null();
    } else {
      arrays[5].Octets(link.replaces_issuer_key_id);
      arrays[6].Octets(link.replaces_serial);
    }
  }
  ArrayParameters parameters;
  parameters.Add(arrays);
  parameters.Add(BinaryScalar(at));
  return parameters;
}

// Every statement takes all parameters, so each mentions $1 to $8.
constexpr char kInstant[] = "$8::timestamptz";

// PutLinksSql links every certificate of the batch and every one that it replaces, whichever is
// told first: the holder is the same, and a card whose own link comes later must find itself
// superseded. One that is only named has medium 0 (none is known) until its own link brings one.
// All in one order of keys, so that two batches wait for each other and do not lock up.
std::string PutLinksSql() {
  return fmt::format(
      "WITH named AS (SELECT issuer, serial, medium, hash FROM {1} UNION ALL"
      "   SELECT old_issuer, old_serial, 0, hash FROM {1} WHERE old_serial IS NOT NULL),"
      " put AS (INSERT INTO kakunin.card_link AS held"
      "   (issuer_key_id, serial, person_id, medium, linked_at)"
      "   SELECT DISTINCT ON (issuer, serial) issuer, serial, n.person_id, medium, {0}"
      "   FROM named JOIN kakunin.person_number n ON n.number_hash = named.hash"
      "   ORDER BY issuer, serial, medium DESC"
      "   ON CONFLICT (issuer_key_id, serial) DO UPDATE SET medium = excluded.medium"
      "     WHERE held.medium = 0 AND excluded.medium <> 0"
      "   RETURNING medium)"
      " SELECT count(*) FROM put WHERE medium <> 0",
      kInstant, kLinks);
}

// Of the batch after it was put, by the place of each link: whose medium is not the one that is
// known, and which replaces a card that, by whatever way, replaces it. Such a circle would leave
// its holder without any card. The rows are locked by the insert, whether or not it changed them.
std::string FindFaultsSql() {
  return fmt::format(
      "WITH RECURSIVE l AS (SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::int2[], $4::bytea[],"
      "   $5::text[], $6::bytea[], $7::bytea[]) WITH ORDINALITY"
      "   AS l (issuer, serial, medium, hash, key_id, old_issuer, old_serial, place)),"
      " path AS ("
      "   SELECT place, old_issuer, old_serial, issuer AS at_issuer, serial AS at_serial FROM l"
      "   WHERE old_serial IS NOT NULL"
      "   UNION"
      "   SELECT p.place, p.old_issuer, p.old_serial, c.superseded_by_issuer_key_id,"
      "     c.superseded_by_serial"
      "   FROM path p JOIN kakunin.card_link c"
      "     ON c.issuer_key_id = p.at_issuer AND c.serial = p.at_serial"
      "   WHERE c.superseded_by_serial IS NOT NULL)"
      " SELECT l.place, c.medium <> l.medium AS medium_differs, l.place IN"
      "   (SELECT place FROM path WHERE (at_issuer, at_serial) = (old_issuer, old_serial)) AS "
      "circle,"
      "   {}"
      " FROM l JOIN kakunin.card_link c ON c.issuer_key_id = l.issuer AND c.serial = l.serial"
      " ORDER BY l.place",
      kInstant);
}

// Columns that were exchanged make a fault of every link, and they leave in metadata, which clients
// bound to a few kilobytes.
constexpr size_t kMostViolations = 20;

absl::Status RefuseFaults(pqxx::transaction_base& work, std::span<const CardLinkRow> links,
                          absl::Time at) {
  return RunStatements([&]() -> absl::Status {
    static const std::string find_faults = FindFaultsSql();
    std::vector<FieldViolation> violations;
    for (const auto& row : ParametersOf(links, at).Exec(work, find_faults)) {
      const auto add = [&](std::string_view field, std::string description) {
        if (violations.size() >= kMostViolations) return;
        violations.push_back(
            {fmt::format("links[{}].{}", row[0].as<int64_t>() - 1, field), std::move(description)});
      };
      if (row[1].as<bool>()) {
        add("medium",
            "登録済みの媒体と異なります。シリアル番号と媒体を確かめて送り直してください。");
      }
      if (row[2].as<bool>()) {
        add("replaces_serial",
            "カードが互いに置き換えています。新旧のシリアル番号を確かめて送り直してください。");
      }
    }
    return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
  });
}

}  // namespace

absl::StatusOr<CardLinkCounts> PostgresCardLinkStore::Put(Transaction& tx,
                                                          std::span<const CardLinkRow> links,
                                                          absl::Time at) {
  pqxx::transaction_base& work = PostgresTransaction::Work(tx);
  ASSIGN_OR_RETURN(const CardLinkCounts counts, PutCardLinks(work, links, at));
  RETURN_IF_ERROR(RefuseFaults(work, links, at));
  return counts;
}

absl::StatusOr<CardLinkCounts> PutCardLinks(pqxx::transaction_base& work,
                                            std::span<const CardLinkRow> links, absl::Time at) {
  return RunStatements([&]() -> absl::StatusOr<CardLinkCounts> {
    HoldRepairsOff(work);
    const ArrayParameters parameters = ParametersOf(links, at);
    static const std::string make_persons = NewPersonsSql(kLinks, kInstant);
    parameters.Exec(work, make_persons);
    static const std::string put_links = PutLinksSql();
    const int64_t linked = parameters.Exec(work, put_links).front()[0].as<int64_t>();
    // After the insert every named certificate has its link: it must be this person's, and so must
    // the one it replaces.
    const int64_t conflicts =
        parameters
            .Exec(work, fmt::format("SELECT count(*), {} FROM {} JOIN kakunin.person_number n ON "
                                    "n.number_hash = l.hash"
                                    " JOIN kakunin.card_link c ON (c.issuer_key_id, c.serial) IN"
                                    "  ((l.issuer, l.serial), (l.old_issuer, l.old_serial))"
                                    " WHERE c.person_id <> n.person_id",
                                    kInstant, kLinks))
            .front()[0]
            .as<int64_t>();
    if (conflicts > 0) return MakeError(Reason::kPersonConflict);
    const int64_t superseded =
        parameters
            .Exec(work,
                  fmt::format("UPDATE kakunin.card_link c SET superseded_at = {},"
                              " superseded_by_issuer_key_id = l.issuer, superseded_by_serial = "
                              "l.serial FROM"
                              // Of two that replace one card the first of the order.
                              " (SELECT DISTINCT ON (old_issuer, old_serial) * FROM {}"
                              "  WHERE old_serial IS NOT NULL"
                              "  ORDER BY old_issuer, old_serial, issuer, serial) l"
                              " WHERE c.issuer_key_id = l.old_issuer AND c.serial = l.old_serial"
                              " AND c.superseded_at IS NULL",
                              kInstant, kLinks))
            .affected_rows();
    return CardLinkCounts{.linked = linked,
                          .superseded = superseded,
                          .unchanged = static_cast<int64_t>(links.size()) - linked};
  });
}

}  // namespace kakunin
