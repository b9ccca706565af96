#include "domain/retroactive_notice.h"

#include <gtest/gtest.h>

#include <functional>
#include <iterator>

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using enum NoticePart;

const Day kAsked(2026, 4, 10);
const absl::Time kChange = absl::FromUnixSeconds(1'780'000'000);

KeyHash Key(uint8_t number) {
  KeyHash key;
  key.octets[0] = number;
  return key;
}

Coverage Cover(uint8_t key, Day from, std::optional<Day> lost = {}) {
  Coverage coverage;
  coverage.insurer_number = "0613999" + std::to_string(key);
  coverage.coverage_reference = "R";
  coverage.card_classification = CardClassification::kGeneral;
  coverage.symbol = "1234";
  coverage.number = std::to_string(key);
  coverage.qualification_date = from;
  coverage.disqualification_date = lost;
  coverage.key_without_branch = Key(key);
  return coverage;
}

NoticeParts Parts(std::initializer_list<NoticePart> parts) {
  NoticeParts set;
  for (const NoticePart part : parts) set.Add(part);
  return set;
}

AskedAnswer Asked(const std::string& facility, Day day, absl::Duration before_change,
                  Validity told = Validity::kValid) {
  return {.facility_code = facility,
          .day = day,
          .at = kChange - before_change,
          .audit_id = {StreamId{{1}}, 7},
          .told = told};
}

// One coverage that a change turns into another.
AnswerChange ChangedBy(const std::function<void(Coverage&)>& change, AskedView view = {},
                       Day day = kAsked) {
  const Coverage before[] = {Cover(1, Day(2020, 4, 1))};
  Coverage after[] = {before[0]};
  change(after[0]);
  return CompareAnswers({.before = before, .after = after, .at = kChange}, day, view);
}

TEST(CompareAnswers, ALossAltersTheDaysFromItsFirstDayOn) {
  const auto lose = [](Coverage& c) { c.disqualification_date = kAsked; };
  EXPECT_EQ(ChangedBy(lose, {}, kAsked - 1).parts, NoticeParts());
  const AnswerChange on_the_day = ChangedBy(lose);
  EXPECT_EQ(on_the_day.before, Validity::kValid);
  EXPECT_EQ(on_the_day.after, Validity::kInvalid);
  EXPECT_EQ(on_the_day.parts, Parts({kValidity, kPeriod}));
  EXPECT_EQ(ChangedBy(lose, {}, kAsked + 1).after, Validity::kInvalid);
}

TEST(CompareAnswers, AnEndedCertificateIsALossFromTheDayAfterOn) {
  const auto end = [](Coverage& c) { c.certificate_valid_through = kAsked; };
  EXPECT_EQ(ChangedBy(end, {}, kAsked).parts, NoticeParts());
  EXPECT_EQ(ChangedBy(end, {}, kAsked + 1).parts, Parts({kValidity, kPeriod}));
}

TEST(CompareAnswers, EveryPartIsNamedByItself) {
  const std::pair<NoticePart, std::function<void(Coverage&)>> changes[] = {
      {kInsurer, [](Coverage& c) { c.insurer_number = "01010016"; }},
      {kSymbolAndNumber, [](Coverage& c) { c.symbol = "9"; }},
      {kSymbolAndNumber, [](Coverage& c) { c.number = "9"; }},
      {kSymbolAndNumber, [](Coverage& c) { c.branch_number = "09"; }},
      {kPeriod, [](Coverage& c) { c.qualification_date = Day(2020, 4, 2); }},
      {kClassification, [](Coverage& c) { c.personal_family_classification = 2; }},
      {kClassification,
       [](Coverage& c) { c.card_classification = CardClassification::kSelfDefence; }},
      {kCopayRatio, [](Coverage& c) { c.partial_contribution_percent = 20; }},
      {kCopayRatio, [](Coverage& c) {
         c.elderly_recipient_certificate = {{}, {}, kAsked, 20};
       }}};
  for (const auto& [part, change] : changes) {
    EXPECT_EQ(ChangedBy(change).parts, Parts({part})) << static_cast<int>(part);
  }
}

TEST(CompareAnswers, WhatIsNotOnTheAnswerForTheDayAltersNothing) {
  EXPECT_EQ(ChangedBy([](Coverage& c) { c.address = "大阪府"; }).parts, NoticeParts());
  EXPECT_EQ(ChangedBy([](Coverage& c) {
              c.elderly_recipient_certificate = {{}, kAsked + 1, {}, 20};
            }).parts,
            NoticeParts());
  EXPECT_EQ(ChangedBy([](Coverage& c) {
              c.elderly_recipient_certificate = {{}, {}, kAsked - 1, 20};
            }).parts,
            NoticeParts());
}

TEST(CompareAnswers, CertificatesAreComparedOnlyWhereTheyWereOpened) {
  const auto limit = [](Coverage& c) { c.limit_certificates = {{.classification = 3}}; };
  EXPECT_EQ(ChangedBy(limit).parts, NoticeParts());
  EXPECT_EQ(ChangedBy(limit, {.limit_certificate = true}).parts, Parts({kLimitClass}));
  const auto disease = [](Coverage& c) { c.specific_disease_certificates = {{.disease = 1}}; };
  EXPECT_EQ(ChangedBy(disease).parts, NoticeParts());
  EXPECT_EQ(ChangedBy(disease, {.specific_disease = true}).parts, Parts({kSpecificDisease}));
}

TEST(CompareAnswers, OfSeveralLimitCertificatesTheOneThatBeganLastCounts) {
  const Coverage before = [] {
    Coverage c = Cover(1, Day(2020, 4, 1));
    c.limit_certificates = {{.classification = 1, .valid_from = Day(2025, 8, 1)}};
    return c;
  }();
  Coverage after = before;
  after.limit_certificates.push_back({.classification = 2, .valid_from = Day(2024, 8, 1)});
  const ChangedTruth truth{.before = {&before, 1}, .after = {&after, 1}, .at = kChange};
  EXPECT_EQ(CompareAnswers(truth, kAsked, {.limit_certificate = true}).parts, NoticeParts());
  after.limit_certificates[1].valid_from = Day(2025, 8, 2);
  EXPECT_EQ(CompareAnswers(truth, kAsked, {.limit_certificate = true}).parts, Parts({kLimitClass}));
}

TEST(CompareAnswers, OfSeveralElderlyCertificatesTheOneThatBeganLastCounts) {
  Coverage before = Cover(1, Day(2020, 4, 1));
  before.elderly_recipient_certificate = {{}, Day(2025, 8, 1), {}, 20};
  const auto changed_by = [&](const ElderlyRecipientCertificate& delivered) {
    Coverage after = before;
    after.delivered_elderly_certificates = {delivered};
    const ChangedTruth truth{.before = {&before, 1}, .after = {&after, 1}, .at = kChange};
    return CompareAnswers(truth, kAsked, {}).parts;
  };
  EXPECT_EQ(changed_by({{}, Day(2025, 7, 31), {}, 30}), NoticeParts());
  EXPECT_EQ(changed_by({{}, Day(2025, 8, 1), {}, 30}), Parts({kCopayRatio}));
  EXPECT_EQ(changed_by({{}, Day(2025, 8, 1), {}, 20}), NoticeParts());
  EXPECT_EQ(changed_by({{}, kAsked + 1, {}, 30}), NoticeParts());
}

// Who asked by the number of one insurer is told nothing of another's.
TEST(CompareAnswers, ByNumberAnotherInsurersChangeAltersNothing) {
  const Coverage before[] = {Cover(1, Day(2020, 4, 1)), Cover(2, Day(2026, 4, 1))};
  Coverage after[] = {before[0], before[1]};
  after[1].partial_contribution_percent = 20;
  const ChangedTruth truth{.before = before, .after = after, .at = kChange};
  EXPECT_EQ(CompareAnswers(truth, kAsked, {.key = Key(1)}).parts, NoticeParts());
  EXPECT_EQ(CompareAnswers(truth, kAsked, {.key = Key(2)}).parts, Parts({kCopayRatio}));
  EXPECT_EQ(CompareAnswers(truth, kAsked, {}).parts, Parts({kCopayRatio}));
}

TEST(CompareAnswers, ALaterInsurerMakesAnInvalidAnswerANewerOneExists) {
  const Coverage before[] = {Cover(1, Day(2020, 4, 1), Day(2026, 4, 1))};
  const Coverage after[] = {before[0], Cover(2, Day(2026, 4, 1))};
  const ChangedTruth truth{.before = before, .after = after, .at = kChange};
  const AnswerChange by_number = CompareAnswers(truth, kAsked, {.key = Key(1)});
  EXPECT_EQ(by_number.before, Validity::kInvalid);
  EXPECT_EQ(by_number.after, Validity::kInvalidNewerExists);
  EXPECT_EQ(by_number.parts, Parts({kValidity}));
  const AnswerChange by_card = CompareAnswers(truth, kAsked, {});
  EXPECT_EQ(by_card.after, Validity::kValid);
  EXPECT_TRUE(by_card.parts.Has(kInsurer));
}

TEST(CompareAnswers, ANumberThatIsCorrectedIsNotFoundAnyMore) {
  const auto correct = [](Coverage& c) { c.key_without_branch = Key(9); };
  const AnswerChange change = ChangedBy(correct, {.key = Key(1)});
  EXPECT_EQ(change.before, Validity::kValid);
  EXPECT_EQ(change.after, Validity::kNotFound);
  EXPECT_EQ(change.parts, Parts({kValidity}));
}

TEST(CompareAnswers, ANumberThatASplitLeadsElsewhereIsAnsweredFromThere) {
  const Coverage both[] = {Cover(1, Day(2020, 4, 1)), Cover(2, Day(2021, 4, 1))};
  const ChangedTruth truth{
      .before = both, .after = {both, 1}, .elsewhere = {both + 1, 1}, .at = kChange};
  EXPECT_EQ(CompareAnswers(truth, kAsked, {.key = Key(2)}).parts, NoticeParts());
  EXPECT_TRUE(CompareAnswers(truth, kAsked, {}).parts.Has(kInsurer));
}

class FindNotices : public testing::Test {
 protected:
  FindNotices() {
    before_ = {Cover(1, Day(2020, 4, 1))};
    after_ = {Cover(1, Day(2020, 4, 1), Day(2026, 4, 1))};
  }
  std::vector<RetroactiveNotice> Find(const std::vector<AskedAnswer>& asked) {
    asked_ = asked;
    return FindRetroactiveNotices(asked_, {.before = before_, .after = after_, .at = kChange});
  }

  std::vector<Coverage> before_;
  std::vector<Coverage> after_;
  std::vector<AskedAnswer> asked_;
};

TEST_F(FindNotices, OneAFacilityAndDayFromItsLastConfirmation) {
  const auto found =
      Find({Asked("A", kAsked, absl::Hours(3)), Asked("A", kAsked, absl::Hours(1)),
            Asked("A", kAsked, absl::Hours(2)), Asked("A", kAsked + 1, absl::Hours(9)),
            Asked("B", Day(2026, 3, 31), absl::Hours(1))});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].asked, &asked_[1]);
  EXPECT_EQ(found[1].asked, &asked_[3]);
  EXPECT_EQ(found[0].change.after, Validity::kInvalid);
}

