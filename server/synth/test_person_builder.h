#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/synth/test_persons.h"

namespace kakunin::synth {

// TestPersonBuilder writes one line of the table: person, then coverages, then cards, then what is
// expected. The first coverage is the one asked for unless Ask says otherwise.
class TestPersonBuilder {
 public:
  // `n` numbers the person: individual number, card serials and, unless said otherwise, 番号.
  TestPersonBuilder(absl::CivilDay today, int n, std::string id, std::string description);

  TestPersonBuilder& Named(std::string name, std::string kana, Sex sex = Sex::kMale);
  TestPersonBuilder& OtherName(std::string name, std::string kana);
  TestPersonBuilder& Born(int year, int month, int day);
  TestPersonBuilder& BornYearsAgo(int years);
  TestPersonBuilder& Insured(std::string name, std::string kana);  // head of the family
  TestPersonBuilder& Address(std::string address, std::string postal_code);

  // Covered adds a coverage at an insurer since `begin`. An empty branch number means none.
  TestPersonBuilder& Covered(std::string_view insurer, std::string symbol, std::string number,
                             std::string branch, absl::CivilDay begin);
  // Unreported is like Covered, but the insurer has not reported it: only Ask knows it.
  TestPersonBuilder& Unreported(std::string_view insurer, std::string symbol, std::string number,
                                std::string branch);
  // Lost ends the last coverage; `end` is the first day not covered.
  TestPersonBuilder& Lost(absl::CivilDay end, v1::ReasonOfLoss reason);
  // Row is the last coverage, to add to.
  v1::CoverageRow& Row();
  // AskedOf makes the coverage `position` (0 is the first) the one that is asked for.
  TestPersonBuilder& AskedOf(size_t position);
  TestPersonBuilder& AskedWithoutBranch();
  TestPersonBuilder& AskedAtInsurer(std::string insurer_number);
  TestPersonBuilder& AskedByNumber(std::string number);

  // Card adds an ordinary card of generation 3, valid for three more years.
  TestPersonBuilder& Card(std::string text = "有効なカード");
  // Last is the card added last, to change.
  CardRecord& Last();

  TestPersonBuilder& ByNumber(v1::Validity validity);
  TestPersonBuilder& ByCard(v1::Validity validity, int coverages = 1,
                            v1::CardVerdict verdict = v1::CARD_VERDICT_ACCEPTED);
  TestPersonBuilder& CardRefused(std::string reason);
  TestPersonBuilder& Note(std::string note);

  // Build returns the line; the builder is done with.
  TestPerson Build();

 private:
  TestAsk AskFor(const InsurerRow& row) const;

  const absl::CivilDay today_;
  const int n_;
  TestPerson person_;
  Identity identity_;
  std::optional<PersonName> insured_;
  std::string address_;
  std::string postal_code_;
  size_t asked_of_ = 0;
  std::optional<TestAsk> unreported_;
  bool without_branch_ = false;
  std::string insurer_typed_;
  std::string number_typed_;
};

}  // namespace kakunin::synth
