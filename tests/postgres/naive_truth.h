#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "storage/feed_store.h"

namespace kakunin {

// NaiveTruth is what the feeds of insurers come to, as plainly as it can be told: of every
// reference a list of what was known of it since when, and nothing is ever taken from a list. It
// shares no line with the service, which keeps known periods in tables and looks at them by SQL.
class NaiveTruth {
 public:
  using Instant = absl::Time;
  // An insurer's own number of a coverage.
  struct Key {
    int insurer = 0;
    int reference = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // What a delivery said of one coverage. Its person is a number here.
  struct Told {
    int who = 0;
    int feed = 0;
    Coverage coverage;
  };
  struct Row {
    Key key;
    int who = 0;
    RowAction action = RowAction::kNew;
    bool has_number = true;
    bool by_hash = false;  // the service knew it by its hash and kept nothing else of it
    Coverage coverage;
  };
  enum class Verdict { kNew, kChanged, kLost, kUnchanged, kHidden, kRefused, kOutdated };
  struct Judged {
    Verdict verdict = Verdict::kRefused;
    bool corrected = false;
    bool doubted = false;  // refused, since it is of somebody else or stands twice
  };
  struct Undone {
    bool done = false;
    int64_t restored = 0;
    int64_t removed = 0;
    int64_t touched_later = 0;
    friend bool operator==(const Undone&, const Undone&) = default;
  };

  // Judge tells what each row of a delivery would come to now. Of what a later delivery that stands
  // has told an earlier one cannot tell any more.
  std::vector<Judged> Judge(int feed, const std::vector<Row>& rows) const {
    std::map<Key, std::vector<size_t>> together;
    std::vector<Judged> judged;
    for (size_t i = 0; i < rows.size(); ++i) {
      const bool outdated = !rows[i].by_hash && IsToldLater(rows[i].key, feed);
      judged.push_back(outdated ? Judged{Verdict::kOutdated} : JudgeAlone(rows[i]));
      together[rows[i].key].push_back(i);
    }
    for (const auto& [key, indexes] : together) {
      const bool all_tell_what_is_known = std::ranges::all_of(indexes, [&](size_t i) {
        return rows[i].by_hash || judged[i].verdict == Verdict::kUnchanged;
      });
      if (indexes.size() == 1 || all_tell_what_is_known) continue;
      for (const size_t i : indexes) {
        if (judged[i].verdict != Verdict::kOutdated) judged[i] = {.doubted = true};
      }
    }
    RefuseBeside(rows, judged);
    return judged;
  }

  // Publish makes a delivery's rows known at `at`, or just after what its insurer did before.
  // Returns the counts, those of persons apart.
  FeedCounts Publish(int feed, int insurer, const std::vector<Row>& rows, Instant at) {
    at = NextInstant(insurer, at);
    Delivery& delivery = deliveries_[feed];
    delivery = {.insurer = insurer, .at = at, .stands = true, .touched = {}};
    FeedCounts counts;
    const auto judged = Judge(feed, rows);
    for (size_t i = 0; i < rows.size(); ++i) {
      const Verdict verdict = judged[i].verdict;
      const bool refused = verdict == Verdict::kRefused || verdict == Verdict::kOutdated;
      outdated_ += verdict == Verdict::kOutdated ? 1 : 0;
      if (rows[i].by_hash || !refused || judged[i].doubted) told_by_[rows[i].key].insert(feed);
      if (rows[i].by_hash) {
        ++counts.unchanged_rows;
      } else {
        ++CountOf(counts, judged[i]);
        if (!refused) Make(delivery, feed, rows[i], verdict, at);
      }
    }
    return counts;
  }

  // Undo brings every reference that the delivery touched back to what was known just before it.
  // Another delivery's later word on one of them stands in the way unless `force`.
  Undone Undo(int feed, bool force, Instant at) {
    Delivery& delivery = deliveries_.at(feed);
    Undone undone;
    for (const Touch& touch : delivery.touched) {
      const Slot& slot = slots_.at(touch.key);
      const auto& line = touch.hidden ? slot.hidden : slot.shown;
      const auto& now = line.back().told;
      (Before(line, delivery.at) ? undone.restored : undone.removed) += 1;
      const bool still_its_own = touch.wrote ? now && now->feed == feed : !now;
      undone.touched_later += still_its_own ? 0 : 1;
    }
    undone.done = force || undone.touched_later == 0;
    if (!undone.done) return undone;
    at = NextInstant(delivery.insurer, at);
    for (const Touch& touch : delivery.touched) TakeBack(delivery, feed, touch, at);
    delivery.stands = false;
    return undone;
  }