// By a number that leads to somebody since.
TEST_F(FindNotices, WhoWasToldThatThereIsNoneIsToldOfTheValidityAlone) {
  AskedAnswer in_vain = Asked("A", kAsked, absl::Hours(1), Validity::kNotFound);
  in_vain.view = {.key = before_[0].key_without_branch, .no_match = true};
  after_ = before_;
  before_.clear();
  const auto found = Find({in_vain});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].change.before, Validity::kNotFound);
  EXPECT_EQ(found[0].change.after, Validity::kValid);
  EXPECT_EQ(found[0].change.parts, Parts({kValidity}));
  // What else changes says nothing to who was shown nothing.
  before_ = after_;
  after_[0].partial_contribution_percent = 10;
  after_[0].symbol = "99";
  EXPECT_TRUE(Find({in_vain}).empty());
}

TEST_F(FindNotices, WhoWasShownSomebodyAsWellIsToldOfThat) {
  AskedAnswer in_vain = Asked("A", kAsked, absl::Hours(1), Validity::kNotFound);
  in_vain.view = {.key = before_[0].key_without_branch, .no_match = true};
  for (const auto shown : {absl::Hours(2), absl::Minutes(1)}) {
    const auto found = Find({in_vain, Asked("A", kAsked, shown)});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].asked, &asked_[1]);
    EXPECT_EQ(Find({Asked("A", kAsked, shown), in_vain})[0].asked, &asked_[0]);
  }
}

