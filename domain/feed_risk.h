#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kakunin {

// FeedCounts says what became of a delivery's rows. A row is corrected when it changes what was
// said of days past: whose the coverage is, when it began, when it ended.
struct FeedCounts {
  int64_t new_rows = 0;
  int64_t changed_rows = 0;
  int64_t corrected_rows = 0;
  int64_t lost_rows = 0;
  int64_t unchanged_rows = 0;
  int64_t hidden_rows = 0;
  int64_t refused_rows = 0;
  int64_t new_persons = 0;

  friend bool operator==(const FeedCounts&, const FeedCounts&) = default;
};

// FeedFigures is what judging a delivery against the truth found, before anything is visible. All
// are numbers of rows; of a kind that has no such thing they are 0.
struct FeedFigures {
  FeedCounts counts;
  int64_t rows = 0;     // delivered
  int64_t members = 0;  // rows of the party that run on by what is known now
  // Receipts and check-ups: every month brings as many again, and none of them ends.
  bool accumulates = false;
  int64_t begun = 0;        // rows that begin to run by this delivery
  int64_t ended = 0;        // rows that end by it
  int64_t implausible = 0;  // with values that look like those of another column
  int64_t refused_at_push = 0;
  int64_t duplicates = 0;  // under a reference that stands in the delivery more than once
  int64_t swapped = 0;     // by which a person would become another
  int64_t with_bands = 0;  // changed rows that have had a copay ratio or limit band; certificates:
                           // changed or lost ones of a coverage that has had one of the kind today
  int64_t bands_gone = 0;  // of these, those that would have it no more
  int64_t elderly = 0;     // new or changed rows of persons of 71 to 74
  int64_t elderly_bare = 0;    // of these, those without any copay ratio
  int64_t named = 0;           // with an individual number and facts about whose it is
  int64_t mismatched = 0;      // of these, those that the register of residents does not confirm
  int64_t superseding = 0;     // card links that end another one which is in force
  int64_t links_in_force = 0;  // of everybody, by what is known now; 0: hardly any is superseded
  int64_t piled_up = 0;  // links of persons who would have more than kMostLinksInForce in force
};

// kLeastSupersedingToAsk: fewer superseding links than this never count, so that nobody need count
// those in force.
inline constexpr int64_t kLeastSupersedingToAsk = 20;

// RiskRule is one row of the table of what makes a delivery dangerous.
struct RiskRule {
  std::string_view reason;  // UPPER_SNAKE, stable; several rules may share one
  int64_t (*observed)(const FeedFigures&);
  int64_t (*of)(const FeedFigures&);  // what it is a part of
  int64_t at_least;                   // fewer rows than this never count
  int per_mille;                      // share of `of` from which the rule speaks
  int points;
  std::string_view message;  // ja-JP, for those who release or cancel
};

// AllRiskRules is the whole table; of rules with one reason the first that speaks counts.
std::span<const RiskRule> AllRiskRules();

// kHighRisk is the score from which a delivery waits in quarantine.
inline constexpr int kHighRisk = 50;

// RiskFinding is one reason of a score.
struct RiskFinding {
  std::string reason;
  int points = 0;
  int64_t observed = 0;
  int64_t of = 0;

  friend bool operator==(const RiskFinding&, const RiskFinding&) = default;
};

// FeedRisk is the sum of the reasons' points, at most 100.
struct FeedRisk {
  int score = 0;
  std::vector<RiskFinding> findings;

  bool IsHigh() const { return score >= kHighRisk; }
};

FeedRisk AssessFeed(const FeedFigures& figures);

// RiskMessage is the sentence of a reason of a stored risk; a general one for an unknown reason.
std::string_view RiskMessage(std::string_view reason);

}  // namespace kakunin
