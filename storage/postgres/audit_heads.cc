#include "storage/postgres/audit_heads.h"

#include <numeric>
#include <pqxx/except>
#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

pqxx::result Ask(pqxx::transaction_base& work, std::span<const SeenHead> heads) {
  const AuditHeadArrays arrays(heads);
  return work.exec_params(kAuditHeadsNotKept, arrays.streams, arrays.numbers, arrays.ats,
                          arrays.hashes);
}

bool IsStandby(const pqxx::result& missing) {
  return !missing.empty() && missing[0][0].c_str() == kStandbyPlace;
}

}  // namespace

AuditHeadArrays::AuditHeadArrays(std::span<const SeenHead> heads) {
  std::vector<std::string> stream_texts;
  std::vector<std::string> number_texts;
  std::vector<std::string> at_texts;
  std::vector<std::string> hash_texts;
  for (std::vector<std::string>* texts : {&stream_texts, &number_texts, &at_texts, &hash_texts}) {
    texts->reserve(heads.size());
  }
  for (const SeenHead& head : heads) {
    stream_texts.push_back(UuidText(head.id.stream));
    number_texts.push_back(std::to_string(head.id.number));
    at_texts.push_back(InstantText(head.at));
    hash_texts.push_back(ByteaText(head.hash));
  }
  streams = TextArray(stream_texts);
  numbers = TextArray(number_texts);
  ats = TextArray(at_texts);
  hashes = TextArray(hash_texts);
}

bool LacksTheAudit(std::string_view sqlstate) {
  return sqlstate == "42883" || sqlstate == "3F000";  // no such function, no such schema
}

bool HasWhatWasSeen(pqxx::transaction_base& work, AuditFence& fence) {
  const FenceQuestion question = fence.Question();
  if (question.heads.empty()) return true;
  bool everything = false;
  try {
    const pqxx::result missing = Ask(work, question.heads);
    if (IsStandby(missing)) return false;
    everything = missing.empty();
  } catch (const pqxx::sql_error& error) {
    if (!LacksTheAudit(error.sqlstate())) throw;
  }
  fence.Found(question, everything);
  return everything;
}

absl::StatusOr<std::vector<size_t>> AuditHeadsNotKept(Transaction& tx,
                                                      std::span<const SeenHead> heads) {
  absl::StatusOr<std::vector<size_t>> missing =
      RunStatements([&]() -> absl::StatusOr<std::vector<size_t>> {
        std::vector<size_t> places;
        const pqxx::result rows = Ask(PostgresTransaction::Work(tx), heads);
        if (IsStandby(rows)) return StoreError(StoreFailure::kUnavailable);
        places.reserve(rows.size());
        for (const auto& row : rows) {
          places.push_back(row[0].as<size_t>() - 1);
        }
        return places;
      });
  if (missing.ok() || !LacksTheAudit(SqlStateOf(missing.status()))) return missing;
  std::vector<size_t> all(heads.size());
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

absl::StatusOr<bool> KnowsAuditHeadKeeper(Transaction& tx, const std::string& server) {
  return RunStatements([&]() -> absl::StatusOr<bool> {
    return !PostgresTransaction::Work(tx)
                .exec_params("SELECT FROM kakunin.audit_head_keeper WHERE server = $1", server)
                .empty();
  });
}

absl::Status NoteAuditHeadKeeper(Transaction& tx, const std::string& server) {
  return RunStatements([&]() -> absl::Status {
    PostgresTransaction::Work(tx).exec_params0(
        "INSERT INTO kakunin.audit_head_keeper (server) VALUES ($1) ON CONFLICT DO NOTHING",
        server);
    return absl::OkStatus();
  });
}

}  // namespace kakunin