// A publication is visible when it commits, later than its instant: till then the old is told.
TEST_F(FindNotices, AfterTheInstantWhatWasToldDecides) {
  EXPECT_EQ(Find({Asked("A", kAsked, -absl::Seconds(1), Validity::kValid)}).size(), 1u);
  EXPECT_EQ(Find({Asked("A", kAsked, absl::ZeroDuration(), Validity::kValid)}).size(), 1u);
  EXPECT_TRUE(Find({Asked("A", kAsked, absl::ZeroDuration(), Validity::kInvalid)}).empty());
  EXPECT_TRUE(Find({Asked("A", kAsked, -absl::Seconds(1), Validity::kInvalid)}).empty());
  EXPECT_EQ(Find({Asked("A", kAsked, absl::Microseconds(1), Validity::kInvalid)}).size(), 1u);
}

TEST_F(FindNotices, WithoutAChangedValidityAConfirmationInBetweenCounts) {
  after_ = before_;
  after_[0].partial_contribution_percent = 10;
  EXPECT_EQ(Find({Asked("A", kAsked, -absl::Seconds(1))}).size(), 1u);
}

TEST_F(FindNotices, AConfirmationOfBeforeTheViewWasKeptIsToldOfTheValidityAlone) {
  AskedAnswer old = Asked("A", kAsked, absl::Hours(1));
  old.view.kept = false;
  const auto found = Find({old});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].change.parts, Parts({kValidity}));
  old.told = Validity::kInvalidNewerExists;  // it had asked something else
  EXPECT_TRUE(Find({old}).empty());
  after_ = before_;
  after_[0].partial_contribution_percent = 10;
  old.told = Validity::kValid;
  EXPECT_TRUE(Find({old}).empty());
}

