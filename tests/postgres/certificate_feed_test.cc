// Certificates that are delivered by themselves: whose they are, what a desk reads of them, and
// what becomes of them when their coverage changes.

#include <fmt/format.h>

#include "domain/feed_risk.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/text_value.h"
#include "tests/postgres/feed_driver.h"
#include "tests/postgres/notice_search.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using MaybeDay = std::optional<Day>;

std::string Period(const MaybeDay& from, const MaybeDay& through) {
  return fmt::format("{}..{}", from ? DayText(*from) : "", through ? DayText(*through) : "");
}

// "R1 lost E20:from..through L A03:from..through D1 10000:from..through;" a coverage.
std::string AnswerWithCertificates(std::span<const Coverage> coverages) {
  std::string answer;
  for (const Coverage& coverage : coverages) {
    answer += coverage.coverage_reference + (coverage.disqualification_date ? " lost" : "");
    for (const auto& part : coverage.delivered_elderly_certificates) {
      answer += fmt::format(" E{}:{}", part.contribution_percent,
                            Period(part.valid_from, part.valid_through));
    }
    if (const auto& part = coverage.elderly_recipient_certificate) {
      answer += fmt::format(" e{}:{}", part->contribution_percent,
                            Period(part->valid_from, part->valid_through));
    }
    for (const auto& part : coverage.limit_certificates) {
      answer += fmt::format(" L{}:{}", part.classification_flag,
                            Period(part.valid_from, part.valid_through));
    }
    for (const auto& part : coverage.specific_disease_certificates) {
      answer += fmt::format(" D{}/{}:{}", part.disease, part.self_pay_yen,
                            Period(part.valid_from, part.valid_through));
    }
    answer += ";";
  }
  return answer;
}

class CertificateFeedTest : public testing::Test {
 protected:
  static constexpr Day kFrom = Day(2026, 4, 1);
  static constexpr Day kThrough = Day(2027, 3, 31);

  static StagedCoverage Row(int who, RowAction action = RowAction::kNew) {
    return SampleRow(kInsurerA, fmt::format("R{}", who), who, action);
  }
  template <class Certificate>
  static Staged<Delivered<Certificate>> Certified(int who, const std::string& reference,
                                                  const Certificate& certificate,
                                                  RowAction action = RowAction::kNew) {
    return {.action = action,
            .individual = SampleNumber(who),
            .record = {reference, fmt::format("R{}", who), certificate}};
  }
  static StagedLimit Limit(int who, const std::string& flag = "A03", Day from = kFrom,
                           MaybeDay through = kThrough, RowAction action = RowAction::kNew) {
    return Certified(who, fmt::format("L{}", who),
                     LimitCertificate{.classification = 1,
                                      .classification_flag = flag,
                                      .valid_from = from,
                                      .valid_through = through},
                     action);
  }
  static StagedLimit LostLimit(int who, MaybeDay through = std::nullopt) {
    return Certified(who, fmt::format("L{}", who), LimitCertificate{.valid_through = through},
                     RowAction::kLost);
  }
  static StagedElderly Elderly(const std::string& reference, Day from, MaybeDay through,
                               RowAction action = RowAction::kNew, int who = 1) {
    return Certified(who, reference,
                     ElderlyRecipientCertificate{
                         .valid_from = from, .valid_through = through, .contribution_percent = 20},
                     action);
  }

