#include "storage/postgres/staged_rows.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "storage/postgres/array_parameters.h"
#include "storage/postgres/coverage_row.h"
#include "storage/postgres/delivered_card_links.h"
#include "storage/postgres/delivered_certificates.h"
#include "storage/postgres/record_row.h"

namespace kakunin {
namespace {

// The first parameter of a row's content. Before it stand the chunk and what every kind of row has.
constexpr int kFirstContentParameter = 8;

// The doubts of rows as two more columns behind their content.
template <class Record>
std::array<BinaryArray, 2> DoubtsOf(std::span<const Staged<Record>> rows) {
  std::array<BinaryArray, 2> arrays;
  arrays[0].Begin(ElementType::kInt2, rows.size());
  arrays[1].Begin(ElementType::kUuid, rows.size());
  for (const Staged<Record>& row : rows) {
    if (row.doubt) {
      arrays[0].Int2(row.doubt->fields);
      arrays[1].Uuid(row.doubt->identity);
    } else {
      for (BinaryArray& array : arrays) array.Null();
    }
  }
  return arrays;
}

// Coverages alone can be in doubt.
constexpr char kDoubtColumns[] = ", identity_fields, identity_hash";

// Stages rows of one kind: its table and columns, and the arrays that its content becomes.
template <class Arrays, class Record>
void StageOf(pqxx::transaction_base& work, const FeedId& feed, int64_t chunk,
             std::span<const Staged<Record>> rows, std::string_view table, std::string_view columns,
             const std::string& parameters_of_columns) {
  if (rows.empty()) return;
  BinaryArray index;
  BinaryArray action;
  BinaryArray hash;
  BinaryArray key_id;
  BinaryArray row_hash;
  Arrays content;
  index.Begin(ElementType::kInt4, rows.size());
  action.Begin(ElementType::kInt2, rows.size());
  hash.Begin(ElementType::kOctets, rows.size());
  key_id.Begin(ElementType::kText, rows.size());
  row_hash.Begin(ElementType::kUuid, rows.size());
  content.Begin(rows.size());
  for (const Staged<Record>& row : rows) {
    index.Int4(row.row_index);
    action.Int2(static_cast<int>(row.action));
    if (row.individual) {
      hash.Octets({reinterpret_cast<const char*>(row.individual->hash.data()),
                   row.individual->hash.size()});
      key_id.Octets(row.individual->key_id);
    } else {
      hash.Null();
      key_id.Null();
    }
    if (row.row_hash) {
      row_hash.Uuid(*row.row_hash);
    } else {
      row_hash.Null();
    }
    content.Add(row.record);
  }
  ArrayParameters parameters;
  parameters.Add(BinaryScalar(feed));
  parameters.Add(BinaryScalar(chunk));
  for (const BinaryArray* array : {&index, &action, &hash, &key_id, &row_hash}) {
    parameters.Add(*array);
  }
  parameters.Add(content.arrays());
  std::string doubts;
  if constexpr (std::is_same_v<Record, Coverage>) {
    const auto next = kFirstContentParameter + static_cast<int>(content.arrays().size());
    parameters.Add(DoubtsOf(rows));
    doubts = fmt::format(", ${}::int2[], ${}::uuid[]", next, next + 1);
  }
  parameters.Exec(
      work,
      fmt::format(
          "INSERT INTO kakunin.{}"
          " (feed_id, chunk_number, row_index, action, number_hash, number_key_id, row_hash,"
          " {}{})"
          " SELECT $1::uuid, $2::int8, * FROM"
          " unnest($3::int4[], $4::int2[], $5::bytea[], $6::text[], $7::uuid[], {}{})",
          table, columns, doubts.empty() ? "" : kDoubtColumns, parameters_of_columns, doubts));
}

void Stage(pqxx::transaction_base& work, const FeedId& feed, int64_t chunk,
           const std::vector<StagedCoverage>& rows) {
  static const std::string parameters = CoverageParameters(kFirstContentParameter);
  StageOf<CoverageArrays, Coverage>(work, feed, chunk, rows, "feed_coverage_row", kCoverageColumns,
                                    parameters);
}

void Stage(pqxx::transaction_base& work, const FeedId& feed, int64_t chunk,
           const std::vector<StagedReceipt>& rows) {
  static const std::string parameters = ReceiptParameters(kFirstContentParameter);
  StageOf<ReceiptArrays, Receipt>(work, feed, chunk, rows, "feed_receipt_row", kReceiptColumns,
                                  parameters);
}

void Stage(pqxx::transaction_base& work, const FeedId& feed, int64_t chunk,
           const std::vector<StagedHealthCheck>& rows) {
  static const std::string parameters = HealthCheckParameters(kFirstContentParameter);
  StageOf<HealthCheckArrays, HealthCheck>(work, feed, chunk, rows, "feed_health_check_row",
                                          kHealthCheckColumns, parameters);
}

void Stage(pqxx::transaction_base& work, const FeedId& feed, int64_t chunk,
           const std::vector<StagedCardLink>& rows) {
  static const std::string parameters = CardLinkParameters(kFirstContentParameter);
  StageOf<CardLinkArrays, DeliveredCardLink>(work, feed, chunk, rows, "feed_card_link_row",
                                             kCardLinkColumns, parameters);
}

template <class Certificate>
void Stage(pqxx::transaction_base& work, const FeedId& feed, int64_t chunk,
           const std::vector<Staged<Delivered<Certificate>>>& rows) {
  static const std::string parameters = CertificateParameters(kFirstContentParameter);
  StageOf<CertificateArrays, Delivered<Certificate>>(
      work, feed, chunk, rows, "feed_certificate_row", kCertificateColumns, parameters);
}

}  // namespace

void StageRows(pqxx::transaction_base& work, const FeedId& feed, int64_t chunk,
               const StagedRows& rows) {
  std::visit([&](const auto& of_kind) { Stage(work, feed, chunk, of_kind); }, rows);
}

}  // namespace kakunin
