#pragma once

#include <algorithm>
#include <array>
#include <string>

#include "absl/time/time.h"

namespace kakunin::faults {

// PatientModel is what one patient may have decided about the drug records at one facility, as far
// as the only client that acts for the patient can know: an act whose answer did not come may have
// been done or not, and until a moment after it may still be. Not thread-safe.
class PatientModel {
 public:
  // An act that got no answer is done or not this long after it, or after PostgreSQL went on.
  static constexpr absl::Duration kSettles = absl::Seconds(3);

  // Acted: the patient agreed (or ended it), and the answer said so.
  void Acted(bool agreed) {
    may_be_ = {!agreed || clock_jumped_, agreed};
    unanswered_ = absl::InfinitePast();
  }
  // MayHaveActed: no answer came at `at`.
  void MayHaveActed(bool agreed, absl::Time at) {
    may_be_[agreed] = true;
    unanswered_ = at;
  }
  // ClockJumped: the servers' clock was moved. Consents open and close by it, and a decline or an
  // end of an instant that is yet to come stays in force: from now on an agreement may not be seen,
  // but never records without one.
  void ClockJumped() {
    may_be_ = {true, true};
    clock_jumped_ = true;
  }
  // MayAct is whether an act at `now` could not be overtaken by one that got no answer. `went_on`
  // is when PostgreSQL last went on after it had stood still.
  bool MayAct(absl::Time now, absl::Time went_on) const {
    return unanswered_ == absl::InfinitePast() || now >= std::max(unanswered_, went_on) + kSettles;
  }

  // Saw takes an answer to a call made at `now` that shows whether records are open; returns why it
  // cannot be right, empty when it can.
  std::string Saw(bool open, absl::Time now, absl::Time went_on) {
    if (!may_be_[open]) return open ? "records without consent" : "a consent is not there";
    if (MayAct(now, went_on) && !clock_jumped_) may_be_[!open] = false;
    return "";
  }

 private:
  std::array<bool, 2> may_be_{true, false};  // not agreed, agreed
  absl::Time unanswered_ = absl::InfinitePast();
  bool clock_jumped_ = false;
};

}  // namespace kakunin::faults
