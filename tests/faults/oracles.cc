#include "tests/faults/oracles.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

namespace kakunin::faults {
namespace {

constexpr absl::Duration kAnswerSlack = absl::Milliseconds(100);

// What the database keeps under one audit id.
struct Kept {
  int audit_rows = 0;
  int64_t committed_us = 0;  // since 1970; of the audit row
  int confirmations = 0;
  int consents = 0;
  int ends = 0;
};

using KeptRows = std::map<std::string, Kept>;

constexpr char kAuditId[] = "replace(stream::text, '-', '') || '-' || number";

KeptRows ReadKept(pqxx::transaction_base& work) {
  KeptRows kept;
  for (const auto& row : work.exec(fmt::format(
           "SELECT {}, count(*), coalesce(max(extract(epoch FROM pg_xact_commit_timestamp(xmin))"
           " * 1000000)::bigint, 9e18) FROM kakunin.audit_event GROUP BY 1",
           kAuditId))) {
    Kept& entry = kept[row[0].as<std::string>()];
    entry.audit_rows = row[1].as<int>();
    entry.committed_us = row[2].as<int64_t>();
  }
  const auto count = [&](const char* table, int Kept::*rows) {
    for (const auto& row : work.exec(
             fmt::format("SELECT {}, count(*) FROM kakunin.{} GROUP BY 1", kAuditId, table))) {
      kept[row[0].as<std::string>()].*rows = row[1].as<int>();
    }
  };
  count("confirmation", &Kept::confirmations);
  count("consent_act", &Kept::consents);
  count("consent_end", &Kept::ends);
  return kept;
}

void JudgeAnswer(const Call& call, const KeptRows& kept, std::set<std::string>& seen,
                 Verdict& verdict) {
  const char* act = ActName(call.act);
  if (!call.against_the_model.empty()) {
    verdict.wrong.push_back(fmt::format("{}: {}", act, call.against_the_model));
  }
  if (call.audit_id.empty()) {
    if (call.act != Act::kPushFeed) {
      verdict.unaudited.push_back(fmt::format("{}: no audit id", act));
    }
    return;
  }
  if (!seen.insert(call.audit_id).second) {
    verdict.unaudited.push_back(fmt::format("{}: two answers under {}", act, call.audit_id));
  }
  const auto found = kept.find(call.audit_id);
  const Kept& rows = found == kept.end() ? Kept{} : found->second;
  if (rows.audit_rows != 1) {
    verdict.unaudited.push_back(
        fmt::format("{}: {} audit rows {}", act, rows.audit_rows, call.audit_id));
  } else if (absl::FromUnixMicros(rows.committed_us) > call.returned) {
    verdict.unaudited.push_back(
        fmt::format("{}: answered before its audit row {} was committed", act, call.audit_id));
  }
  const auto expect = [&](bool promised, int there, const char* what) {
    if (there != (promised ? 1 : 0)) {
      verdict.lost.push_back(fmt::format("{}: {} {} under {}, {} promised", act, there, what,
                                         call.audit_id, promised ? "one" : "none"));
    }
  };
  expect(call.confirmed, rows.confirmations, "confirmations");
  expect(call.consented, rows.consents, "consent acts");
  expect(call.ended, rows.ends, "ends of consents");
}

// A refusal that the faults explain: the transport's own, or one of ours that says to ask again. A
// crash of PostgreSQL forgets the challenges, and an unknown one is refused.
bool Explained(const Call& call) {
  switch (call.code) {
    case grpc::StatusCode::UNAVAILABLE:
      return true;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return call.reason == "OVERLOADED";
    case grpc::StatusCode::FAILED_PRECONDITION:
      return call.reason == "CHALLENGE_REFUSED";
    default:
      return false;
  }
}

void JudgeRefusal(const Call& call, Verdict& verdict) {
  if (!call.against_the_model.empty()) {
    verdict.wrong.push_back(fmt::format("{}: {}", ActName(call.act), call.against_the_model));
    return;
  }
  // The model itself allows a denial: NO_CONSENT where there may be none.
  if (call.code == grpc::StatusCode::PERMISSION_DENIED && call.act == Act::kReadDrugs) {
    ++verdict.denied;
    return;
  }
  ++verdict.refused;
  if (!Explained(call)) {
    verdict.miscoded.push_back(fmt::format("{}: code {} {} after {}", ActName(call.act),
                                           static_cast<int>(call.code), call.reason,
                                           absl::FormatDuration(call.returned - call.began)));
  }
}

void AddTo(std::string& text, const char* oracle, const std::vector<std::string>& faults) {
  constexpr size_t kShown = 5;
  text += fmt::format(", {} {}", faults.size(), oracle);
  for (size_t i = 0; i < faults.size() && i < kShown; ++i) text += "\n    " + faults[i];
}

}  // namespace

std::string Verdict::Text() const {
  std::string text = fmt::format("{} answered, {} denied, {} refused", answered, denied, refused);
  AddTo(text, "lost", lost);
  AddTo(text, "unaudited", unaudited);
  AddTo(text, "wrong", wrong);
  AddTo(text, "miscoded", miscoded);
  return text;
}

Verdict Judge(std::span<const Call> calls, pqxx::transaction_base& work) {
  const KeptRows kept = ReadKept(work);
  Verdict verdict;
  std::set<std::string> seen;
  for (const Call& call : calls) {
    if (call.returned > call.began + call.bound + kAnswerSlack) {
      verdict.miscoded.push_back(
          fmt::format("{}: returned {} after its deadline", ActName(call.act),
                      absl::FormatDuration(call.returned - call.began - call.bound)));
    }
    if (call.code == grpc::StatusCode::OK) {
      ++verdict.answered;
      JudgeAnswer(call, kept, seen, verdict);
    } else {
      JudgeRefusal(call, verdict);
    }
  }
  return verdict;
}

}  // namespace kakunin::faults
