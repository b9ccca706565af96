#include "server/commands/application_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "server/application_input/application_toml.h"

namespace kakunin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Day = absl::CivilDay;

constexpr Day kToday(2026, 11, 22);

JoiningRules Rules() {
  JoiningRules rules;
  rules.reader_offer = CardReaderOffer{.from = Day(2026, 4, 1), .last_day = Day(2027, 3, 31)};
  return rules;
}

class ApplicationFileTest : public testing::Test {
 protected:
  ApplicationFileTest() {
    char name[] = "/tmp/kakunin-application-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~ApplicationFileTest() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<ApplicationFile> Read(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return ReadApplicationFile(path);
  }
  ApplicationFinding Check(const std::string& name, const std::string& text) {
    auto file = Read(name, text);
    EXPECT_TRUE(file.ok()) << file.status();
    return CheckApplicationFile(file.ok() ? *std::move(file) : ApplicationFile(), Rules(), kToday);
  }
  static std::vector<std::string> Fields(const GroupRowFinding& row) {
    std::vector<std::string> fields;
    for (const FieldViolation& violation : row.violations) fields.push_back(violation.field);
    return fields;
  }

  std::string folder_;
};

TEST_F(ApplicationFileTest, TheExamplesAreGood) {
  const ApplicationFinding one = Check("clinic.toml", ExampleApplicationToml(kToday));
  EXPECT_TRUE(one.IsGood()) << ApplicationFindingTable(one);
  EXPECT_FALSE(one.file.is_group);

  auto file = Read("chain.csv", ExampleGroupCsv(kToday));
  ASSERT_TRUE(file.ok()) << file.status();
  file->group_prescriptions = 40'000;
  const ApplicationFinding group = CheckApplicationFile(*std::move(file), Rules(), kToday);
  EXPECT_TRUE(group.IsGood()) << ApplicationFindingTable(group);
  ASSERT_EQ(group.finding.rows.size(), 2u);
  EXPECT_EQ(group.finding.rows[1].subsidy_class, SubsidyClass::kLargeChainPharmacy);
}

TEST_F(ApplicationFileTest, EveryFaultAtOnceAndNoneTwice) {
  const ApplicationFinding finding = Check("bad.toml",
                                           "facility_code = \"1342345670\"\n"
                                           "facility_type = \"pharmasy\"\n"
                                           "introduction_type = \"restricted\"\n"
                                           "line_knd = \"ip-vpn\"\n"
                                           "start_month = \"2026-13\"\n"
                                           "test_month = \"2026-10\"\n"
                                           "online_claims = true\n"
                                           "[card_reader_order]\n"
                                           "units = 3\n");
  ASSERT_EQ(finding.finding.rows.size(), 1u);
  EXPECT_THAT(Fields(finding.finding.rows[0]),
              ElementsAre("facility_type", "line_knd", "online_claims", "start_month", "test_month",
                          "ground", "card_reader_order.maker"));
  const std::string table = ApplicationFindingTable(finding);
  EXPECT_THAT(table, HasSubstr("line_kind に直してください"));
  EXPECT_THAT(table, HasSubstr("施設の種類（facility_type）"));
  EXPECT_THAT(table, HasSubstr("hospital、clinic、dental、pharmacy、home-nursing"));
  // What was written is told nowhere.
  EXPECT_EQ(table.find("pharmasy"), std::string::npos);
  EXPECT_EQ(ApplicationFindingJson(finding, "bad.toml").find("pharmasy"), std::string::npos);
}

TEST_F(ApplicationFileTest, APharmacyThatAsksForThreeReaders) {
  const ApplicationFinding finding = Check("bad.toml",
                                           "facility_code = \"1342345670\"\n"
                                           "facility_type = \"pharmacy\"\n"
                                           "introduction_type = \"restricted\"\n"
                                           "start_month = \"2026-10\"\n"
                                           "online_claims = \"none\"\n"
                                           "[card_reader_order]\n"
                                           "maker = \"almex\"\n"
                                           "units = 3\n");
  EXPECT_THAT(Fields(finding.finding.rows[0]),
              ElementsAre("start_month", "ground", "card_reader_order.units"));
}

