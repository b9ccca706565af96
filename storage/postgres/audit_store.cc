#include "storage/postgres/audit_store.h"

#include <pqxx/result>

#include "storage/postgres/audit_row.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr int kPage = 1000;

// Walks the key from stream to stream instead of reading every row.
constexpr char kHeads[] =
    "WITH RECURSIVE streams AS ("
    " (SELECT stream FROM kakunin.audit_event ORDER BY stream LIMIT 1)"
    " UNION ALL"
    " SELECT (SELECT a.stream FROM kakunin.audit_event a WHERE a.stream > s.stream"
    "         ORDER BY a.stream LIMIT 1)"
    " FROM streams s WHERE s.stream IS NOT NULL)"
    " SELECT s.stream, head.number, head.hash FROM streams s, LATERAL ("
    "  SELECT number, hash FROM kakunin.audit_event a WHERE a.stream = s.stream"
    "  ORDER BY number DESC LIMIT 1) head"
    " UNION ALL SELECT stream, number, hash FROM kakunin.audit_anchor g WHERE NOT EXISTS"
    "  (SELECT FROM kakunin.audit_event a WHERE a.stream = g.stream)"
    " ORDER BY stream";

}  // namespace

absl::StatusOr<std::vector<StreamHead>> PostgresAuditStore::Heads(Transaction& tx) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<StreamHead>> {
    std::vector<StreamHead> heads;
    for (const auto& row : PostgresTransaction::Work(tx).exec(kHeads)) {
      heads.push_back({.stream = UuidFromText<StreamId>(row[0].c_str()),
                       .number = row[1].as<int64_t>(),
                       .hash = DigestFromText<32>(row[2].c_str())});
    }
    return heads;
  });
}

absl::StatusOr<AuditChain::Place> PostgresAuditStore::Start(Transaction& tx,
                                                            const StreamId& stream) {
  return RunStatements([&]() -> absl::StatusOr<AuditChain::Place> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    // Before the first look at a row, which fixes what the transaction sees.
    work.exec("LOCK TABLE kakunin.audit_event IN ACCESS SHARE MODE");
    const pqxx::result anchor = work.exec_params(
        "SELECT number, hash FROM kakunin.audit_anchor WHERE stream = $1", UuidText(stream));
    if (anchor.empty()) return AuditChain::Place();
    return AuditChain::Place{.number = anchor[0][0].as<int64_t>(),
                             .hash = DigestFromText<32>(anchor[0][1].c_str())};
  });
}

absl::Status PostgresAuditStore::ReadStream(Transaction& tx, const StreamId& stream, int64_t after,
                                            const std::function<bool(const AuditRecord&)>& visit) {
  return RunStatements([&] {
    const std::string page = std::string("SELECT ") + kAuditColumns +
                             " FROM kakunin.audit_event WHERE stream = $1 AND number > $2"
                             " ORDER BY number, at LIMIT $3";
    for (;;) {
      const pqxx::result rows =
          PostgresTransaction::Work(tx).exec_params(page, UuidText(stream), after, kPage);
      for (const auto& row : rows) {
        const AuditRecord record = AuditRecordFrom(row);
        if (!visit(record)) return absl::OkStatus();
        after = record.id.number;
      }
      if (rows.size() < kPage) return absl::OkStatus();
    }
  });
}

}  // namespace kakunin
