#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/audit_record.h"
#include "domain/coverage.h"

namespace kakunin {

// NoticeKind is what made a notice. The numbers are stored and those of the public API.
enum class NoticeKind {
  kAnswerChanged = 1,     // a delivery changed the answer to what had been asked
  kAnswerTakenBack = 2,   // a delivery was undone: the answer is again what it was before it
  kPersonRepaired = 3,    // two persons became one, or one became two
  kOtherPersonShown = 4,  // what the facility was shown was somebody else's
};

// NoticePart is a part of an answer that differs. A notice names parts and never their values.
enum class NoticePart {
  kValidity = 1,
  kInsurer = 2,
  kSymbolAndNumber = 3,
  kPeriod = 4,  // the first day covered, or a loss by the day asked about
  kClassification = 5,
  kCopayRatio = 6,
  kLimitClass = 7,        // only where the facility had been shown it
  kSpecificDisease = 8,   // the same
  kEligibilityShown = 9,  // kOtherPersonShown: what was shown
  kRecordsShown = 10,     // the same
};
inline constexpr int kNoticeParts = 10;

// NoticeParts is a set of them, as it is stored: part 1 is the lowest bit.
class NoticeParts {
 public:
  NoticeParts() = default;
  explicit NoticeParts(int bits) : bits_(bits) {}

  void Add(NoticePart part) { bits_ |= Bit(part); }
  bool Has(NoticePart part) const { return (bits_ & Bit(part)) != 0; }
  int bits() const { return bits_; }
  bool operator==(const NoticeParts&) const = default;

 private:
  static int Bit(NoticePart part) { return 1 << (static_cast<int>(part) - 1); }

  int bits_ = 0;
};

// AskedView is how a facility asked, and what of the answer was opened to it.
struct AskedView {
  std::optional<KeyHash> key;  // key_without_branch of the coverage asked for; empty: by card
  bool limit_certificate = false;
  bool specific_disease = false;
  // False: a confirmation of before this was kept. It counts as one by card to which nothing was
  // opened, and no more than the validity is compared.
  bool kept = true;
  // It was told that there is no such coverage, and shown nobody: no more than the validity is
  // compared.
  bool no_match = false;
};

// AskedAnswer is one confirmation: what a facility was told of a person for a day (JST); or a
// question by a number that is the person's by now (AskedView::no_match).
struct AskedAnswer {
  std::string facility_code;
  absl::CivilDay day;
  absl::Time at;
  AuditId audit_id;
  Validity told = Validity::kNotFound;
  AskedView view;
};

// AnswerChange is how the answer to one question differs; no parts: it does not.
struct AnswerChange {
  Validity before = Validity::kNotFound;
  Validity after = Validity::kNotFound;
  NoticeParts parts;
};

// ChangedTruth is what was known of a person's visible coverages before and after one change.
struct ChangedTruth {
  std::span<const Coverage> before;
  std::span<const Coverage> after;
  // After a split the rows of the person who left: who asked by a number that is theirs now gets
  // the answer from here.
  std::span<const Coverage> elsewhere;
  absl::Time at;  // the known instant of the change
};

// CompareAnswers answers one question about `day` before and after by the rules of every
// confirmation (domain/eligibility.h), and compares what was shown. The end of a coverage counts
// as a difference only when it lies on or before `day`: a loss of later says nothing about it.
AnswerChange CompareAnswers(const ChangedTruth& truth, absl::CivilDay day, const AskedView& view);

// ToldState is what somebody who asks by number is told: about which day, and from what.
struct ToldState {
  std::span<const Coverage> coverages;  // visible and known then
  absl::CivilDay day;
};

// DiffersAtReception tells whether what a reception keeps of a patient differs between two answers:
// insurer, symbol, number, branch, copay ratio and, with `limit_certificate`, the limit class; or
// whether there is anything at all.
bool DiffersAtReception(const ToldState& before, const ToldState& after, const KeyHash& key,
                        bool limit_certificate);

// RetroactiveNotice is one notice to be given: to whom, about which day, and the last confirmation
// whose answer is another now.
struct RetroactiveNotice {
  const AskedAnswer* asked = nullptr;  // into the caller's span
  AnswerChange change;
};

// FindRetroactiveNotices gives one notice for each facility and day of `asked` (all about one
// person) with an altered answer, by facility and day. A confirmation of an instant after the
// change may have been told either answer, since a publication is visible only when it commits:
// where the validity changed, what it was told decides, else it counts as told the old one. Where
// the facility was shown somebody, too, the notice is about that.
std::vector<RetroactiveNotice> FindRetroactiveNotices(std::span<const AskedAnswer> asked,
                                                      const ChangedTruth& truth);

// NoticeSentence tells the clerk in Japanese what happened and what to do next.
std::string_view NoticeSentence(NoticeKind kind, Validity before, Validity after);

// NoMatchSentence is the same for who had been told by number that there is no such coverage.
std::string_view NoMatchSentence(Validity after);

}  // namespace kakunin