// DifferBy tells whether a reception keeps something else once `change` was made to one coverage,
// asked both times about kAsked by the number of the coverage before.
bool DifferBy(const std::function<void(Coverage&)>& change, bool limit_certificate = true) {
  const Coverage before[] = {Cover(1, Day(2020, 4, 1))};
  Coverage after[] = {before[0]};
  change(after[0]);
  return DiffersAtReception({before, kAsked}, {after, kAsked}, Key(1), limit_certificate);
}

TEST(DiffersAtReception, WhatAReceptionKeepsIsADifferenceAndTheRestIsNone) {
  const std::function<void(Coverage&)> kept[] = {
      [](Coverage& c) { c.insurer_number = "01010016"; },
      [](Coverage& c) { c.symbol = "9"; },
      [](Coverage& c) { c.number = "9"; },
      [](Coverage& c) { c.branch_number = "09"; },
      [](Coverage& c) { c.partial_contribution_percent = 20; },
      [](Coverage& c) {
        c.elderly_recipient_certificate = {{}, {}, kAsked, 20};
      },
      [](Coverage& c) { c.limit_certificates = {{.classification = 3}}; },
      [](Coverage& c) { c.limit_certificates = {{.classification_flag = "A01"}}; },
      [](Coverage& c) { c.disqualification_date = kAsked; },
      [](Coverage& c) { c.key_without_branch = Key(9); }};
  for (size_t i = 0; i < std::size(kept); ++i) EXPECT_TRUE(DifferBy(kept[i])) << i;
  const std::function<void(Coverage&)> not_kept[] = {
      [](Coverage&) {},
      [](Coverage& c) { c.address = "大阪府"; },
      [](Coverage& c) { c.name.original = "確認　次郎"; },
      [](Coverage& c) { c.qualification_date = Day(2020, 4, 2); },
      [](Coverage& c) { c.personal_family_classification = 2; },
      [](Coverage& c) { c.disqualification_date = kAsked + 1; },
      [](Coverage& c) { c.specific_disease_certificates = {{.disease = 1}}; }};
  for (size_t i = 0; i < std::size(not_kept); ++i) EXPECT_FALSE(DifferBy(not_kept[i])) << i;
}