TEST_F(ApplicationFileTest, AGroupInTomlHasItsRows) {
  const ApplicationFinding finding = Check("group.toml",
                                           "[group]\n"
                                           "name = \"みなと薬局グループ\"\n"
                                           "prescriptions = 39999\n"
                                           "[[facility]]\n"
                                           "facility_code = \"1342345670\"\n"
                                           "facility_type = \"pharmacy\"\n"
                                           "introduction_type = \"full\"\n"
                                           "line_kind = \"ipsec-ike\"\n"
                                           "start_month = \"2027-04\"\n"
                                           "online_claims = \"in-use\"\n"
                                           "[[facility]]\n"
                                           "facility_code = \"1342345670\"\n");
  ASSERT_EQ(finding.finding.rows.size(), 2u);
  EXPECT_TRUE(finding.file.is_group);
  EXPECT_EQ(finding.file.rows[0].line, 4);
  EXPECT_EQ(finding.file.rows[1].line, 11);
  EXPECT_THAT(finding.finding.rows[0].violations, IsEmpty());
  EXPECT_EQ(finding.finding.rows[0].subsidy_class, SubsidyClass::kClinicOrPharmacy);
  EXPECT_THAT(Fields(finding.finding.rows[1]),
              ElementsAre("facility_type", "introduction_type", "line_kind", "start_month",
                          "online_claims", "facility_code"));
  const std::string table = ApplicationFindingTable(finding);
  EXPECT_THAT(table, HasSubstr("2件目（11行目）"));
  EXPECT_THAT(table, HasSubstr("2件のうち不備のないもの 1件"));
}

TEST_F(ApplicationFileTest, ACommaSeparatedFileInEitherNames) {
  for (const char* head : {"facility_code,facility_type,card_reader_order.units,ground_ending_day",
                           "医療機関等コード,施設の種類,カードリーダーの台数,根拠が終わる日"}) {
    const ApplicationFinding finding =
        Check("chain.csv", std::string(head) + "\n1312345670,clinic,,2026-02-30\n");
    EXPECT_THAT(Fields(finding.finding.rows[0]),
                ElementsAre("ground_ending_day", "introduction_type", "line_kind", "start_month",
                            "online_claims"));
  }
  // An unknown column is told once, however many rows there are.
  const ApplicationFinding unknown =
      Check("chain.csv", "facility_code,facility_typ\n1312345670,clinic\n1312345688,clinic\n");
  ASSERT_EQ(unknown.finding.violations.size(), 1u);
  EXPECT_EQ(unknown.finding.violations[0].field, "facility_typ");
  EXPECT_THAT(unknown.finding.violations[0].description, HasSubstr("facility_type に"));
  for (const GroupRowFinding& row : unknown.finding.rows) {
    EXPECT_THAT(Fields(row), ElementsAre("facility_type", "introduction_type", "line_kind",
                                         "start_month", "online_claims"));
  }
  EXPECT_FALSE(unknown.IsGood());
  EXPECT_FALSE(Read("chain.csv", "facility_code,医療機関等コード\n1,2\n").ok());
}

TEST_F(ApplicationFileTest, WhatIsNoFileIsToldWithItsLine) {
  EXPECT_EQ(ReadApplicationFile(folder_ + "/none.toml").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(Read("x.toml", "a = 1\nb = \n").status().message()), HasSubstr("line 2"));
  EXPECT_THAT(std::string(Read("x.toml", "a = 1\nstart_month = [1]\n").status().message()),
              HasSubstr("line 2"));
  EXPECT_THAT(std::string(Read("x.toml", "[group]\nsize = 1\n").status().message()),
              HasSubstr("prescriptions"));
  EXPECT_THAT(
      std::string(
          Read("x.toml", "facility_code = \"1\"\n[group]\nname = \"x\"\n").status().message()),
      HasSubstr("[[facility]]"));
  // An empty file is an application in which everything is missing.
  EXPECT_EQ(Check("empty.toml", "").finding.rows[0].violations.size(), 6u);
}

TEST(ApplicationFields, DaysAndMonths) {
  EXPECT_EQ(WrittenMonth("2027-04"), absl::CivilMonth(2027, 4));
  for (const char* text :
       {"2027-4", "2027-00", "2027-13", "2027/04", "2027-04-01", "", "+027-04"}) {
    EXPECT_EQ(WrittenMonth(text), std::nullopt) << text;
  }
  EXPECT_EQ(WrittenDay("2028-02-29"), Day(2028, 2, 29));
  for (const char* text : {"2027-02-29", "2027-2-28", "2027-02-28 ", "20270228", ""}) {
    EXPECT_EQ(WrittenDay(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace kakunin
