#include "tests/faults/oracles.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "domain/access_policy.h"
#include "tests/faults/batch_oracle.h"

namespace kakunin::faults {
namespace {

// The client may be late itself on a busy machine.
constexpr absl::Duration kAnswerSlack = absl::Seconds(5);

// What the database keeps under one audit id.
struct Kept {
  int audit_rows = 0;
  int64_t committed_us = 0;  // since 1970; of the audit row
  int operation = 0;
  bool done = false;  // its code is OK
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
           " * 1000000)::bigint, 9e18), max(operation), bool_and(code = 0)"
           " FROM kakunin.audit_event GROUP BY 1",
           kAuditId))) {
    Kept& entry = kept[row[0].as<std::string>()];
    entry.audit_rows = row[1].as<int>();
    entry.committed_us = row[2].as<int64_t>();
    entry.operation = row[3].as<int>();
    entry.done = row[4].as<bool>();
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
    if (call.act != Act::kPushFeed && call.act != Act::kFetchResults) {
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

// A refusal that the fault explains: the transport's own, or one of ours that says to ask again. A
// crash of PostgreSQL forgets the challenges, and an unknown one is refused.
bool Explains(Fault fault, const Call& call) {
  if (fault == Fault::kNone) return false;
  if (fault == Fault::kClock) {
    return call.reason == "CHALLENGE_REFUSED" || call.reason == "REVOCATION_UNKNOWN" ||
           call.reason == "PATIENT_HANDLE_REFUSED";
  }
  switch (call.code) {
    case grpc::StatusCode::UNAVAILABLE:
      return call.reason.empty() || call.reason == "DATABASE_UNAVAILABLE" ||
             call.reason == "REGISTRY_STALE" || call.reason == "REVOCATION_UNKNOWN" ||
             call.reason == "SHUTTING_DOWN";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return call.reason == "OVERLOADED";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return fault == Fault::kFrozen;
    case grpc::StatusCode::FAILED_PRECONDITION:
      return call.reason == "CHALLENGE_REFUSED" && fault == Fault::kCrash;
    default:
      return false;
  }
}

// Ours, which promise a RetryInfo; the transport's know none.
bool SaysToAskAgain(const Call& call) {
  return !call.reason.empty() && (call.code == grpc::StatusCode::UNAVAILABLE ||
                                  call.code == grpc::StatusCode::RESOURCE_EXHAUSTED);
}

void JudgeRefusal(const Call& call, Fault fault, Verdict& verdict) {
  if (!call.against_the_model.empty()) {
    verdict.wrong.push_back(fmt::format("{}: {}", ActName(call.act), call.against_the_model));
    return;
  }
  // The model itself allows a denial: NO_CONSENT where there may be none.
  if (call.act == Act::kReadDrugs && call.denied()) {
    ++verdict.denied;
    return;
  }
  ++verdict.refused;
  ++verdict.refusals[call.reason];
  if (!Explains(fault, call)) {
    verdict.miscoded.push_back(fmt::format("{}: code {} {} after {}", ActName(call.act),
                                           static_cast<int>(call.code), call.reason,
                                           absl::FormatDuration(call.returned - call.began)));
  } else if (SaysToAskAgain(call) && call.retry_after == absl::ZeroDuration()) {
    verdict.miscoded.push_back(
        fmt::format("{}: {} does not say when to ask again", ActName(call.act), call.reason));
  }
}

// What was done although nobody was told so: an act whose answer did not come, once for each.
void JudgeUntold(std::span<const Call> calls, const KeptRows& kept,
                 const std::set<std::string>& told, Verdict& verdict) {
  if (calls.empty()) return;
  const int64_t began = absl::ToUnixMicros(
      std::ranges::min_element(calls, {}, [](const Call& call) { return call.began; })->began);
  for (const auto& [act, operation] :
       {std::pair{Act::kConfirmByNumber, Operation::kConfirmByInsuredNumber},
        std::pair{Act::kConfirmByCard, Operation::kConfirmByCard},
        std::pair{Act::kRevokeConsent, Operation::kRevokeConsent}}) {
    const auto untold = std::ranges::count_if(kept, [&](const auto& entry) {
      return entry.second.operation == static_cast<int>(operation) && entry.second.done &&
             entry.second.committed_us >= began && !told.contains(entry.first);
    });
    const auto unanswered = std::ranges::count_if(calls, [&](const Call& call) {
      return call.act == act && call.code != grpc::StatusCode::OK;
    });
    if (untold > unanswered) {
      verdict.lost.push_back(fmt::format("{}: done {} times untold, {} calls got no answer",
                                         ActName(act), untold, unanswered));
    }
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
  for (const auto& [reason, times] : refusals) {
    text += fmt::format(" ({} {})", times, reason.empty() ? "of the transport" : reason);
  }
  AddTo(text, "lost", lost);
  AddTo(text, "unaudited", unaudited);
  AddTo(text, "wrong", wrong);
  AddTo(text, "miscoded", miscoded);
  return text;
}

Verdict Judge(std::span<const Call> calls, Fault fault, pqxx::transaction_base& work) {
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
      JudgeRefusal(call, fault, verdict);
    }
  }
  JudgeUntold(calls, kept, seen, verdict);
  JudgeBatches(calls, work, verdict);
  return verdict;
}

}  // namespace kakunin::faults
