#include "tests/faults/ledger.h"

#include <algorithm>
#include <utility>

namespace kakunin::faults {

const char* ActName(Act act) {
  switch (act) {
    case Act::kConfirmByNumber:
      return "confirm by number";
    case Act::kBeginCard:
      return "begin card";
    case Act::kConfirmByCard:
      return "confirm by card";
    case Act::kReadDrugs:
      return "read drugs";
    case Act::kRevokeConsent:
      return "revoke consent";
    case Act::kPushFeed:
      return "push feed";
    case Act::kBulkRow:
      return "row of a list";
    case Act::kListAct:
      return "act on a list";
    case Act::kFetchResults:
      return "fetch results of a list";
  }
  return "";
}

void Ledger::Add(Call call) {
  const std::lock_guard lock(mutex_);
  if (call.code == grpc::StatusCode::OK) {
    ++answered_;
    added_.notify_all();
  }
  calls_.push_back(std::move(call));
}

int Ledger::Answered(Act act) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::count_if(calls_.begin(), calls_.end(), [act](const Call& call) {
    return call.act == act && call.code == grpc::StatusCode::OK;
  }));
}

std::optional<absl::Duration> Ledger::AnsweredAgain(absl::Time since,
                                                    std::span<const Act> acts) const {
  const std::lock_guard lock(mutex_);
  absl::Duration longest = absl::ZeroDuration();
  for (const Act act : acts) {
    absl::Time first = absl::InfiniteFuture();
    for (const Call& call : calls_) {
      if (call.act != act || call.began < since) continue;
      if (call.code == grpc::StatusCode::OK || call.denied()) {
        first = std::min(first, call.returned);
      }
    }
    if (first == absl::InfiniteFuture()) return std::nullopt;
    longest = std::max(longest, first - since);
  }
  return longest;
}

bool Ledger::AwaitAnswered(int more, std::chrono::seconds bound) {
  std::unique_lock lock(mutex_);
  const int wanted = answered_ + more;
  return added_.wait_for(lock, bound, [&] { return answered_ >= wanted; });
}

std::vector<Call> Ledger::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

}  // namespace kakunin::faults
