#include "server/synth/test_persons.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "auth/digest.h"
#include "domain/eligibility.h"
#include "domain/text/insured_key.h"

namespace kakunin::synth {
namespace {

const absl::CivilDay kToday(2026, 11, 21);

std::optional<absl::CivilDay> DayOf(bool present, const google::type::Date& date) {
  if (!present) return std::nullopt;
  return absl::CivilDay(date.year(), date.month(), date.day());
}

InsuredKey KeyOf(const std::string& insurer, const std::string& symbol, const std::string& number,
                 const std::string& branch, absl::CivilDay birth_date) {
  return {*InsurerNumber::Parse(insurer), *InsuredSymbol::Parse(symbol),
          *InsuredNumber::Parse(number), BranchNumber::Parse(branch), birth_date};
}

KeyHash Hash(const InsuredKey& key, bool with_branch) {
  const auth::Sha256Digest digest = auth::Sha256(CanonicalBytes(key, with_branch));
  KeyHash hash;
  std::copy_n(digest.begin(), hash.octets.size(), hash.octets.begin());
  return hash;
}

// World is what the service would know of a set of rows: the rules themselves answer from it.
class World {
 public:
  void Add(const InsurerRow& entry) {
    const v1::CoverageRow& row = entry.row;
    const InsuredKey key = KeyOf(Insurers()[entry.insurer].number, row.symbol(), row.number(),
                                 row.branch_number(), *DayOf(true, row.birth_date()));
    AnswerCoverage coverage;
    coverage.key_without_branch = Hash(key, false);
    coverage.qualification_date = *DayOf(true, row.qualification_date());
    coverage.disqualification_date =
        DayOf(row.has_disqualification_date(), row.disqualification_date());
    coverage.certificate_valid_from =
        DayOf(row.has_certificate_valid_from(), row.certificate_valid_from());
    coverage.certificate_valid_through =
        DayOf(row.has_certificate_valid_through(), row.certificate_valid_through());
    coverage.medical_aid = row.card_classification() == v1::CARD_CLASSIFICATION_MEDICAL_AID;
    coverage.medical_aid_unregistered = row.medical_aid_unregistered();
    persons_[row.individual_number()].push_back(coverage);
    by_key_[Hash(key, false)].insert(row.individual_number());
    by_key_[Hash(key, true)].insert(row.individual_number());
  }

  v1::Validity ByNumber(const TestAsk& ask, absl::CivilDay day) const {
    const InsuredKey key =
        KeyOf(ask.insurer_number, ask.symbol, ask.number, ask.branch_number, ask.birth_date);
    const auto found = by_key_.find(Hash(key, true));
    if (found == by_key_.end()) return v1::VALIDITY_NOT_FOUND;
    if (found->second.size() > 1) return v1::VALIDITY_SEVERAL_FOUND;
    return static_cast<v1::Validity>(
        SelectForKey(persons_.at(*found->second.begin()), Hash(key, false), day).validity);
  }

  Selection ByCard(const std::string& individual_number, absl::CivilDay day) const {
    return SelectForCard(persons_.at(individual_number), day);
  }

