#include "tests/unit/domain/naive_record_access.h"

#include <algorithm>

namespace kakunin::naive {
namespace {

bool IsLeap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

std::string PolicyOf(const Event& call) {
  const int day = DayInJapan(call.at);
  if (call.kind == 4 && day < DayCount(2020, 11, 12)) {
    if (call.facility_type >= 4) return "FACILITY_TYPE_NOT_ALLOWED";
    if (call.role == 5) return "ROLE_NOT_ALLOWED";
  }
  if (call.form == 4) return "FORM_OF_CARE_NOT_IN_SERVICE";
  int start = DayCount(2021, 10, 20);
  if (call.kind == 2) start = DayCount(2022, 9, 11);
  if (call.kind == 3) start = DayCount(2023, 5, 11);
  if (call.form != 1) start = std::max(start, DayCount(2024, 4, 1));
  if (day < start) return "NOT_IN_SERVICE";
  if (call.terminal_kind == 4) return "TERMINAL_RESTRICTED";
  if (call.kind <= 4 && call.role <= 2) return "ROLE_NOT_ALLOWED";
  return "";
}

int FirstData(int kind) {
  if (kind == 1) return DayCount(2021, 9, 1);
  if (kind == 2 || kind == 3) return DayCount(2022, 6, 1);
  return kind == 4 ? DayCount(2020, 4, 1) : 0;
}

}  // namespace

int DayCount(int year, int month, int day) {
  static constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int days = day - 1;
  for (int y = 1970; y < year; ++y) days += IsLeap(y) ? 366 : 365;
  for (int m = 1; m < month; ++m) days += kLengths[m - 1] + (m == 2 && IsLeap(year) ? 1 : 0);
  return days;
}

Seconds MidnightInJapan(int day) { return day * kDay - 9 * 3'600; }
int DayInJapan(Seconds at) { return static_cast<int>((at + 9 * 3'600) / kDay); }

Seconds NaiveWindowEnd(int form, Seconds given, int booking) {
  if (form == 1 && given >= MidnightInJapan(DayCount(2021, 10, 20))) return given + kDay;
  if (given < MidnightInJapan(DayCount(2024, 4, 1))) return given;
  if (form == 2) return kForever;
  if (form == 3 && booking != kNoBooking) {
    Seconds end = given;
    while (DayInJapan(end) < booking) end += kDay;
    if (DayInJapan(end) > booking) return given;
    return MidnightInJapan(DayInJapan(end)) + kDay;
  }
  return given;
}

void NaiveWorld::Replay(Seconds now) {
  slots_.clear();
  std::vector<Event> events = stored_;
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.Order() < b.Order(); });
  for (const Event& event : events) {
    Tick(std::min(event.at, now));
    if (event.type == Event::kEnd) {
      for (auto& [key, slot] : slots_) End(event, key, slot);
      continue;
    }
    for (int kind = 1; kind <= kConsentKinds; ++kind) {
      // A window does not open before its time; whatever takes one away has happened.
      const bool agreed = event.decisions[static_cast<size_t>(kind) - 1] == Decision::kAgreed;
      if (!agreed || event.at <= now) Decide(event, kind);
    }
  }
  Tick(now);
}

Verdict NaiveWorld::Ask(const Event& call) {
  Replay(call.at);
  if (const std::string refusal = PolicyOf(call); !refusal.empty()) return {refusal};
  if (call.asked_through != 0 && call.asked_through < FirstData(call.kind)) {
    return {"NOT_IN_SERVICE"};
  }
  if (call.persons_found > 1) return {"BRANCH_NUMBER_NEEDED"};
  std::vector<const Slot*> found;
  for (const auto& [key, slot] : slots_) {
    const auto& [person, facility, form, booking, kind] = key;
    if (call.persons_found == 1 && person == call.person && facility == call.facility &&
        form == call.form && kind == call.kind &&
        (call.form != 3 || call.booking == kNoBooking || booking == call.booking)) {
      found.push_back(&slot);
    }
  }
  return FromSlots(found, call);
}

void NaiveWorld::Tick(Seconds now) {
  for (auto& [key, slot] : slots_) {
    if (slot.state != Slot::kRunning || now < slot.end) continue;
    slot.state = Slot::kExpired;
    slot.since = slot.end;
  }
}

void NaiveWorld::Decide(const Event& act, int kind) {
  const Decision decision = act.decisions[static_cast<size_t>(kind) - 1];
  if (decision == Decision::kNotAsked || (act.oral && kind != 5)) return;
  const int booking = act.form == 3 ? act.booking : kNoBooking;
  const auto [place, fresh] =
      slots_.try_emplace({act.person, act.facility, act.form, booking, kind});
  Slot& slot = place->second;
  if (decision == Decision::kDeclined) {
    slot = {.state = Slot::kDeclined, .since = act.at, .certificate = act.certificate};
    return;
  }
  // Of two equal agreements at one instant the first stays.
  if (!fresh && slot.state == Slot::kRunning && slot.since == act.at) return;
  slot = {Slot::kRunning, act.at, NaiveWindowEnd(act.form, act.at, act.booking),
          act.oral ? kNoCertificate : act.certificate};
}

void NaiveWorld::End(const Event& event, const Key& key, Slot& slot) {
  const auto& [person, facility, form, booking, kind] = key;
  if (slot.state != Slot::kRunning || person != event.person || facility != event.facility ||
      form != event.form || (event.kinds >> (kind - 1) & 1) == 0) {
    return;
  }
  if (form == 3 && event.booking != kNoBooking && event.booking != booking) return;
  slot.state = Slot::kEnded;
  slot.since = event.at;
}

std::string NaiveWorld::CertificateRefusal(const Slot& slot, Seconds now) const {
  if (slot.certificate == kNoCertificate) return "";
  const Fate& fate = history_.fates[static_cast<size_t>(slot.certificate)];
  if (fate.untraceable) return "CONSENT_CERTIFICATE_UNTRACEABLE";
  if (fate.revoked <= now) return "CONSENT_CERTIFICATE_REVOKED";
  if (fate.superseded <= now || fate.expired <= now) {
    const bool ignored = history_.lapse_ignored_from <= now && now < history_.lapse_ignored_to;
    return ignored ? "" : "CONSENT_CERTIFICATE_LAPSED";
  }
  if (fate.list_lost <= now && now < fate.list_back) return "REVOCATION_UNKNOWN";
  return "";
}

Verdict NaiveWorld::FromSlots(const std::vector<const Slot*>& found, const Event& call) const {
  const Slot* longest = nullptr;
  const Slot* usable = nullptr;
  const Slot* latest = nullptr;
  for (const Slot* slot : found) {
    if (slot->state == Slot::kRunning) {
      if (longest == nullptr || slot->end > longest->end) longest = slot;
      if (CertificateRefusal(*slot, call.at).empty() &&
          (usable == nullptr || slot->end > usable->end)) {
        usable = slot;
      }
    } else if (latest == nullptr || slot->since > latest->since ||
               (slot->since == latest->since && slot->state < latest->state)) {
      latest = slot;
    }
  }
  if (usable != nullptr) return {"OK", usable->end};
  if (longest != nullptr) return {CertificateRefusal(*longest, call.at)};
  const bool declined = latest != nullptr && latest->state == Slot::kDeclined;
  if (call.in_grace && !declined) return {"CARD_ELIGIBILITY_ONLY"};
  if (latest == nullptr) return {"NO_CONSENT"};
  if (declined) return {"CONSENT_DECLINED"};
  return {latest->state == Slot::kExpired ? "CONSENT_EXPIRED" : "CONSENT_REVOKED"};
}

}  // namespace kakunin::naive
