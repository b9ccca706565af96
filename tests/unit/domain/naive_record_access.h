#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tests/unit/domain/record_access_history.h"

// A model of the rules of record access as plain as can be: for every question it walks forward
// through what was stored so far, event by event, and reckons days, windows and the policy by
// itself. Nothing of domain/ decides here.
namespace kakunin::naive {

// The calendar, counted month by month.
int DayCount(int year, int month, int day);
Seconds MidnightInJapan(int day);
int DayInJapan(Seconds at);

// NaiveWindowEnd is the first second at which a consent no longer holds. kForever: until it is
// ended; `given`: it opens nothing.
Seconds NaiveWindowEnd(int form, Seconds given, int booking);

// Slot is one consent: of a person, facility, form, booking and kind.
struct Slot {
  enum State { kRunning, kDeclined, kExpired, kEnded };
  State state = kDeclined;
  Seconds since = 0;
  Seconds end = 0;
  int certificate = kNoCertificate;
};

// Verdict is an answer: the reason's name, or OK and until when.
struct Verdict {
  std::string name = "OK";
  Seconds until = 0;  // allowed

  bool operator==(const Verdict&) const = default;
};

// NaiveWorld is everything that was stored so far.
class NaiveWorld {
 public:
  explicit NaiveWorld(const History& history) : history_(history) {}

  // Events come in the order of the history, stamped by clocks that differ.
  void Apply(const Event& event) { stored_.push_back(event); }
  Verdict Ask(const Event& call);

 private:
  using Key = std::tuple<int, int, int, int, int>;  // person, facility, form, booking, kind

  // Lives through what was stored, as it looks from `now`.
  void Replay(Seconds now);
  void Tick(Seconds now);
  void Decide(const Event& act, int kind);
  static void End(const Event& event, const Key& key, Slot& slot);
  std::string CertificateRefusal(const Slot& slot, Seconds now) const;
  Verdict FromSlots(const std::vector<const Slot*>& found, const Event& call) const;

  const History& history_;
  std::vector<Event> stored_;
  std::map<Key, Slot> slots_;
};

}  // namespace kakunin::naive