 private:
  std::map<std::string, std::vector<AnswerCoverage>> persons_;
  std::map<KeyHash, std::set<std::string>> by_key_;
};

World WorldOf(const NationOptions& options) {
  World world;
  Nation(options).ForEachRow([&](size_t insurer, const v1::CoverageRow& row) {
    world.Add({insurer, row});
  });
  return world;
}

class TestPersonsOn : public testing::TestWithParam<absl::CivilDay> {};

TEST_P(TestPersonsOn, TheRulesAnswerWhatTheTableExpects) {
  const absl::CivilDay today = GetParam();
  const World world = WorldOf({.seed = 5, .persons = 3'000, .today = today});
  for (const TestPerson& line : TestPersons(today)) {
    EXPECT_EQ(world.ByNumber(line.ask, today), line.by_number) << line.id;
    if (line.by_card.validity == v1::VALIDITY_UNSPECIFIED) continue;
    const Selection selection = world.ByCard(line.individual_number, today);
    EXPECT_EQ(static_cast<int>(selection.validity), static_cast<int>(line.by_card.validity))
        << line.id;
    EXPECT_EQ(selection.shown.size(), static_cast<size_t>(line.by_card.coverages)) << line.id;
  }
}

INSTANTIATE_TEST_SUITE_P(Days, TestPersonsOn,
                         testing::Values(kToday, absl::CivilDay(2027, 1, 1),
                                         absl::CivilDay(2027, 7, 31), absl::CivilDay(2027, 8, 1),
                                         absl::CivilDay(2028, 2, 29)));

TEST(TestPersons, ThirtyOutcomesThenTheSourceDocuments) {
  const auto lines = TestPersons(kToday);
  ASSERT_EQ(lines.size(), 38u);
  for (size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(lines[i].id, (i < 9 ? "TP0" : "TP") + std::to_string(i + 1));
  }
  EXPECT_EQ(lines[30].id, "SD01");
}

TEST(TestPersons, IdentifiersDoNotDependOnTheDay) {
  const auto a = TestPersons(kToday);
  const auto b = TestPersons(absl::CivilDay(2031, 3, 1));
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].individual_number, b[i].individual_number);
    EXPECT_EQ(a[i].ask.insurer_number, b[i].ask.insurer_number);
    EXPECT_EQ(a[i].ask.symbol, b[i].ask.symbol);
    EXPECT_EQ(a[i].ask.number, b[i].ask.number);
    EXPECT_EQ(a[i].ask.branch_number, b[i].ask.branch_number);
    ASSERT_EQ(a[i].cards.size(), b[i].cards.size());
    for (size_t c = 0; c < a[i].cards.size(); ++c) {
      EXPECT_EQ(a[i].cards[c].serial, b[i].cards[c].serial);
      EXPECT_EQ(a[i].cards[c].generation, b[i].cards[c].generation);
    }
    // A birth date moves only where the table says it does.
    const bool relative = a[i].birth_date_text.find("当日") != std::string::npos;
    EXPECT_EQ(a[i].ask.birth_date == b[i].ask.birth_date, !relative) << a[i].id;
  }
}

TEST(TestPersons, NobodySharesANumberASerialOrAKey) {
  std::set<std::string> numbers;
  std::set<uint64_t> serials;
  std::set<int> keys;
  for (const TestPerson& line : TestPersons(kToday)) {
    if (!line.same_person_as.empty()) continue;
    EXPECT_TRUE(numbers.insert(line.individual_number).second) << line.id;
    for (const CardRecord& card : line.cards) {
      EXPECT_TRUE(serials.insert(card.serial).second) << line.id;
      EXPECT_TRUE(keys.insert(card.key_index).second) << line.id;
      EXPECT_LT(card.key_index, NationOptions().key_pool_size) << line.id;
    }
    EXPECT_FALSE(line.cards.empty()) << line.id;
    EXPECT_EQ(line.cards.size(), line.card_texts.size()) << line.id;
  }
}

TEST(TestPersons, TheSourceDocumentsExamplesAreAsPrinted) {
  const TestPerson taro = FindTestPerson(kToday, "SD01");
  EXPECT_EQ(taro.rows[0].row.name().original(), "厚労　太郎");
  EXPECT_EQ(taro.ask.symbol, "1234");
  EXPECT_EQ(taro.ask.number, "5678910");
  EXPECT_EQ(taro.ask.branch_number, "01");
  EXPECT_EQ(taro.ask.birth_date, absl::CivilDay(1970, 1, 1));
  EXPECT_EQ(DayOf(true, taro.rows[0].row.qualification_date()), absl::CivilDay(2018, 7, 1));
  EXPECT_EQ(FindTestPerson(kToday, "SD02").ask.number, "111");
  const TestPerson after = FindTestPerson(kToday, "SD03");
  EXPECT_EQ(after.ask.number, "222");
  EXPECT_EQ(after.ask.birth_date, absl::CivilDay(1968, 1, 1));
  EXPECT_EQ(after.rows.size(), 2u) << "rows of the person the line is about";
}

TEST(TestPersons, SameNameAndBirthDateAreTwoPersons) {
  const TestPerson a = FindTestPerson(kToday, "TP27");
  const TestPerson b = FindTestPerson(kToday, "TP28");
  EXPECT_EQ(a.rows[0].row.name().original(), b.rows[0].row.name().original());
  EXPECT_EQ(a.ask.birth_date, b.ask.birth_date);
  EXPECT_NE(a.individual_number, b.individual_number);
  EXPECT_NE(a.ask.insurer_number, b.ask.insurer_number);
}

TEST(TestPersons, TheDocumentIsTheTable) {
  std::ostringstream text;
  text << std::ifstream(std::string(KAKUNIN_SOURCE_DIR) + "/docs/test_persons.md").rdbuf();
  // Not EXPECT_EQ, which would print both.
  EXPECT_TRUE(text.str() == TestPersonsDocument())
      << "run: kakunin synth --print-test-persons > docs/test_persons.md";
}

}  // namespace
}  // namespace kakunin::synth
