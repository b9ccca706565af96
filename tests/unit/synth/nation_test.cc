#include "server/synth/nation.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "domain/text/individual_number.h"
#include "domain/text/insured_number.h"
#include "domain/text/insured_symbol.h"
#include "domain/text/person_name.h"
#include "server/synth/test_persons.h"

namespace kakunin::synth {
namespace {

const absl::CivilDay kToday(2026, 11, 21);

NationOptions Options(int64_t persons, uint64_t seed = 1) {
  return {.seed = seed, .persons = persons, .today = kToday};
}

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

std::vector<InsurerRow> AllRows(const NationOptions& options) {
  std::vector<InsurerRow> rows;
  Nation(options).ForEachRow([&](size_t insurer, const v1::CoverageRow& row) {
    rows.push_back({insurer, row});
  });
  return rows;
}

// One nation of the default size serves many tests.
const std::vector<InsurerRow>& DefaultRows() {
  static const auto& rows = *new std::vector<InsurerRow>(AllRows(Options(10'000)));
  return rows;
}

std::string TestPersonsNumbersStart() { return "99"; }

bool IsTestPerson(const v1::CoverageRow& row) {
  return row.individual_number().substr(0, 2) == TestPersonsNumbersStart();
}

TEST(Nation, MakesTheSamePersonAloneAsInTheStream) {
  const Nation nation(Options(1'003, 7));
  std::map<std::string, std::vector<std::string>> streamed;
  nation.ForEachRow([&](size_t insurer, const v1::CoverageRow& row) {
    streamed[row.individual_number()].push_back(std::to_string(insurer) + row.SerializeAsString());
  });
  for (int64_t i = 0; i < 1'003; ++i) {
    const Person person = nation.MakePerson(i);
    std::vector<std::string> alone;
    for (const InsurerRow& row : person.rows) {
      alone.push_back(std::to_string(row.insurer) + row.row.SerializeAsString());
    }
    ASSERT_EQ(alone, streamed[person.individual_number]) << i;
  }
}

TEST(Nation, GrowsWithoutChangingWhoIsThere) {
  const Nation small(Options(1'000));
  const Nation large(Options(2'000));
  for (int64_t i = 0; i < 1'000; i += 37) {
    const Person a = small.MakePerson(i);
    const Person b = large.MakePerson(i);
    ASSERT_EQ(a.rows.size(), b.rows.size());
    for (size_t r = 0; r < a.rows.size(); ++r) {
      EXPECT_EQ(a.rows[r].row.SerializeAsString(), b.rows[r].row.SerializeAsString());
    }
  }
}

TEST(Nation, AnotherSeedMakesOtherPeople) {
  EXPECT_NE(Nation(Options(10, 1)).MakePerson(3).rows[0].row.SerializeAsString(),
            Nation(Options(10, 2)).MakePerson(3).rows[0].row.SerializeAsString());
}

TEST(Nation, RowsHaveWhatAFeedDemands) {
  for (const InsurerRow& entry : DefaultRows()) {
    const v1::CoverageRow& row = entry.row;
    ASSERT_EQ(row.action(), v1::ROW_ACTION_NEW);
    ASSERT_LE(row.coverage_reference().size(), 40u);
    ASSERT_TRUE(InsuredSymbol::Parse(row.symbol()));
    ASSERT_TRUE(InsuredNumber::Parse(row.number()));
    ASSERT_TRUE(row.branch_number().empty() || row.branch_number().size() == 2);
    ASSERT_FALSE(row.name().original().empty());
    ASSERT_FALSE(row.name().kana().empty());
    ASSERT_EQ(row.postal_code().size(), 8u);
    const auto number = IndividualNumber::Parse(row.individual_number());
    ASSERT_TRUE(number && number->HasValidCheckDigit());
    const absl::CivilDay begin = DayOf(row.qualification_date());
    ASSERT_GE(begin, DayOf(row.birth_date())) << row.coverage_reference();
    ASSERT_LE(begin, kToday) << row.coverage_reference();
    if (row.has_disqualification_date()) {
      ASSERT_GT(DayOf(row.disqualification_date()), begin) << row.coverage_reference();
      ASSERT_LE(DayOf(row.disqualification_date()), kToday) << row.coverage_reference();
      ASSERT_NE(row.reason_of_loss(), v1::REASON_OF_LOSS_UNSPECIFIED);
    }
    if (row.has_certificate_valid_through()) {
      ASSERT_GE(DayOf(row.certificate_valid_through()), begin) << row.coverage_reference();
    }
  }
}

TEST(Nation, ReferencesAreUniqueWithinAnInsurer) {
  std::set<std::pair<size_t, std::string>> seen;
  for (const InsurerRow& entry : DefaultRows()) {
    ASSERT_TRUE(seen.emplace(entry.insurer, entry.row.coverage_reference()).second);
  }
}

TEST(Nation, OnlyTwinsShareInsurerSymbolNumberAndBirthDate) {
  using Key = std::tuple<size_t, std::string, std::string, absl::CivilDay>;
  std::map<Key, std::map<std::string, std::string>> branches;  // individual number -> branch
  for (const InsurerRow& entry : DefaultRows()) {
    const v1::CoverageRow& row = entry.row;
    branches[{entry.insurer, row.symbol(), row.number(), DayOf(row.birth_date())}]
            [row.individual_number()] = row.branch_number();
  }
  int twins = 0;
  for (const auto& [key, people] : branches) {
    if (people.size() == 1) continue;
    ASSERT_EQ(people.size(), 2u);
    ++twins;
    EXPECT_NE(people.begin()->second, people.rbegin()->second) << "the branch tells twins apart";
    EXPECT_FALSE(people.begin()->second.empty());
  }
  EXPECT_GE(twins, 20);
}

TEST(Nation, TwinsShareKanaAndSex) {
  std::map<std::tuple<size_t, std::string, absl::CivilDay>, std::vector<const v1::CoverageRow*>>
      born;
  for (const InsurerRow& entry : DefaultRows()) {
    if (entry.row.branch_number().empty()) continue;
    born[{entry.insurer, entry.row.number(), DayOf(entry.row.birth_date())}].push_back(&entry.row);
  }
  int twins = 0;
  for (const auto& [key, rows] : born) {
    if (rows.size() != 2) continue;
    ++twins;
    EXPECT_EQ(rows[0]->name().kana(), rows[1]->name().kana());
    EXPECT_NE(rows[0]->name().original(), rows[1]->name().original());
    EXPECT_EQ(rows[0]->sex(), rows[1]->sex());
  }
  EXPECT_GE(twins, 20);
}

TEST(Nation, TestPersonsInsurersInsureNobodyElse) {
  for (const InsurerRow& entry : DefaultRows()) {
    ASSERT_EQ(Insurers()[entry.insurer].for_test_persons, IsTestPerson(entry.row));
  }
}

TEST(Nation, TenThousandPersonsHoldEveryKindOfInsurerAndCertificate) {
  std::map<InsurerKind, int> kinds;
  std::map<int, int> classifications, reasons, diseases, contributions;
  std::map<std::string, int> limits;
  int preschool = 0, elderly = 0, tickets = 0, unregistered = 0, other_names = 0, rare = 0;
  int expired = 0, sex_back = 0, family = 0;
  for (const InsurerRow& entry : DefaultRows()) {
    const v1::CoverageRow& row = entry.row;
    if (IsTestPerson(row)) continue;
    ++kinds[Insurers()[entry.insurer].kind];
    ++classifications[row.card_classification()];
    ++reasons[row.reason_of_loss()];
    if (row.has_partial_contribution_percent()) ++contributions[row.partial_contribution_percent()];
    for (const auto& limit : row.limit_certificates()) ++limits[limit.classification_flag()];
    for (const auto& disease : row.specific_disease_certificates()) ++diseases[disease.disease()];
    preschool += row.preschool() ? 1 : 0;
    elderly += row.has_elderly_recipient_certificate() ? 1 : 0;
    tickets += row.medical_tickets_size();
    unregistered += row.medical_aid_unregistered() ? 1 : 0;
    other_names += row.has_other_name() ? 1 : 0;
    rare += ToJisX0208(row.name().original()).replaced ? 1 : 0;
    sex_back += row.sex_back() != v1::SEX_UNSPECIFIED ? 1 : 0;
    family += row.personal_family_classification() == v1::PERSONAL_FAMILY_CLASSIFICATION_FAMILY;
    expired += row.has_certificate_valid_through() && !row.has_disqualification_date() &&
               DayOf(row.certificate_valid_through()) < kToday;
  }
  EXPECT_EQ(kinds.size(), static_cast<size_t>(InsurerKind::kRetiredMutualAid));
  for (const int classification : {1, 2, 3, 4, 5, 6, 7, 101}) {
    EXPECT_GT(classifications[classification], 0) << "card classification " << classification;
  }
  for (const int reason : {1, 2, 3, 99}) EXPECT_GT(reasons[reason], 0) << "loss " << reason;
  EXPECT_EQ(limits.size(), 16u) << "A01-A06 and B01-B10";
  EXPECT_EQ(diseases.size(), 3u);
  EXPECT_EQ(contributions.size(), 3u);
  for (const int count :
       {preschool, elderly, tickets, unregistered, other_names, rare, expired, sex_back, family}) {
    EXPECT_GT(count, 0);
  }
}

TEST(Nation, TenThousandPersonsHoldEveryHistory) {
  const absl::CivilDay today = kToday;
  std::map<std::string, std::vector<const InsurerRow*>> by_person;
  for (const InsurerRow& entry : DefaultRows()) {
    if (!IsTestPerson(entry.row)) by_person[entry.row.individual_number()].push_back(&entry);
  }
  int moved = 0, not_reported = 0, overlapping = 0, lost = 0, aid_beside = 0, aid_alone = 0;
  for (const auto& [number, rows] : by_person) {
    int open_insurance = 0, open_aid = 0, ended = 0;
    absl::CivilDay last_end;
    for (const InsurerRow* row : rows) {
      const bool aid = Insurers()[row->insurer].kind == InsurerKind::kMedicalAid;
      if (row->row.has_disqualification_date()) {
        ++ended;
        last_end = DayOf(row->row.disqualification_date());
      } else {
        ++(aid ? open_aid : open_insurance);
      }
    }
    moved += open_insurance == 1 && ended >= 1;
    overlapping += open_insurance == 2;
    lost += open_insurance == 0 && open_aid == 0 && ended == 1;
    not_reported += open_insurance == 0 && open_aid == 0 && ended == 1 && today - last_end < 25;
    aid_beside += open_insurance >= 1 && open_aid >= 1;
    aid_alone += open_insurance == 0 && open_aid == 1 && ended == 0;
  }
  EXPECT_GT(moved, 500);
  EXPECT_GT(not_reported, 20);
  EXPECT_GT(overlapping, 20);
  EXPECT_GT(lost, 50);
  EXPECT_GT(aid_beside, 10);
  EXPECT_GT(aid_alone, 20);
}

TEST(Nation, TenThousandPersonsHoldStrangersOfOneNameAndBirthDate) {
  std::map<std::pair<std::string, absl::CivilDay>, std::set<std::string>> people;
  for (const InsurerRow& entry : DefaultRows()) {
    if (IsTestPerson(entry.row)) continue;
    people[{entry.row.name().original(), DayOf(entry.row.birth_date())}].insert(
        entry.row.individual_number());
  }
  int namesakes = 0;
  for (const auto& [name, numbers] : people) namesakes += numbers.size() > 1 ? 1 : 0;
  EXPECT_GE(namesakes, 3);
}

TEST(Nation, RefusesWhatItCannotMake) {
  EXPECT_FALSE(CheckOptions(Options(-1)).ok());
  EXPECT_FALSE(CheckOptions(Options(kMaxPersons + 1)).ok());
  EXPECT_TRUE(CheckOptions(Options(0)).ok());
  NationOptions no_keys = Options(1);
  no_keys.key_pool_size = 0;
  EXPECT_FALSE(CheckOptions(no_keys).ok());
  EXPECT_FALSE(CheckOptions({.today = absl::CivilDay(1970, 1, 1)}).ok());
}

TEST(Nation, AnyDayGivesWholePeople) {
  // 29 February, year's ends, and the days around the certificate year.
  for (const absl::CivilDay today :
       {absl::CivilDay(2028, 2, 29), absl::CivilDay(2027, 1, 1), absl::CivilDay(2026, 12, 31),
        absl::CivilDay(2027, 7, 31), absl::CivilDay(2027, 8, 1), absl::CivilDay(2027, 4, 1)}) {
    NationOptions options = Options(2'000, 3);
    options.today = today;
    Nation(options).ForEachPerson(
        [&](size_t, const v1::CoverageRow& row) {
          ASSERT_LE(DayOf(row.qualification_date()), today);
          ASSERT_GE(DayOf(row.qualification_date()), DayOf(row.birth_date()));
        },
        [&](const CardRecord& card, const std::string&) {
          ASSERT_LT(card.not_before, card.not_after);
        },
        {});
  }
}

}  // namespace
}  // namespace kakunin::synth
