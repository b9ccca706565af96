#include "tests/unit/domain/record_access_history.h"

#include <algorithm>
#include <random>

#include "tests/unit/domain/naive_record_access.h"

namespace kakunin::naive {
namespace {

using Random = std::mt19937_64;

int64_t Pick(Random& random, int64_t below) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(below));
}
bool OneIn(Random& random, int64_t n) { return Pick(random, n) == 0; }

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}

  History Make() {
    History history;
    now_ = Start();
    first_day_ = DayInJapan(now_);
    const int64_t happenings = 1 + Pick(random_, 9);
    for (int64_t i = 0; i < happenings; ++i) {
      now_ += Gap();
      history.events.push_back(OneIn(random_, 4) ? End() : Act());
      AddCallsAround(history, history.events.back());
    }
    for (int i = 0; i < 8; ++i) history.events.push_back(Call(now_ + Gap() - Gap()));
    for (Fate& fate : history.fates) Doom(history, fate);
    if (OneIn(random_, 4)) {
      history.lapse_ignored_from = now_ - Gap();
      history.lapse_ignored_to = history.lapse_ignored_from + Gap();
    }
    std::stable_sort(history.events.begin(), history.events.end(),
                     [](const Event& a, const Event& b) { return a.Order() < b.Order(); });
    if (OneIn(random_, 3)) {
      for (Event& event : history.events) {
        if (event.type != Event::kCall) event.at += Pick(random_, 5) - 2;
      }
    }
    return history;
  }

 private:
  Seconds Start() {
    static const int kDays[] = {DayCount(2020, 11, 11), DayCount(2021, 10, 18),
                                DayCount(2022, 9, 9),   DayCount(2023, 5, 9),
                                DayCount(2024, 2, 27),  DayCount(2024, 3, 30),
                                DayCount(2025, 12, 30), DayCount(2028, 2, 27),
                                DayCount(2026, 11, 18), DayCount(2027, 2, 27)};
    // Mostly from the time when everything is in service.
    const size_t from = OneIn(random_, 4) ? 0 : 5;
    const int day = kDays[from + static_cast<size_t>(Pick(random_, std::size(kDays) - from))];
    return MidnightInJapan(day) + Pick(random_, kDay);
  }

  Seconds Gap() {
    const Seconds to_midnight = MidnightInJapan(DayInJapan(now_) + 1) - now_;
    const Seconds gaps[] = {0,
                            1,
                            3'600,
                            kDay - 1,
                            kDay,
                            kDay + 1,
                            to_midnight - 1,
                            to_midnight,
                            to_midnight + 1,
                            Pick(random_, 3 * kDay),
                            Pick(random_, 600)};
    return gaps[Pick(random_, std::size(gaps))];
  }

  void Place(Event& event) {
    // Mostly one person, facility and form, so that acts meet each other.
    event.person = OneIn(random_, 10) ? 1 : 0;
    event.facility = OneIn(random_, 10) ? 1 : 0;
    if (OneIn(random_, 3)) form_ = 1 + static_cast<int>(Pick(random_, 3));
    event.form = OneIn(random_, 40) ? 4 : form_;
    const bool booked = event.form == 3 || OneIn(random_, 10);
    event.booking = booked ? first_day_ + static_cast<int>(Pick(random_, 4)) : kNoBooking;
  }

  Event Act() {
    Event event{.type = Event::kAct, .at = now_};
    Place(event);
    if (event.form == 3 && OneIn(random_, 20)) event.booking = kNoBooking;
    event.oral = OneIn(random_, 6);
    event.certificate =
        event.oral ? kNoCertificate : static_cast<int>(Pick(random_, kCertificates));
    const Decision said = OneIn(random_, 4) ? Decision::kDeclined : Decision::kAgreed;
    for (Decision& decision : event.decisions) {
      decision = OneIn(random_, 3) ? Decision::kNotAsked : said;
    }
    return event;
  }

  Event End() {
    Event event{.type = Event::kEnd, .at = now_};
    Place(event);
    if (OneIn(random_, 2)) event.booking = kNoBooking;
    event.kinds = OneIn(random_, 2) ? int{kAllConsentKinds} : static_cast<int>(Pick(random_, 64));
    event.reason = 1 + static_cast<int>(Pick(random_, 3));
    return event;
  }

  Event Call(Seconds at) {
    Event event{.type = Event::kCall, .at = at};
    Place(event);
    if (event.form != 3 || OneIn(random_, 2)) event.booking = kNoBooking;
    Ask(event);
    return event;
  }

  void Ask(Event& event) {
    event.kind = 1 + static_cast<int>(Pick(random_, kConsentKinds));
    event.role = OneIn(random_, 8) ? 1 + static_cast<int>(Pick(random_, 6)) : 3;
    event.terminal_kind = OneIn(random_, 8) ? 1 + static_cast<int>(Pick(random_, 4)) : 1;
    event.facility_type = 1 + static_cast<int>(Pick(random_, 5));
    event.persons_found = OneIn(random_, 20) ? static_cast<int>(Pick(random_, 3)) : 1;
    event.in_grace = OneIn(random_, 20);
    if (OneIn(random_, 20)) {
      static const int kDays[] = {DayCount(2020, 3, 31), DayCount(2020, 4, 1),
                                  DayCount(2021, 8, 31), DayCount(2021, 9, 1),
                                  DayCount(2022, 5, 31), DayCount(2022, 6, 1)};
      event.asked_through = kDays[Pick(random_, std::size(kDays))];
    }
  }

  // A second before, at and after what happens and, for an act, its window's end.
  void AddCallsAround(History& history, const Event& happened) {
    std::vector<Seconds> edges = {happened.at};
    if (happened.type == Event::kAct) {
      const Seconds end = NaiveWindowEnd(happened.form, happened.at, happened.booking);
      if (end != kForever) edges.push_back(end);
    }
    Event call = happened;
    call.type = Event::kCall;
    for (const Seconds edge : edges) {
      for (const Seconds offset : {-1, 0, 1}) {
        call.at = edge + offset;
        if (OneIn(random_, 2)) call.booking = kNoBooking;
        Ask(call);
        history.events.push_back(call);
        call.asked_through = 0;
      }
    }
  }

  void Doom(const History& history, Fate& fate) {
    const auto some_instant = [&] {
      const auto index = Pick(random_, static_cast<int64_t>(history.events.size()));
      return history.events[static_cast<size_t>(index)].at + Pick(random_, 3) - 1;
    };
    fate.untraceable = OneIn(random_, 20);
    if (OneIn(random_, 5)) fate.revoked = some_instant();
    if (OneIn(random_, 5)) fate.superseded = some_instant();
    if (OneIn(random_, 5)) fate.expired = some_instant();
    if (OneIn(random_, 8)) {
      fate.list_lost = some_instant();
      fate.list_back = fate.list_lost + Gap();
    }
  }

  Random random_;
  Seconds now_ = 0;
  int first_day_ = 0;
  int form_ = 1;
};

}  // namespace

History DrawHistory(uint64_t seed) { return Draw(seed).Make(); }

}  // namespace kakunin::naive