  template <class Record>
  FeedId Publish(FeedDriver& driver, const std::vector<Staged<Record>>& rows) {
    const FeedId id = driver.Stage(++hour_, rows);
    const auto published = driver.Publish(id, Now());
    EXPECT_TRUE(published.ok()) << published.status();
    if (published.ok()) counts_ = published->counts;
    reasons_.clear();
    for (const Finding& finding : driver.Findings(id)) {
      reasons_ += finding.reference + " " + finding.reason + ";";
    }
    return id;
  }
  template <class Record>
  FeedFigures Judge(FeedDriver& driver, const std::vector<Staged<Record>>& rows) {
    const FeedId id = driver.Stage(++hour_, rows);
    FeedFigures figures;
    const absl::Status status = driver.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = driver.store().Find(tx, kInsurerA, id, true);
      const auto judged = driver.store().Judge(tx, **feed, Now());
      if (judged.ok()) figures = *judged;
      return judged.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return figures;
  }
  FeedUndone Undo(FeedDriver& driver, const FeedId& id, UndoMode mode = UndoMode::kUntouched) {
    FeedUndone undone;
    ++hour_;
    const absl::Status status = driver.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = driver.store().Find(tx, kInsurerA, id, true);
      const auto done = driver.store().Undo(tx, **feed, Now(), build_, mode);
      if (done.ok()) undone = *done;
      return done.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return undone;
  }

  absl::Time Now() const { return FeedDriver::InstantOf(hour_); }
  std::string Answer(int who) {
    return database_
        .Exec(fmt::format("SELECT convert_from(octets, 'UTF8') FROM kakunin.answer"
                          " JOIN kakunin.person_number USING (person_id)"
                          " WHERE number_hash = '{}'",
                          ByteaText(SampleNumber(who).hash)))[0][0]
        .c_str();
  }
  // The names of the certificates of a coverage that were known at an hour.
  std::string KnownAt(int who, int64_t hour) {
    return database_
        .Exec(fmt::format("SELECT coalesce(jsonb_path_query_array(certificates, '$[*].name')::text,"
                          " '') FROM kakunin.coverage WHERE coverage_reference = 'R{0}'"
                          " AND known_from <= '{1}' AND (known_to IS NULL OR known_to > '{1}')",
                          who, InstantText(FeedDriver::InstantOf(hour))))[0][0]
        .c_str();
  }
  int64_t Count(const std::string& what) {
    return database_.Exec("SELECT count(*) FROM kakunin." + what)[0][0].as<int64_t>();
  }

  const TestDatabase database_;
  const CopyBuilders build_{.answer = &AnswerWithCertificates};
  FeedDriver coverages_{database_, kInsurerA, FeedKind::kCoverages, build_};
  FeedDriver elderly_{database_, kInsurerA, FeedKind::kElderlyRecipientCertificates, build_};
  FeedDriver limits_{database_, kInsurerA, FeedKind::kLimitCertificates, build_};
  FeedDriver diseases_{database_, kInsurerA, FeedKind::kSpecificDiseaseCertificates, build_};
  int64_t hour_ = 0;
  FeedCounts counts_;    // of the last publication,
  std::string reasons_;  // and "reference reason;" of its findings
};

TEST_F(CertificateFeedTest, EveryKindIsShownWithItsCoverageInFrontOfWhatThatEmbeds) {
  StagedCoverage row = Row(1);
  row.record.elderly_recipient_certificate = {
      .valid_from = Day(2025, 8, 1), .valid_through = Day(2026, 7, 31), .contribution_percent = 30};
  row.record.limit_certificates = {{.classification = 1, .classification_flag = "A01"}};
  row.record.specific_disease_certificates = {{.disease = 2, .self_pay_yen = 20000}};
  Publish(coverages_, std::vector{row, Row(2)});
  Publish(elderly_, std::vector{Elderly("E1", Day(2026, 8, 1), Day(2027, 7, 31)),
                                Elderly("E2", Day(2027, 8, 1), std::nullopt)});
  EXPECT_EQ(counts_, (FeedCounts{.new_rows = 2}));
  Publish(limits_, std::vector{Limit(1)});
  Publish(diseases_,
          std::vector{Certified(1, "D1",
                                SpecificDiseaseCertificate{
                                    .disease = 1, .valid_from = kFrom, .self_pay_yen = 10000})});
  EXPECT_EQ(reasons_, "");
  EXPECT_EQ(Answer(1),
            "R1 E20:2026-08-01..2027-07-31 E20:2027-08-01.. e30:2025-08-01..2026-07-31"
            " LA03:2026-04-01..2027-03-31 LA01:.. D1/10000:2026-04-01.. D2/20000:..;");
  EXPECT_EQ(Answer(2), "R2;");
}