TEST(DiffersAtReception, TheLimitClassCountsOnlyWhereItWasOpenedBothTimes) {
  const auto limit = [](Coverage& c) { c.limit_certificates = {{.classification = 3}}; };
  EXPECT_FALSE(DifferBy(limit, /*limit_certificate=*/false));
  EXPECT_TRUE(DifferBy(limit, /*limit_certificate=*/true));
}

TEST(DiffersAtReception, EachAnswerIsThatOfItsOwnDay) {
  const Coverage same[] = {[] {
    Coverage c = Cover(1, Day(2020, 4, 1), kAsked + 1);
    c.limit_certificates = {{.classification = 3, .valid_through = kAsked - 1}};
    return c;
  }()};
  const auto differ = [&](Day before, Day after, bool limit) {
    return DiffersAtReception({same, before}, {same, after}, Key(1), limit);
  };
  EXPECT_FALSE(differ(kAsked - 1, kAsked, false));
  EXPECT_TRUE(differ(kAsked - 1, kAsked, true));  // the certificate's last day is over
  EXPECT_FALSE(differ(kAsked - 2, kAsked - 1, true));
  EXPECT_FALSE(differ(kAsked, kAsked, true));
  EXPECT_TRUE(differ(kAsked, kAsked + 1, false));  // the first day not covered
  EXPECT_FALSE(differ(kAsked + 1, kAsked + 2, false));
}

TEST(DiffersAtReception, ANewCoverageThatTheOldNumberDoesNotShowIsAnotherValidity) {
  const Coverage before[] = {Cover(1, Day(2020, 4, 1), kAsked)};
  const Coverage after[] = {before[0], Cover(2, kAsked)};
  // Invalid before and after, but now a newer coverage is known of.
  EXPECT_TRUE(DiffersAtReception({before, kAsked}, {after, kAsked}, Key(1), true));
  EXPECT_FALSE(DiffersAtReception({after, kAsked}, {after, kAsked}, Key(1), true));
  EXPECT_TRUE(DiffersAtReception({}, {after, kAsked}, Key(1), true));
}

TEST(NoticeSentence, TellsTheNextStepOfEveryKind) {
  using enum Validity;
  for (const NoticeKind kind : {NoticeKind::kAnswerChanged, NoticeKind::kAnswerTakenBack,
                                NoticeKind::kPersonRepaired, NoticeKind::kOtherPersonShown}) {
    const std::string sentence(NoticeSentence(kind, kValid, kInvalid));
    EXPECT_NE(sentence.find("再度資格確認"), std::string::npos);
  }
  const auto changed = [](Validity before, Validity after) {
    return NoticeSentence(NoticeKind::kAnswerChanged, before, after);
  };
  EXPECT_NE(changed(kValid, kInvalid), changed(kInvalid, kValid));
  EXPECT_NE(changed(kValid, kInvalid), changed(kValid, kValid));
  EXPECT_EQ(changed(kValidUnregistered, kNotFound), changed(kValid, kInvalid));
  EXPECT_NE(NoMatchSentence(kValid), NoMatchSentence(kNotFound));
  for (const Validity after : {kValid, kInvalid, kNotFound}) {
    const std::string sentence(NoMatchSentence(after));
    EXPECT_NE(sentence.find("再度資格確認"), std::string::npos);
  }
}

}  // namespace
}  // namespace kakunin