  // KnownOf lists what was known at `at` of the person's coverages.
  std::vector<std::pair<Key, const Told*>> KnownOf(int who, Instant at) const {
    std::vector<std::pair<Key, const Told*>> known;
    for (const Key& key : KeysOf(who)) {
      const auto& told = At(slots_.at(key).shown, at);
      if (told && told->who == who) known.emplace_back(key, &*told);
    }
    return known;
  }
  // HiddenAt is what was kept hidden under the reference at `at`.
  const std::optional<Told>& HiddenAt(const Key& key, Instant at) const {
    return At(slots_.at(key).hidden, at);
  }

  // KeysOf lists the references under which the person was ever shown.
  const std::set<Key>& KeysOf(int who) const {
    static const std::set<Key> kNone;
    const auto found = keys_.find(who);
    return found == keys_.end() ? kNone : found->second;
  }
  // InstantsOf lists when anything changed under those references.
  std::set<Instant> InstantsOf(int who) const {
    std::set<Instant> instants;
    for (const Key& key : KeysOf(who)) instants.merge(InstantsOfKey(key));
    return instants;
  }
  std::set<Instant> InstantsOfKey(const Key& key) const {
    std::set<Instant> instants;
    for (const auto* line : {&slots_.at(key).shown, &slots_.at(key).hidden}) {
      for (const Entry& entry : *line) instants.insert(entry.at);
    }
    return instants;
  }
  std::vector<Key> Keys() const {
    std::vector<Key> keys;
    for (const auto& [key, slot] : slots_) keys.push_back(key);
    return keys;
  }
  // ChangesOf is how often what is known of the person's references has changed.
  size_t ChangesOf(int who) const {
    size_t changes = 0;
    for (const Key& key : KeysOf(who)) changes += slots_.at(key).shown.size();
    return changes;
  }
  // Touches lists whom an undo of the delivery would touch.
  std::set<int> PersonsTouched(int feed) const {
    std::set<int> persons;
    for (const Touch& touch : deliveries_.at(feed).touched) {
      for (const Entry& entry : slots_.at(touch.key).shown) {
        if (entry.told) persons.insert(entry.told->who);
      }
    }
    return persons;
  }

  // outdated is how many rows came after what a later delivery had told of them.
  int64_t outdated() const { return outdated_; }

 private:
  struct Entry {
    Instant at;
    std::optional<Told> told;  // empty: nothing is known from then on
  };
  struct Slot {
    std::vector<Entry> shown;
    std::vector<Entry> hidden;
    std::optional<int> names;  // whom the reference names
  };
  struct Touch {
    Key key;
    bool hidden = false;
    bool wrote = false;  // else it only ended what was hidden
  };
  struct Delivery {
    int insurer = 0;
    Instant at;
    bool stands = false;
    std::vector<Touch> touched;
  };

  static const std::optional<Told>& At(const std::vector<Entry>& line, Instant at) {
    static const std::optional<Told> kNothing;
    const std::optional<Told>* told = &kNothing;
    for (const Entry& entry : line) {
      if (entry.at <= at) told = &entry.told;
    }
    return *told;
  }
  static const std::optional<Told>& Before(const std::vector<Entry>& line, Instant at) {
    return At(line, at - absl::Nanoseconds(1));
  }

  static bool SaysTheSame(const Coverage& one, const Coverage& other) {
    return IsTheSameMember(one, other) && one.number == other.number &&
           one.address == other.address &&
           one.disqualification_date == other.disqualification_date &&
           one.reason_of_loss == other.reason_of_loss &&
           one.certificate_valid_through == other.certificate_valid_through &&
           one.partial_contribution_percent == other.partial_contribution_percent;
  }
  static bool IsTheSameMember(const Coverage& one, const Coverage& other) {
    return one.birth_date == other.birth_date && one.sex == other.sex &&
           one.qualification_date == other.qualification_date &&
           one.key_with_branch == other.key_with_branch &&
           one.key_without_branch == other.key_without_branch;
  }

  // Of a person of whom a row is refused nothing else is taken.
  static void RefuseBeside(const std::vector<Row>& rows, std::vector<Judged>& judged) {
    std::set<int> refused;
    for (size_t i = 0; i < rows.size(); ++i) {
      const bool told = rows[i].has_number && !rows[i].by_hash;
      if (told && judged[i].verdict == Verdict::kRefused) refused.insert(rows[i].who);
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      const Verdict verdict = judged[i].verdict;
      const bool changes =
          verdict == Verdict::kNew || verdict == Verdict::kChanged || verdict == Verdict::kLost;
      if (changes && !rows[i].by_hash && refused.contains(rows[i].who)) judged[i] = {};
    }
  }

  bool IsToldLater(const Key& key, int feed) const {
    const auto told = told_by_.find(key);
    return told != told_by_.end() &&
           std::any_of(told->second.upper_bound(feed), told->second.end(),
                       [&](int later) { return deliveries_.at(later).stands; });
  }

