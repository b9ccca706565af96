// The registers of residents that stand beside a synthetic nation are those that its rows and cards
// come from.

#include <gtest/gtest.h>

#include <set>

#include "domain/resident_identity.h"
#include "server/resident_file.h"
#include "server/resident_identity_file.h"
#include "server/synth/nation_files.h"
#include "server/synth/resident_registers.h"
#include "server/synth/test_persons.h"
#include "server/usecases/feed_keys.h"
#include "tests/unit/dev/temporary_folder.h"

namespace kakunin {
namespace {

class SyntheticRegistersTest : public testing::Test {
 protected:
  SyntheticRegistersTest() {
    EXPECT_TRUE(synth::WriteNation(folder_.path() / "nation", options_, {}).ok());
  }

  static Coverage CoverageOf(const v1::CoverageRow& row) {
    Coverage coverage;
    coverage.name = {row.name().original(), row.name().kana()};
    coverage.other_name = {row.other_name().original(), row.other_name().kana()};
    coverage.birth_date =
        absl::CivilDay(row.birth_date().year(), row.birth_date().month(), row.birth_date().day());
    coverage.sex = static_cast<Sex>(row.sex());
    coverage.address = row.address();
    return coverage;
  }

  const dev::TemporaryFolder folder_;
  const synth::NationOptions options_{
      .seed = 3, .persons = 2'000, .today = absl::CivilDay(2026, 11, 21)};
  const synth::Nation nation_{options_};
  const auth::HmacKey key_{std::string_view("of individual numbers"), "k"};
};

TEST_F(SyntheticRegistersTest, EveryRowOfTheNationAgreesWithTheRegisterInEverything) {
  ResidentIdentityFile residents(folder_.path() / "nation" / synth::kResidentIdentities, key_);
  ASSERT_TRUE(residents.Read().ok()) << residents.Read();
  std::set<std::string> numbers;
  int doubles = 0;
  nation_.ForEachRow([&](size_t, const v1::CoverageRow& row) {
    const Digest32 hash = HashOf(key_, *IndividualNumber::Parse(row.individual_number())).hash;
    const auto found = residents.FindIdentities({&hash, 1});
    ASSERT_TRUE(found.ok() && found->at(0)) << row.coverage_reference();
    EXPECT_EQ(DifferingFields(CoverageOf(row), *found->at(0)), 0) << row.coverage_reference();
    numbers.insert(row.individual_number());
    doubles += found->at(0)->has_double ? 1 : 0;
  });
  EXPECT_EQ(residents.Count(), static_cast<int64_t>(numbers.size()));
  EXPECT_GT(doubles, 1);  // the twins among the test persons, at least

  // A nation without the file is given the same.
  const auto again = folder_.path() / "again.csv";
  ASSERT_TRUE(synth::WriteResidentIdentities(again, nation_).ok());
  ResidentIdentityFile same(again, key_);
  ASSERT_TRUE(same.Read().ok());
  EXPECT_EQ(same.Count(), residents.Count());
}

TEST_F(SyntheticRegistersTest, EveryCardIsItsHoldersButThatOfTheTestPersonWhoNeverRegistered) {
  const std::string keys[] = {std::string(32, 'a'), std::string(32, 'b'), std::string(32, 'c')};
  const auto file = folder_.path() / "residents.csv";
  ASSERT_TRUE(synth::WriteResidentCards(file, nation_, keys).ok());
  ResidentFile residents(file);
  std::set<std::string> test_persons;
  for (const synth::TestPerson& person : synth::TestPersons(options_.today)) {
    test_persons.insert(person.individual_number);
  }
  int unlinked = 0;
  nation_.ForEachCard([&](const synth::CardRecord& card, const std::string& number) {
    const v1::CardLink link = synth::CardLinkOf(card, number);
    const auto found =
        residents.FindHolder({keys[static_cast<size_t>(card.generation - 1)], link.serial()});
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_EQ(found->has_value(), !test_persons.contains(number));
    if (!found->has_value()) return;
    EXPECT_EQ((*found)->individual_number.Reveal(), number);
    EXPECT_EQ((*found)->medium, static_cast<int>(card.medium));
    EXPECT_EQ((*found)->replaces.has_value(), card.replaces_serial != 0);
    unlinked += card.linked ? 0 : 1;
  });
  EXPECT_GT(unlinked, 0);
}

}  // namespace
}  // namespace kakunin
