#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

#include "domain/consent.h"

// Random histories of consent, revocation, time and calls, for the property test of record access.
// Instants are whole seconds since the epoch, days are counted from 1970-01-01 JST.
namespace kakunin::naive {

using Seconds = int64_t;

constexpr Seconds kDay = 86'400;
constexpr Seconds kForever = Seconds{1} << 60;
constexpr int kNoBooking = -1;
constexpr int kNoCertificate = -1;
constexpr int kCertificates = 3;

// Event is something that happens, or a question.
struct Event {
  enum Type { kAct, kEnd, kCall };
  Type type = kCall;
  Seconds at = 0;
  int person = 0;
  int facility = 0;
  int form = 1;  // FormOfCare
  int booking = kNoBooking;
  // kAct: a decision a kind
  std::array<Decision, kConsentKinds> decisions{};
  bool oral = false;
  int certificate = kNoCertificate;
  // kEnd
  int kinds = 0;
  int reason = 0;
  // kCall
  int kind = 1;  // ConsentKind and RecordKind
  int role = 3;
  int terminal_kind = 1;
  int facility_type = 2;
  int persons_found = 1;
  int asked_through = 0;  // day; 0: no end
  bool in_grace = false;

  // Agreed before declined before ended before asked, at one instant. An act that does both counts
  // as declining: the model lets a decline replace anything and an agreement replace no decline of
  // its own instant only because of this order, so such acts are drawn one way or the other.
  std::tuple<Seconds, int> Order() const {
    if (type == kCall) return {at, 3};
    if (type == kEnd) return {at, 2};
    const bool declines =
        std::find(decisions.begin(), decisions.end(), Decision::kDeclined) != decisions.end();
    return {at, declines ? 1 : 0};
  }
};

// Fate is when what befell a certificate.
struct Fate {
  Seconds revoked = kForever;
  Seconds superseded = kForever;
  Seconds expired = kForever;
  Seconds list_lost = kForever;
  Seconds list_back = kForever;
  bool untraceable = false;  // no list was ever named
};

// History is one life, with the switch of CertificateRules that it is lived under.
struct History {
  std::vector<Event> events;  // in the order of time
  std::array<Fate, kCertificates> fates;
  Seconds lapse_ignored_from = -kForever;
  Seconds lapse_ignored_to = kForever;
};

// DrawHistory draws one history; a seed gives the same one always. Events come as they happen, at
// one instant agreed, declined, ended, asked; in some histories servers stamp them up to two
// seconds early or late, so that what a call finds stored may lie ahead of its own clock.
History DrawHistory(uint64_t seed);

}  // namespace kakunin::naive
