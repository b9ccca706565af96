#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "server/clock.h"
#include "server/snapshot_age.h"
#include "server/usecases/inquiry_guard.h"
#include "storage/audit_store.h"

namespace kakunin {

// InquiryLimits is how much one terminal and one facility may ask by number in a clock hour.
struct InquiryLimits {
  int64_t no_match_per_terminal = 60;
  int64_t no_match_per_facility = 300;
  int64_t persons_per_terminal = 600;
  int64_t persons_per_facility = 3000;
};

// InquiryCounter is the guard against guessing. It counts in memory, and a thread shares the counts
// with the other servers of the installation once a second: a guesser who spreads over servers is
// noticed within about a second more. Persons that two servers saw are counted twice: the sum is an
// upper bound. A server that starts anew knows what all others, and its own earlier life, had
// written. Thread-safe.
class InquiryCounter final : public InquiryGuard {
 public:
  // All references outlive the counter.
  InquiryCounter(const InquiryLimits& limits, Database& database, InquiryStore& store,
                 const Clock& clock);
  ~InquiryCounter() override;

  bool Allows(std::string_view facility_code, std::string_view terminal_id, absl::Time at) override;
  void NoMatch(std::string_view facility_code, std::string_view terminal_id,
               absl::Time at) override;
  void Found(std::string_view facility_code, std::string_view terminal_id, const PersonId& person,
             absl::Time at) override;

  // Share writes what changed and reads what others counted; the thread calls it once a second.
  absl::Status Share();

  // Age is how long ago the others' counts were last read.
  absl::Duration Age() const { return age_.Age(); }

 private:
  struct Tally {
    int64_t no_match = 0;
    absl::flat_hash_set<PersonId> persons;
    int64_t others_no_match = 0;
    int64_t others_persons = 0;
    bool changed = false;
    bool alarmed = false;

    int64_t AllNoMatch() const { return no_match + others_no_match; }
    int64_t AllPersons() const { return static_cast<int64_t>(persons.size()) + others_persons; }
  };
  using TallyKey =
      std::pair<std::string, std::string>;  // facility, terminal ("" for the facility's sum)

  void TurnTo(int64_t hour);
  Tally& TallyOf(std::string_view facility_code, std::string_view terminal_id);
  bool Exceeded(const TallyKey& key, const Tally& tally) const;
  void Run();

  const InquiryLimits limits_;
  Database& database_;
  InquiryStore& store_;
  const Clock& clock_;
  const StreamId writer_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  int64_t hour_ = 0;
  SnapshotAge age_;
  absl::flat_hash_map<TallyKey, Tally> tallies_;
  std::thread thread_;
};

}  // namespace kakunin
