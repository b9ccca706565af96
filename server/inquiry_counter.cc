#include "server/inquiry_counter.h"

#include <chrono>

#include "auth/digest.h"

namespace kakunin {
namespace {

constexpr auto kShareEvery = std::chrono::seconds(1);
constexpr auto kShareBound = std::chrono::seconds(1);
constexpr char kAlarmKind[] = "INQUIRY_LIMIT";

int64_t HourOf(absl::Time at) { return absl::ToUnixSeconds(at) / 3600; }

}  // namespace

InquiryCounter::InquiryCounter(const InquiryLimits& limits, Database& database, InquiryStore& store,
                               const Clock& clock)
    : limits_(limits),
      database_(database),
      store_(store),
      clock_(clock),
      writer_(StreamId{auth::RandomArray<16>()}),
      hour_(HourOf(clock.Now())),
      thread_([this] { Run(); }) {}

InquiryCounter::~InquiryCounter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  // What was counted since the last second is not lost to the other servers.
  Share().IgnoreError();
}

void InquiryCounter::TurnTo(int64_t hour) {
  // A batch that began just before the hour does not turn the page back.
  if (hour == hour_ || hour + 1 == hour_) return;
  hour_ = hour;
  tallies_.clear();
}

InquiryCounter::Tally& InquiryCounter::TallyOf(std::string_view facility_code,
                                               std::string_view terminal_id) {
  return tallies_[TallyKey(facility_code, terminal_id)];
}

bool InquiryCounter::Exceeded(const TallyKey& key, const Tally& tally) const {
  const bool facility = key.second.empty();
  return tally.AllNoMatch() >=
             (facility ? limits_.no_match_per_facility : limits_.no_match_per_terminal) ||
         tally.AllPersons() >=
             (facility ? limits_.persons_per_facility : limits_.persons_per_terminal);
}

bool InquiryCounter::Allows(std::string_view facility_code, std::string_view terminal_id,
                            absl::Time at) {
  const std::lock_guard lock(mutex_);
  TurnTo(HourOf(at));
  for (const std::string_view terminal : {std::string_view(), terminal_id}) {
    const auto found = tallies_.find(TallyKey(facility_code, terminal));
    if (found != tallies_.end() && Exceeded(found->first, found->second)) return false;
  }
  return true;
}

void InquiryCounter::NoMatch(std::string_view facility_code, std::string_view terminal_id,
                             absl::Time at) {
  const std::lock_guard lock(mutex_);
  TurnTo(HourOf(at));
  ++TallyOf(facility_code, "").no_match;
  Tally& terminal = TallyOf(facility_code, terminal_id);
  ++terminal.no_match;
  terminal.changed = true;
}

void InquiryCounter::Found(std::string_view facility_code, std::string_view terminal_id,
                           const PersonId& person, absl::Time at) {
  const std::lock_guard lock(mutex_);
  TurnTo(HourOf(at));
  TallyOf(facility_code, "").persons.insert(person);
  Tally& terminal = TallyOf(facility_code, terminal_id);
  if (terminal.persons.insert(person).second) terminal.changed = true;
}

absl::Status InquiryCounter::Share() {
  std::vector<InquiryCount> mine;
  std::vector<TallyKey> alarms;
  int64_t hour = 0;
  {
    const std::lock_guard lock(mutex_);
    TurnTo(HourOf(clock_.Now()));
    hour = hour_;
    for (auto& [key, tally] : tallies_) {
      if (Exceeded(key, tally) && !tally.alarmed) alarms.push_back(key);
      if (!tally.changed) continue;
      mine.push_back({key.first, key.second, hour, tally.no_match,
                      static_cast<int64_t>(tally.persons.size())});
    }
  }
  std::vector<InquiryCount> others;
  const absl::Time now = clock_.Now();
  const auto asked = std::chrono::steady_clock::now();
  absl::Status status = database_.Write(asked + kShareBound, [&](Transaction& tx) -> absl::Status {
    if (!mine.empty()) {
      if (absl::Status put = store_.Put(tx, writer_, mine); !put.ok()) return put;
    }
    for (const TallyKey& key : alarms) {
      absl::Status raised = store_.RaiseAlarm(tx, kAlarmKind, key.first, key.second, hour, now);
      if (!raised.ok()) return raised;
    }
    auto read = store_.OfOthers(tx, writer_, hour);
    if (!read.ok()) return read.status();
    others = *std::move(read);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  age_.Renew(asked);

  const std::lock_guard lock(mutex_);
  if (hour != hour_) return absl::OkStatus();
  absl::flat_hash_map<std::string, InquiryCount> facilities;
  for (const InquiryCount& other : others) {
    Tally& tally = TallyOf(other.facility_code, other.terminal_id);
    tally.others_no_match = other.no_match;
    tally.others_persons = other.persons;
    InquiryCount& sum = facilities[other.facility_code];
    sum.no_match += other.no_match;
    sum.persons += other.persons;
  }
  for (const auto& [code, sum] : facilities) {
    Tally& tally = TallyOf(code, "");
    tally.others_no_match = sum.no_match;
    tally.others_persons = sum.persons;
  }
  for (const InquiryCount& written : mine) {
    Tally& tally = TallyOf(written.facility_code, written.terminal_id);
    // Counted on meanwhile: then it goes out with the next round.
    tally.changed = tally.no_match != written.no_match ||
                    static_cast<int64_t>(tally.persons.size()) != written.persons;
  }
  for (const TallyKey& key : alarms) TallyOf(key.first, key.second).alarmed = true;
  return absl::OkStatus();
}

void InquiryCounter::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kShareEvery, [this] { return stop_; })) {
    lock.unlock();
    // A round that fails is repeated with the next; the limits of this server hold all the same.
    Share().IgnoreError();
    lock.lock();
  }
}

}  // namespace kakunin
