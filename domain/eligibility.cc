#include "domain/eligibility.h"

#include <algorithm>

#include "domain/coverage_facts.h"

namespace kakunin {
namespace {

void SortForDisplay(std::vector<const AnswerCoverage*>& shown) {
  std::sort(shown.begin(), shown.end(), [](const AnswerCoverage* a, const AnswerCoverage* b) {
    if (a->medical_aid != b->medical_aid) return b->medical_aid;
    return a->qualification_date > b->qualification_date;
  });
}

Validity ValidityOf(const std::vector<const AnswerCoverage*>& valid) {
  const bool only_unregistered = std::all_of(
      valid.begin(), valid.end(),
      [](const AnswerCoverage* c) { return c->medical_aid && c->medical_aid_unregistered; });
  return only_unregistered ? Validity::kValidUnregistered : Validity::kValid;
}

// Of `candidates`, none of which covers the day: the one that ended last, and whether any coverage
// of the person is newer than it.
Selection SelectEnded(const std::vector<const AnswerCoverage*>& candidates,
                      std::span<const AnswerCoverage> all, absl::CivilDay day) {
  const AnswerCoverage* last = nullptr;
  for (const AnswerCoverage* candidate : candidates) {
    const auto end = FirstDayAfter(*candidate);
    if (!end || *end > day) continue;
    if (last == nullptr || *end > *FirstDayAfter(*last)) last = candidate;
  }
  if (last == nullptr) return {};
  // Not "begins where the last one ended": whoever joins an employees' insurance leaves the
  // municipal one on the day after (国民健康保険法 8), and reports come late, so that they overlap.
  const bool newer = std::any_of(all.begin(), all.end(), [&](const AnswerCoverage& other) {
    if (&other == last || other.qualification_date <= last->qualification_date) return false;
    const auto end = FirstDayAfter(other);
    return !end || *end > *FirstDayAfter(*last);
  });
  return {newer ? Validity::kInvalidNewerExists : Validity::kInvalid, {last}};
}

}  // namespace

bool CoversDay(const AnswerCoverage& coverage, absl::CivilDay day) {
  if (day < coverage.qualification_date) return false;
  const auto end = FirstDayAfter(coverage);
  return !end || day < *end;
}

bool HoldsOn(const AnswerPiece& piece, absl::CivilDay day) {
  return IsWithin(piece.valid_from, piece.valid_through, day);
}

Selection SelectForCard(std::span<const AnswerCoverage> coverages, absl::CivilDay day) {
  std::vector<const AnswerCoverage*> valid;
  std::vector<const AnswerCoverage*> all;
  for (const AnswerCoverage& coverage : coverages) {
    all.push_back(&coverage);
    if (CoversDay(coverage, day)) valid.push_back(&coverage);
  }
  if (valid.empty()) return SelectEnded(all, coverages, day);
  SortForDisplay(valid);
  const Validity validity = ValidityOf(valid);
  return {validity, std::move(valid)};
}

Selection SelectForKey(std::span<const AnswerCoverage> coverages, const KeyHash& key,
                       absl::CivilDay day) {
  std::vector<const AnswerCoverage*> asked;
  for (const AnswerCoverage& coverage : coverages) {
    if (coverage.key_without_branch == key) asked.push_back(&coverage);
  }
  std::vector<const AnswerCoverage*> valid;
  for (const AnswerCoverage* coverage : asked) {
    if (CoversDay(*coverage, day)) valid.push_back(coverage);
  }
  if (valid.empty()) {
    Selection ended = SelectEnded(asked, coverages, day);
    // The key matches, only not yet on that day: invalid, not unknown (domain.md 3, validity 2).
    if (ended.shown.empty() && !asked.empty()) {
      ended = {Validity::kInvalid, {*std::ranges::min_element(asked, {}, [](const auto* coverage) {
                 return coverage->qualification_date;
               })}};
    }
    return ended;
  }
  SortForDisplay(valid);
  const Validity validity = ValidityOf(valid);
  return {validity, std::move(valid)};
}

}  // namespace kakunin