TEST_F(CertificateFeedTest, WhatWasKnownBeforeStaysExplainable) {
  Publish(coverages_, std::vector{Row(1)});
  Publish(limits_, std::vector{Limit(1)});
  EXPECT_EQ(KnownAt(1, 1), "");
  EXPECT_EQ(KnownAt(1, 2), "[\"33120015/5/L1\"]");
  EXPECT_EQ(Count("coverage"), 2);
  EXPECT_EQ(Count("coverage WHERE known_to IS NULL"), 1);
  EXPECT_EQ(Count("feed_certificate_row"), 0);
  PostgresCoverageHistoryStore histories;
  const absl::Status status = limits_.pool().Read(Soon(), [&](Transaction& tx) -> absl::Status {
    const auto persons = histories.PersonsByReference(tx, kInsurerA, "R1");
    const auto versions = histories.History(tx, *persons, kInsurerA);
    EXPECT_EQ(versions->size(), 2u);
    EXPECT_EQ(versions->front().feed_kind, FeedKind::kCoverages);
    EXPECT_EQ(versions->back().feed_kind, FeedKind::kLimitCertificates);
    EXPECT_EQ(versions->back().feed_number, 2);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(CertificateFeedTest, WhatIsToldAgainIsUnchangedAndWritesNothing) {
  Publish(coverages_, std::vector{Row(1)});
  Publish(limits_, std::vector{Limit(1)});
  Publish(limits_, std::vector{Limit(1)});
  EXPECT_EQ(counts_, (FeedCounts{.unchanged_rows = 1}));
  Publish(limits_, std::vector{Limit(1, "A03", kFrom, kThrough, RowAction::kChanged)});
  EXPECT_EQ(counts_, (FeedCounts{.unchanged_rows = 1}));
  // Nor does the coverage, told again, forget what was delivered beside it.
  Publish(coverages_, std::vector{Row(1)});
  EXPECT_EQ(counts_, (FeedCounts{.unchanged_rows = 1}));
  EXPECT_EQ(Count("coverage"), 2);
  EXPECT_EQ(Answer(1), "R1 LA03:2026-04-01..2027-03-31;");
}

TEST_F(CertificateFeedTest, ACoverageThatIsCorrectedOrLostKeepsThem) {
  Publish(coverages_, std::vector{Row(1)});
  Publish(limits_, std::vector{Limit(1)});
  StagedCoverage row = Row(1, RowAction::kChanged);
  row.record.address = "大阪府";
  row.record.limit_certificates = {{.classification = 1, .classification_flag = "A01"}};
  Publish(coverages_, std::vector{row});
  EXPECT_EQ(Answer(1), "R1 LA03:2026-04-01..2027-03-31 LA01:..;");
  row.record.limit_certificates.clear();
  Publish(coverages_, std::vector{row});
  EXPECT_EQ(Answer(1), "R1 LA03:2026-04-01..2027-03-31;");
  row.action = RowAction::kLost;
  row.record.disqualification_date = Day(2026, 6, 1);
  Publish(coverages_, std::vector{row});
  EXPECT_EQ(Answer(1), "R1 lost LA03:2026-04-01..2027-03-31;");
}

TEST_F(CertificateFeedTest, ALostCertificateEndsWithTheDayToldOrIsWithdrawn) {
  Publish(coverages_, std::vector{Row(1), Row(2)});
  Publish(limits_, std::vector{Limit(1), Limit(2)});
  Publish(limits_, std::vector{LostLimit(1, Day(2026, 6, 30)), LostLimit(2)});
  EXPECT_EQ(counts_, (FeedCounts{.lost_rows = 2}));
  EXPECT_EQ(Answer(1), "R1 LA03:2026-04-01..2026-06-30;");
  EXPECT_EQ(Answer(2), "R2;");
  Publish(limits_, std::vector{LostLimit(1, Day(2026, 6, 30))});
  EXPECT_EQ(counts_, (FeedCounts{.unchanged_rows = 1}));
  // Its last day may be its first; neither a day before it, nor one behind what is known.
  for (const Day impossible : {Day(2026, 3, 31), Day(2026, 7, 1)}) {
    Publish(limits_, std::vector{LostLimit(1, impossible)});
    EXPECT_EQ(reasons_, "L1 DATE_ORDER_IMPOSSIBLE;");
  }
  Publish(limits_, std::vector{LostLimit(1, kFrom)});
  EXPECT_EQ(Answer(1), "R1 LA03:2026-04-01..2026-04-01;");
  Publish(limits_, std::vector{Limit(2, "B05")});  // its name may come again
  EXPECT_EQ(Answer(2), "R2 LB05:2026-04-01..2027-03-31;");
}

TEST_F(CertificateFeedTest, AChangeIsACorrectionWhenItBeganOnAnotherDay) {
  Publish(coverages_, std::vector{Row(1)});
  Publish(limits_, std::vector{Limit(1)});
  Publish(limits_, std::vector{Limit(1, "A02", kFrom, kThrough, RowAction::kChanged)});
  EXPECT_EQ(counts_, (FeedCounts{.changed_rows = 1}));
  Publish(limits_, std::vector{Limit(1, "A02", kFrom + 1, kThrough, RowAction::kChanged)});
  EXPECT_EQ(counts_, (FeedCounts{.corrected_rows = 1}));
  EXPECT_EQ(Answer(1), "R1 LA02:2026-04-02..2027-03-31;");
}

TEST_F(CertificateFeedTest, EveryRefusalHasItsOwnReason) {
  StagedCoverage hidden = Row(2);
  hidden.individual.reset();
  StagedCoverage ended = Row(3);
  ended.record.disqualification_date = Day(2026, 5, 1);
  StagedCoverage second = SampleRow(kInsurerA, "R1b", 1);
  Publish(coverages_, std::vector{Row(1), hidden, ended, second, Row(4), Row(5), Row(6)});
  Publish(limits_, std::vector{Limit(1)});

  StagedLimit other_person = Limit(4);
  other_person.individual = SampleNumber(5);
  StagedLimit moved = Limit(1, "A03", kFrom, kThrough, RowAction::kChanged);
  moved.record.coverage_reference = "R1b";
  const std::vector<std::pair<StagedLimit, std::string>> cases = {
      {Limit(9), "L9 COVERAGE_UNKNOWN;"},
      {Limit(2), "L2 COVERAGE_HIDDEN;"},
      {other_person, "L4 PERSON_CONFLICT;"},
      {moved, "L1 CERTIFICATE_OF_OTHER_COVERAGE;"},
      {Limit(6, "A03", kFrom, kThrough, RowAction::kChanged), "L6 REFERENCE_UNKNOWN;"},
      {LostLimit(6), "L6 REFERENCE_UNKNOWN;"},
      {Limit(1, "A04"), "L1 REFERENCE_EXISTS;"},
      // R3 is covered from 2018-07-01 to before 2026-05-01.
      {Limit(3, "A03", Day(2026, 5, 1)), "L3 CERTIFICATE_OUTSIDE_COVERAGE;"},
      {Limit(3, "A03", Day(2017, 7, 1), Day(2018, 6, 30)), "L3 CERTIFICATE_OUTSIDE_COVERAGE;"}};
  for (const auto& [row, reasons] : cases) {
    Publish(limits_, std::vector{row});
    EXPECT_EQ(reasons_, reasons);
    EXPECT_EQ(counts_, (FeedCounts{.refused_rows = 1}));
  }
  Publish(limits_, std::vector{Limit(3, "A03", Day(2026, 4, 30))});
  EXPECT_EQ(counts_.new_rows, 1);
  Publish(limits_, std::vector{Limit(4), Limit(4, "A04"), Limit(5)});
  EXPECT_EQ(reasons_, "L4 DUPLICATE_REFERENCE;L4 DUPLICATE_REFERENCE;");
  EXPECT_EQ(counts_.new_rows, 1);
}

TEST_F(CertificateFeedTest, TwoOfAnotherInsurerOrKindMayHaveOneName) {
  FeedDriver b(database_, kInsurerB, FeedKind::kCoverages, build_);
  FeedDriver b_limits(database_, kInsurerB, FeedKind::kLimitCertificates, build_);
  Publish(coverages_, std::vector{Row(1)});
  Publish(b, std::vector{SampleRow(kInsurerB, "R1", 1)});
  Publish(limits_, std::vector{Limit(1)});
  Publish(b_limits, std::vector{Limit(1, "A04")});
  EXPECT_EQ(counts_.new_rows, 1);
  Publish(elderly_, std::vector{Elderly("L1", kFrom, kThrough)});
  EXPECT_EQ(counts_.new_rows, 1);
  EXPECT_EQ(Answer(1),
            "R1 LA04:2026-04-01..2027-03-31;"
            "R1 E20:2026-04-01..2027-03-31 LA03:2026-04-01..2027-03-31;");
}

TEST_F(CertificateFeedTest, NoTwoElderlyCertificatesHoldOnOneDay) {
  Publish(coverages_, std::vector{Row(1), Row(2)});
  Publish(elderly_,
          std::vector{Elderly("E1", Day(2025, 8, 1), Day(2026, 7, 31)),
                      Elderly("F1", Day(2025, 8, 1), Day(2026, 7, 31), RowAction::kNew, 2)});
  Publish(elderly_, std::vector{Elderly("E2", Day(2026, 7, 31), Day(2027, 7, 31))});
  EXPECT_EQ(reasons_, "E2 CERTIFICATE_OVERLAP;");
  Publish(elderly_, std::vector{Elderly("E2", Day(2026, 8, 1), Day(2027, 7, 31))});
  EXPECT_EQ(counts_.new_rows, 1);
  // Within one feed neither can be believed, and others are not touched by it.
  Publish(elderly_,
          std::vector{Elderly("E3", Day(2027, 8, 1), Day(2028, 7, 31)),
                      Elderly("E4", Day(2028, 7, 31), std::nullopt),
                      Elderly("F2", Day(2026, 8, 1), Day(2027, 7, 31), RowAction::kNew, 2)});
  EXPECT_EQ(reasons_, "E3 CERTIFICATE_OVERLAP;E4 CERTIFICATE_OVERLAP;");
  EXPECT_EQ(counts_.new_rows, 1);
  // What ends in the same feed makes room, to the day.
  StagedElderly ended = Elderly("E2", kFrom, Day(2026, 12, 31), RowAction::kLost);
  ended.record.certificate = {.valid_through = Day(2026, 12, 31)};
  Publish(elderly_, std::vector{ended, Elderly("E5", Day(2026, 12, 31), std::nullopt)});
  EXPECT_EQ(reasons_, "E2 REFUSED_BESIDE;E5 CERTIFICATE_OVERLAP;");
  Publish(elderly_, std::vector{ended, Elderly("E5", Day(2027, 1, 1), std::nullopt)});
  EXPECT_EQ(reasons_, "");
  EXPECT_EQ(Answer(1),
            "R1 E20:2025-08-01..2026-07-31 E20:2026-08-01..2026-12-31 E20:2027-01-01..;");
}

TEST_F(CertificateFeedTest, ARefusedRowTakesItsPersonsWithItAndNobodyElses) {
  Publish(coverages_, std::vector{Row(1), Row(2)});
  Publish(limits_, std::vector{Limit(1), Limit(2)});
  StagedLimit next = Limit(1, "B05");
  next.record.reference = "L1b";
  next.record.coverage_reference = "R9";
  Publish(limits_, std::vector{LostLimit(1), next, LostLimit(2)});
  EXPECT_EQ(reasons_, "L1 REFUSED_BESIDE;L1b COVERAGE_UNKNOWN;");
  EXPECT_EQ(counts_, (FeedCounts{.lost_rows = 1, .refused_rows = 2}));
  EXPECT_EQ(Answer(1), "R1 LA03:2026-04-01..2027-03-31;");
  EXPECT_EQ(Answer(2), "R2;");
}

TEST_F(CertificateFeedTest, ARowThatWasRefusedWhenItWasPushedTakesItsPersonWithIt) {
  Publish(coverages_, std::vector{Row(1), Row(2)});
  const FeedId id = limits_.Stage(7, std::vector{Limit(1), Limit(2)});
  ASSERT_TRUE(limits_.Append(id, std::vector<StagedLimit>(), {}, 1, {SampleNumber(1).hash}).ok());
  ++hour_;
  const auto published = limits_.Publish(id, Now());
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->counts, (FeedCounts{.new_rows = 1, .refused_rows = 2}));
  EXPECT_EQ(Answer(1), "R1;");
  EXPECT_NE(Answer(2), "R2;");
}

TEST_F(CertificateFeedTest, AnUndoBringsBackWhatWasKnownBefore) {
  Publish(coverages_, std::vector{Row(1), Row(2)});
  Publish(limits_, std::vector{Limit(1)});
  const FeedId id = Publish(limits_, std::vector{LostLimit(1), Limit(2)});
  EXPECT_EQ(Answer(1) + Answer(2), "R1;R2 LA03:2026-04-01..2027-03-31;");
  const FeedUndone undone = Undo(limits_, id);
  EXPECT_TRUE(undone.done);
  EXPECT_EQ(undone.restored_rows, 2);
  EXPECT_EQ(Answer(1) + Answer(2), "R1 LA03:2026-04-01..2027-03-31;R2;");
  EXPECT_EQ(KnownAt(1, 3), "");  // while it stood
  // Its rows may come again, and the coverage, too.
  Publish(limits_, std::vector{Limit(2)});
  EXPECT_EQ(counts_.new_rows, 1);
  Publish(coverages_, std::vector{Row(1), Row(2)});
  EXPECT_EQ(counts_, (FeedCounts{.unchanged_rows = 2}));
}

TEST_F(CertificateFeedTest, AnUndoRefusesWhenTheCoverageWasTouchedLater) {
  Publish(coverages_, std::vector{Row(1)});
  const FeedId id = Publish(limits_, std::vector{Limit(1)});
  StagedCoverage row = Row(1, RowAction::kChanged);
  row.record.address = "大阪府";
  Publish(coverages_, std::vector{row});
  const FeedUndone refused = Undo(limits_, id);
  EXPECT_FALSE(refused.done);
  EXPECT_EQ(refused.touched_references, std::vector<std::string>{"R1"});
  EXPECT_TRUE(Undo(limits_, id, UndoMode::kForce).done);
  EXPECT_EQ(Answer(1), "R1;");
  EXPECT_EQ(Count("coverage WHERE known_to IS NULL AND address = '東京都'"), 1);
}

TEST_F(CertificateFeedTest, WhatNoCoverageHoldsAnyMoreMayComeAgain) {
  const FeedId made = Publish(coverages_, std::vector{Row(1)});
  Publish(limits_, std::vector{Limit(1)});
  EXPECT_TRUE(Undo(coverages_, made, UndoMode::kForce).done);
  EXPECT_EQ(Answer(1), "");
  Publish(coverages_, std::vector{Row(1)});
  EXPECT_EQ(Answer(1), "R1;");
  Publish(limits_, std::vector{Limit(1)});
  EXPECT_EQ(counts_, (FeedCounts{.new_rows = 1}));
}

TEST_F(CertificateFeedTest, BandsThatVanishAreHighRisk) {
  std::vector<StagedCoverage> rows;
  std::vector<StagedLimit> bands;
  std::vector<StagedLimit> lost;
  std::vector<StagedLimit> ended;
  const Day today = absl::ToCivilDay(TestInstant(), absl::FixedTimeZone(9 * 60 * 60));
  for (int who = 1; who <= 25; ++who) {
    rows.push_back(Row(who));
    bands.push_back(Limit(who, "A03", today));
    lost.push_back(LostLimit(who));
    ended.push_back(LostLimit(who, today));
  }
  Publish(coverages_, rows);
  Publish(limits_, bands);
  const FeedFigures gone = Judge(limits_, lost);
  EXPECT_EQ(gone.with_bands, 25);
  EXPECT_EQ(gone.bands_gone, 25);
  EXPECT_EQ(gone.ended, 25);
  EXPECT_EQ(gone.members, 25);
  const FeedRisk risk = AssessFeed(gone);
  EXPECT_TRUE(risk.IsHigh());
  ASSERT_EQ(risk.findings.size(), 2u);
  EXPECT_EQ(risk.findings[0].reason, "MASS_LOSS");
  EXPECT_EQ(risk.findings[1].reason, "BANDS_GONE");
  // Its last day is a day with the band.
  EXPECT_EQ(Judge(limits_, ended).bands_gone, 0);
  // Where another begins none vanishes.
  for (int who = 1; who <= 25; ++who) {
    lost.push_back(Limit(who, "B05", today));
    lost.back().record.reference += "b";
  }
  const FeedFigures replaced = Judge(limits_, lost);
  EXPECT_EQ(replaced.with_bands, 25);
  EXPECT_EQ(replaced.bands_gone, 0);
  for (const RiskFinding& finding : AssessFeed(replaced).findings) {
    EXPECT_NE(finding.reason, "BANDS_GONE");
  }
}

TEST_F(CertificateFeedTest, ACoverageLosesNoBandThatIsDeliveredByItself) {
  StagedCoverage row = Row(1);
  row.record.birth_date = Day(1954, 4, 2);
  row.record.limit_certificates = {{.classification = 1, .classification_flag = "A01"}};
  row.record.elderly_recipient_certificate = {.contribution_percent = 20};
  Publish(coverages_, std::vector{row});
  row.action = RowAction::kChanged;
  row.record.limit_certificates.clear();
  row.record.elderly_recipient_certificate.reset();
  FeedFigures figures = Judge(coverages_, std::vector{row});
  EXPECT_EQ(figures.bands_gone, 1);
  EXPECT_EQ(figures.elderly_bare, 1);
  Publish(limits_, std::vector{Limit(1)});
  EXPECT_EQ(Judge(coverages_, std::vector{row}).bands_gone, 1);  // the ratio
  Publish(elderly_, std::vector{Elderly("E1", kFrom, std::nullopt)});
  figures = Judge(coverages_, std::vector{row});
  EXPECT_EQ(figures.bands_gone, 0);
  EXPECT_EQ(figures.with_bands, 1);
  EXPECT_EQ(figures.elderly, 1);
  EXPECT_EQ(figures.elderly_bare, 0);
}

TEST_F(CertificateFeedTest, WhoHadAskedForADayOfTheBandIsTold) {
  NoticeSearchDriver search(database_);
  Publish(coverages_, std::vector{Row(1)});
  const AskedView view{.limit_certificate = true, .kept = true};
  const absl::Time asked = Now() + absl::Minutes(30);
  search.Search(asked);
  search.Confirm(1, {.facility = "1312345678", .day = kFrom - 1, .at = asked, .view = view});
  search.Confirm(1, {.facility = "1312345678", .day = kFrom, .at = asked, .view = view});
  search.Confirm(1, {.facility = "1398765432", .day = kFrom, .at = asked, .view = {.kept = true}});
  Publish(limits_, std::vector{Limit(1)});
  search.Search(Now());
  EXPECT_EQ(search.Notices(), "1312345678/1 1 2026-04-01 1>1 64");
}

}  // namespace
}  // namespace kakunin