  Judged JudgeAlone(const Row& row) const {
    if (!row.has_number) return {Verdict::kHidden};
    const auto found = slots_.find(row.key);
    if (found == slots_.end()) {
      return {row.action == RowAction::kNew ? Verdict::kNew : Verdict::kRefused};
    }
    const Slot& slot = found->second;
    if (slot.names && *slot.names != row.who) return {.doubted = true};
    const bool is_shown = !slot.shown.empty() && slot.shown.back().told;
    const bool is_hidden = !slot.hidden.empty() && slot.hidden.back().told;
    if (!is_shown) {
      const bool begins =
          row.action == RowAction::kNew || (row.action == RowAction::kChanged && is_hidden);
      return {begins ? Verdict::kNew : Verdict::kRefused};
    }
    const Coverage& known = slot.shown.back().told->coverage;
    const bool another_end = row.coverage.disqualification_date != known.disqualification_date;
    const bool corrects_end = known.disqualification_date.has_value() && another_end;
    if (row.action == RowAction::kLost) {
      if (!another_end && row.coverage.reason_of_loss == known.reason_of_loss) {
        return {Verdict::kUnchanged};
      }
      return {Verdict::kLost, corrects_end};
    }
    if (SaysTheSame(row.coverage, known)) return {Verdict::kUnchanged};
    if (row.action == RowAction::kNew) return {};
    return {Verdict::kChanged, corrects_end || !IsTheSameMember(row.coverage, known)};
  }

  static int64_t& CountOf(FeedCounts& counts, const Judged& judged) {
    switch (judged.verdict) {
      case Verdict::kNew:
        return counts.new_rows;
      case Verdict::kChanged:
        return judged.corrected ? counts.corrected_rows : counts.changed_rows;
      case Verdict::kLost:
        return judged.corrected ? counts.corrected_rows : counts.lost_rows;
      case Verdict::kUnchanged:
        return counts.unchanged_rows;
      case Verdict::kHidden:
        return counts.hidden_rows;
      case Verdict::kRefused:
      case Verdict::kOutdated:
        break;
    }
    return counts.refused_rows;
  }

  void Make(Delivery& delivery, int feed, const Row& row, Verdict verdict, Instant at) {
    Slot& slot = slots_[row.key];
    const bool was_hidden = !slot.hidden.empty() && slot.hidden.back().told;
    if (verdict == Verdict::kHidden) {
      slot.hidden.push_back({at, Told{row.who, feed, row.coverage}});
      delivery.touched.push_back({.key = row.key, .hidden = true, .wrote = true});
      return;
    }
    if (was_hidden) {
      slot.hidden.push_back({at, std::nullopt});
      delivery.touched.push_back({.key = row.key, .hidden = true, .wrote = false});
    }
    if (verdict == Verdict::kUnchanged) return;
    Told told{row.who, feed, row.coverage};
    if (verdict == Verdict::kLost) {
      told.coverage = slot.shown.back().told->coverage;
      told.coverage.disqualification_date = row.coverage.disqualification_date;
      told.coverage.reason_of_loss = row.coverage.reason_of_loss;
    }
    slot.shown.push_back({at, told});
    slot.names = row.who;
    keys_[row.who].insert(row.key);
    delivery.touched.push_back({.key = row.key, .hidden = false, .wrote = true});
  }

  void TakeBack(const Delivery& delivery, int feed, const Touch& touch, Instant at) {
    Slot& slot = slots_.at(touch.key);
    auto& line = touch.hidden ? slot.hidden : slot.shown;
    std::optional<Told> before = Before(line, delivery.at);
    if (!touch.hidden) {
      if (before) {
        slot.names = before->who;
      } else if (!WasNamedBefore(slot, delivery, feed)) {
        slot.names.reset();
      }
    }
    line.push_back({at, std::move(before)});
  }

  // Another delivery that still stands had said so before that one: the reference stays the
  // person's, though nothing is known under it.
  bool WasNamedBefore(const Slot& slot, const Delivery& delivery, int feed) const {
    const auto& now = slot.shown.back().told;
    return now && std::ranges::any_of(slot.shown, [&](const Entry& entry) {
             return entry.told && entry.told->who == now->who && entry.at < delivery.at &&
                    entry.told->feed != feed && deliveries_.at(entry.told->feed).stands;
           });
  }

  Instant NextInstant(int insurer, Instant at) {
    auto [last, is_first] = last_.try_emplace(insurer, at);
    if (!is_first) last->second = std::max(at, last->second + absl::Microseconds(1));
    return last->second;
  }

  std::map<Key, Slot> slots_;
  std::map<int, std::set<Key>> keys_;
  std::map<int, Delivery> deliveries_;
  std::map<Key, std::set<int>> told_by_;  // which deliveries said anything of it
  std::map<int, Instant> last_;
  int64_t outdated_ = 0;
};

}  // namespace kakunin
