#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "server/clock.h"
#include "server/usecases/link_on_first_use.h"
#include "server/usecases/unlinked_cards.h"

namespace kakunin {

// FirstUseLimits bounds what a flood of unknown cards can cost.
struct FirstUseLimits {
  size_t queued = 1024;         // cards waiting to be asked about
  size_t remembered = 100'000;  // cards asked about in one span, 16 octets each
  absl::Duration span = absl::Minutes(5);
};

// FirstUse links cards that nobody is linked to yet: it asks the register of residents from a
// thread of its own, so that no lane waits, and the next confirmation finds the link. A card is
// asked about once in one to two spans, and at once again when it could not be asked about.
// Thread-safe.
class FirstUse final : public UnlinkedCards {
 public:
  enum class Outcome { kLinked, kUnknown, kFailed, kDropped };
  static constexpr size_t kOutcomes = 4;

  // What `backend` refers to, and `clock`, outlive the object.
  FirstUse(const FirstUseBackend& backend, const Clock& clock, const FirstUseLimits& limits = {});
  // Finishes the card that is being asked about; what is queued is forgotten.
  ~FirstUse() override;

  // Seen queues a card; what does not fit is dropped and counted, and asked about when it is seen
  // again.
  void Seen(std::string_view issuer_key_id, std::string_view serial) override;

  // Count is how many cards came to `outcome` since the start.
  int64_t Count(Outcome outcome) const;

 private:
  void Run();
  void Conclude(const CardCertificateId& card, const absl::StatusOr<bool>& linked);

  const FirstUseBackend backend_;
  const Clock& clock_;
  const FirstUseLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<CardCertificateId> queue_;
  // Hashes of the cards asked about in this span and in the one before.
  absl::flat_hash_set<uint64_t> recent_;
  absl::flat_hash_set<uint64_t> earlier_;
  absl::Time span_began_ = absl::InfinitePast();
  std::array<int64_t, kOutcomes> counts_{};
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace kakunin
