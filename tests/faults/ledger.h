#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace kakunin::faults {

// What a client asked for.
enum class Act {
  kConfirmByNumber = 1,
  kBeginCard,
  kConfirmByCard,
  kReadDrugs,
  kRevokeConsent,
  kPushFeed,
  kBulkRow,
  kListAct,  // a list sent whole, or deleted
  kFetchResults
};

// What a desk asks, and with it what parties and schedulers do: whole feeds and lists, whose
// callers wait before they go on.
inline constexpr Act kEveryAct[] = {Act::kConfirmByNumber, Act::kBeginCard,     Act::kConfirmByCard,
                                    Act::kReadDrugs,       Act::kRevokeConsent, Act::kPushFeed,
                                    Act::kBulkRow};
inline constexpr std::span<const Act> kActsOfDesks{kEveryAct, 5};

// ActName is for what the harness prints.
const char* ActName(Act act);

// Call is one call as its client saw it: what it may hold the service to.
struct Call {
  Act act = Act::kConfirmByNumber;
  // Of the machine's clock, which PostgreSQL stamps its commits with.
  absl::Time began;
  absl::Time returned;
  absl::Duration bound;  // its deadline, from `began`
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string reason;          // of a refusal; empty: the transport's
  absl::Duration retry_after;  // of a refusal by us; zero: it does not say
  std::string audit_id;        // of an answer
  // Of kPushFeed, which is told no audit id.
  std::string insurer;
  int64_t feed_number = 0;
  // What an answer says was kept beside its audit row.
  bool confirmed = false;         // a confirmation row
  bool consented = false;         // a consent act
  bool ended = false;             // a consent's end
  std::string against_the_model;  // how the answer cannot be right; empty: it can

  // denied is whether the patient's own decision was the reason.
  bool denied() const {
    return code == grpc::StatusCode::PERMISSION_DENIED &&
           (reason == "NO_CONSENT" || reason == "CONSENT_DECLINED" || reason == "CONSENT_REVOKED" ||
            reason == "CONSENT_EXPIRED");
  }
};

// Ledger keeps every call of a run. Thread-safe.
class Ledger {
 public:
  void Add(Call call);
  std::vector<Call> calls() const;

  // Answered is how many calls of one kind were answered.
  int Answered(Act act) const;

  // AnsweredAgain is how long after `since` each of `acts` had an answer to a call made since then,
  // if only that the patient does not agree; nullopt: one had none.
  std::optional<absl::Duration> AnsweredAgain(absl::Time since,
                                              std::span<const Act> acts = kEveryAct) const;

  // AwaitAnswered waits until `more` further calls were answered; false when `bound` is over first.
  bool AwaitAnswered(int more, std::chrono::seconds bound);

 private:
  mutable std::mutex mutex_;
  std::condition_variable added_;
  std::vector<Call> calls_;
  int answered_ = 0;
};

}  // namespace kakunin::faults
