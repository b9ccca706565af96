#include "server/commands/feed_rows.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "server/commands/feed_column_aliases.h"
#include "server/commands/feed_columns.h"
#include "tests/support/octets_in_parts.h"

namespace kakunin {
namespace {

template <class Row>
struct Read {
  std::vector<Row> rows;
  std::vector<int64_t> places;
  std::string fault;
};

template <class Row>
Read<Row> ReadAll(std::unique_ptr<FeedRows> source) {
  Read<Row> read;
  for (;;) {
    Row row;
    const auto more = source->Next(row);
    if (!more.ok()) read.fault = std::string(more.status().message());
    if (!more.ok() || !*more) return read;
    read.rows.push_back(row);
    read.places.push_back(source->place());
  }
}

Read<v1::CoverageRow> Coverages(const std::string& text,
                                TextEncoding encoding = TextEncoding::kUtf8) {
  return ReadAll<v1::CoverageRow>(
      ReadCsvRows(v1::FEED_KIND_COVERAGES, encoding, OctetsInParts(text)));
}

TEST(FeedRows, ACoverageIsReadByTheNamesOfTheApi) {
  const auto read = Coverages(
      "action,coverage_reference,individual_number,name.original,name.kana,sex,birth_date,"
      "partial_contribution_percent,preschool,card_classification\n"
      "NEW,R1,123456789018,\"確認　太郎\",カクニン　タロウ,male,1970-01-01,0,1,CARD_"
      "CLASSIFICATION_GENERAL\n"
      "changed,R2,,確認,,2,19700102,,false,101\n");
  ASSERT_EQ(read.fault, "");
  ASSERT_EQ(read.rows.size(), 2u);
  const v1::CoverageRow& row = read.rows[0];
  EXPECT_EQ(row.action(), v1::ROW_ACTION_NEW);
  EXPECT_EQ(row.coverage_reference(), "R1");
  EXPECT_EQ(row.individual_number(), "123456789018");
  EXPECT_EQ(row.name().original(), "確認　太郎");
  EXPECT_EQ(row.name().kana(), "カクニン　タロウ");
  EXPECT_EQ(row.sex(), v1::SEX_MALE);
  EXPECT_EQ(row.birth_date().ShortDebugString(), "year: 1970 month: 1 day: 1");
  EXPECT_TRUE(row.has_partial_contribution_percent());
  EXPECT_EQ(row.partial_contribution_percent(), 0);
  EXPECT_TRUE(row.preschool());
  EXPECT_EQ(row.card_classification(), v1::CARD_CLASSIFICATION_GENERAL);
  EXPECT_FALSE(read.rows[1].has_partial_contribution_percent());
  EXPECT_FALSE(read.rows[1].name().kana().size());
  EXPECT_EQ(read.rows[1].sex(), v1::SEX_FEMALE);
  EXPECT_EQ(read.rows[1].card_classification(), v1::CARD_CLASSIFICATION_MEDICAL_AID);
  EXPECT_EQ(read.places, (std::vector<int64_t>{2, 3}));
}

TEST(FeedRows, JapaneseNamesOfColumnsAndCp932) {
  // 異動区分,資格管理番号,氏名,生年月日 and 確認, in CP932.
  const std::string text =
      "\x88\xD9\x93\xAE\x8B\xE6\x95\xAA,\x8E\x91\x8A\x69\x8A\xC7\x97\x9D\x94\xD4\x8D\x86,"
      "\x8E\x81\x96\xBC,\x90\xB6\x94\x4E\x8C\x8E\x93\xFA\r\n"
      "NEW,R1,\x8A\x6D\x94\x46,1970/02/28\r\n";
  const auto read = Coverages(text, TextEncoding::kCp932);
  ASSERT_EQ(read.fault, "");
  EXPECT_EQ(read.rows.at(0).name().original(), "確認");
  EXPECT_EQ(read.rows.at(0).birth_date().day(), 28);
}

TEST(FeedRows, ALineWithoutAnActionContinuesTheRow) {
  const auto read = Coverages(
      "action,coverage_reference,number,limit_certificates.classification,"
      "limit_certificates.classification_flag,medical_tickets.issue_number,"
      "medical_tickets.remarks\n"
      "NEW,R1,5,LIMIT,A03,T1,one|two\n"
      ",R1,,2,B05,,\n"
      ",R1,,,,T2,\n"
      "NEW,R2,6,,,,\n");
  ASSERT_EQ(read.fault, "");
  ASSERT_EQ(read.rows.size(), 2u);
  ASSERT_EQ(read.rows[0].limit_certificates_size(), 2);
  EXPECT_EQ(read.rows[0].limit_certificates(1).classification_flag(), "B05");
  ASSERT_EQ(read.rows[0].medical_tickets_size(), 2);
  EXPECT_EQ(read.rows[0].medical_tickets(0).remarks_size(), 2);
  EXPECT_EQ(read.rows[0].medical_tickets(1).issue_number(), "T2");
  EXPECT_EQ(read.rows[1].limit_certificates_size(), 0);
  EXPECT_EQ(read.places, (std::vector<int64_t>{2, 5}));
}

TEST(FeedRows, DrugsOfOneDayAreOneDayWhetherItIsRepeatedOrLeftOut) {
  const auto read = ReadAll<v1::ReceiptRow>(
      ReadCsvRows(v1::FEED_KIND_RECEIPTS, TextEncoding::kUtf8,
                  OctetsInParts("action,receipt_reference,treatment_month,drug_days.dispensing_"
                                "date,drug_days.drugs.code,treatments.code,treatments.dates\n"
                                "NEW,C1,2026-04,2026-04-01,D1,T1,2026-04-01|2026-04-08\n"
                                ",C1,,2026-04-01,D2,T1,2026-04-09\n"
                                ",C1,,,D3,,\n"
                                ",C1,,2026-04-02,D4,,\n")));
  ASSERT_EQ(read.fault, "");
  const v1::ReceiptRow& row = read.rows.at(0);
  ASSERT_EQ(row.drug_days_size(), 2);
  EXPECT_EQ(row.drug_days(0).drugs_size(), 3);
  EXPECT_EQ(row.drug_days(1).drugs(0).code(), "D4");
  ASSERT_EQ(row.treatments_size(), 2);  // the same treatment twice is two lines
  EXPECT_EQ(row.treatments(0).dates_size(), 2);
}

TEST(FeedRows, ACertificateIsReadByEitherNameOfItsColumns) {
  for (const std::string& header :
       {std::string("action,certificate_reference,coverage_reference,individual_number,"
                    "certificate.classification,certificate.classification_flag,"
                    "certificate.valid_from,certificate.valid_through\n"),
        std::string("異動区分,証管理番号,資格管理番号,個人番号,限度額適用認定証区分,限度額適用区分,"
                    "限度額適用認定証有効開始年月日,限度額適用認定証有効終了年月日\n")}) {
    const auto read = ReadAll<v1::LimitCertificateRow>(
        ReadCsvRows(v1::FEED_KIND_LIMIT_CERTIFICATES, TextEncoding::kUtf8,
                    OctetsInParts(header + "NEW,L1,R1,123456789018,LIMIT,A03,2026-08-01,20270731\n"
                                           "LOST,L2,R2,123456789018,,,,2026-06-30\n")));
    ASSERT_EQ(read.fault, "");
    ASSERT_EQ(read.rows.size(), 2u);
    EXPECT_EQ(read.rows[0].certificate_reference(), "L1");
    EXPECT_EQ(read.rows[0].coverage_reference(), "R1");
    EXPECT_EQ(read.rows[0].certificate().classification_flag(), "A03");
    EXPECT_EQ(read.rows[0].certificate().valid_through().day(), 31);
    EXPECT_EQ(read.rows[1].action(), v1::ROW_ACTION_LOST);
    EXPECT_FALSE(read.rows[1].certificate().has_valid_from());
  }
  // A line cannot continue a row that has nothing more than once.
  EXPECT_EQ(ReadAll<v1::LimitCertificateRow>(
                ReadCsvRows(v1::FEED_KIND_LIMIT_CERTIFICATES, TextEncoding::kUtf8,
                            OctetsInParts("action,certificate_reference,certificate.valid_from\n"
                                          "NEW,L1,2026-08-01\n,L1,2026-09-01\n")))
                .fault,
            "line 3, column 3 (certificate.valid_from): must be empty in a line without an action, "
            "which continues a row");
}

TEST(FeedRows, FaultsTellLineColumnAndNameAndNeverTheValue) {
  const std::string header = "action,coverage_reference,birth_date,sex,preschool,number\n";
  const std::pair<std::string, std::string> cases[] = {
      {"NEW,R1,1970-02-29,,,", "line 2, column 3 (birth_date): not a day: write YYYY-MM-DD"},
      {"NEW,R1,S450101,,,", "line 2, column 3 (birth_date): not a day: write YYYY-MM-DD"},
      {"NEW,R1,1970-1-01,,,", "line 2, column 3 (birth_date): not a day: write YYYY-MM-DD"},
      {"NEW,R1,,secret,,",
       "line 2, column 4 (sex): not one of the words or numbers of this column"},
      {"NEW,R1,,0,,", "line 2, column 4 (sex): not one of the words or numbers of this column"},
      {"NEW,R1,,,yes,", "line 2, column 5 (preschool): neither 1 nor 0"},
      {"NEW,R1,,,", "line 2: 5 columns, where the line of names has 6"},
      {"NEW,R1,,,,,", "line 2: 7 columns, where the line of names has 6"},
      {",R1,,,,", "line 2, column 1 (action): missing: there is no row to continue"},
      {"NEW,R1,,,,\n,R2,,,,",
       "line 3, column 1 (action): missing, and the reference is not that of the row before"},
      {"NEW,R1,,,,\n,R1,,,,7",
       "line 3, column 6 (number): must be empty in a line without an action, which continues a "
       "row"},
      {"NEW,R1,\xFF,,,", "line 2, column 3 (birth_date): not a day: write YYYY-MM-DD"},
      {"NEW,R1,,,,\"", "line 2, column 6: the file ends inside quotes"},
  };
  for (const auto& [line, fault] : cases) EXPECT_EQ(Coverages(header + line).fault, fault) << line;
}

// Which the server then refuses, and no other.
TEST(FeedRows, OctetsOfNoCharacterAreMarkedInTheirRow) {
  const std::string header = "action,coverage_reference,name.original\n";
  const auto read =
      Coverages(header + "NEW,R1,\x8A\x6D\xFD\nNEW,R2,\x8A\x6D\x94\x46\n", TextEncoding::kCp932);
  ASSERT_EQ(read.fault, "");
  ASSERT_EQ(read.rows.size(), 2u);
  EXPECT_EQ(read.rows[0].name().original(), "\uFFFD");
  EXPECT_EQ(read.rows[1].name().original(), "確認");

  std::string many = header;
  for (int i = 0; i < 100; ++i) many += "NEW,R1,\xFF\n";
  EXPECT_EQ(Coverages(many).fault, "");
  const std::string fault =
      "octets that are no character of UTF-8: save the file anew, or tell its --encoding";
  EXPECT_EQ(Coverages(many + "NEW,R2,\xFF\n").fault, "line 102, column 3: " + fault)
      << "the file is of another encoding";
  EXPECT_EQ(Coverages("action,coverage_reference,\xFF\n").fault, "line 1, column 3: " + fault);
}

TEST(FeedRows, AColumnThatIsNotOursIsToldByItsPlaceAndTheClosestName) {
  EXPECT_EQ(Coverages("action,coverage_reference,birth_dat\n").fault,
            "line 1, column 3: not a column of ours: did you mean birth_date?");
  EXPECT_EQ(Coverages("action,coverage_reference,secret_thing_of_somebody\n").fault,
            "line 1, column 3: not a column of ours");
  // A file without names: what stands in the first line is somebody's.
  EXPECT_EQ(Coverages("1,R1,123456789018,確認\n").fault,
            "line 1, column 1: not a column of ours, and no other is: is the line of names "
            "missing?");
  EXPECT_EQ(Coverages("action,coverage_reference,action\n").fault,
            "line 1, column 3 (action): this column stands twice");
  EXPECT_EQ(Coverages("action,異動区分,coverage_reference\n").fault,
            "line 1, column 2 (action): this column stands twice");
  EXPECT_EQ(Coverages("coverage_reference,number\n").fault,
            "line 1: the columns action and coverage_reference must be there");
  EXPECT_EQ(Coverages("").fault, "line 1: the file is empty: not even a line of names");
  EXPECT_EQ(Coverages("action,coverage_reference\n").rows.size(), 0u);
  for (const char* separated : {"action;coverage_reference\n", "action\tcoverage_reference\n"}) {
    EXPECT_EQ(Coverages(separated).fault,
              "line 1, column 1: not a column of ours: the columns stand behind commas, not "
              "semicolons or tabs");
  }
}

TEST(FeedRows, LinesOfEmptyCellsAsSpreadsheetsLeaveThemSayNothing) {
  const auto read = Coverages(
      "action,coverage_reference,number\r\n,,\r\nNEW,R1,1\r\n, ,\r\nNEW,R2,2\r\n,,,,,\r\n,,\r\n");
  EXPECT_EQ(read.fault, "");
  ASSERT_EQ(read.rows.size(), 2u);
  EXPECT_EQ(read.rows[1].coverage_reference(), "R2");
}

constexpr v1::FeedKind kKinds[] = {
    v1::FEED_KIND_COVERAGES,          v1::FEED_KIND_RECEIPTS,
    v1::FEED_KIND_HEALTH_CHECKS,      v1::FEED_KIND_ELDERLY_RECIPIENT_CERTIFICATES,
    v1::FEED_KIND_LIMIT_CERTIFICATES, v1::FEED_KIND_SPECIFIC_DISEASE_CERTIFICATES,
    v1::FEED_KIND_CARD_LINKS};

TEST(FeedRows, EveryColumnOfEveryKindCanBeFilled) {
  for (const v1::FeedKind kind : kKinds) {
    const auto& type = FeedRowType(kind);
    const std::vector<std::string> names = FeedColumns::Names(type);
    EXPECT_GE(names.size(), 6u);
    FeedLine header{.number = 1, .cells = names};
    const auto columns = FeedColumns::Read(type, header);
    ASSERT_TRUE(columns.ok()) << columns.status();
    // "1" is a text, a number, a word's number and a yes; days and octets are what it is not.
    FeedLine line{.number = 2, .cells = std::vector<std::string>(names.size(), "1")};
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].find("date") != std::string::npos || names[i].ends_with("valid_from") ||
          names[i].ends_with("valid_through")) {
        line.cells[i] = "2026-04-01";
      } else if (names[i].ends_with("issuer_key_id") || names[i].ends_with("serial")) {
        line.cells[i] = "0A1b";
      }
    }
    std::unique_ptr<google::protobuf::Message> row(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
    const absl::Status status = columns->Fill(line, *row);
    EXPECT_TRUE(status.ok()) << status;
  }
}

std::string DocumentText() {
  std::ifstream file(KAKUNIN_SOURCE_DIR "/docs/insurer_feed_input.md");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

v1::FeedKind KindOfTable(const std::string& table) {
  const std::string header = table.substr(0, table.find('\n'));
  if (header.find("証管理番号") != std::string::npos) return v1::FEED_KIND_LIMIT_CERTIFICATES;
  if (header.find("シリアル番号") != std::string::npos) return v1::FEED_KIND_CARD_LINKS;
  if (header.find("receipt_reference") != std::string::npos) return v1::FEED_KIND_RECEIPTS;
  if (header.find("examination_reference") != std::string::npos) {
    return v1::FEED_KIND_HEALTH_CHECKS;
  }
  return v1::FEED_KIND_COVERAGES;
}

TEST(FeedRows, TheDocumentsExamplesAreRead) {
  const std::string document = DocumentText();
  constexpr std::string_view kFence = "```csv\n";
  int examples = 0;
  for (size_t at = document.find(kFence); at != std::string::npos;
       at = document.find(kFence, at + 1)) {
    const size_t begin = at + kFence.size();
    const std::string table = document.substr(begin, document.find("```", begin) - begin);
    const v1::FeedKind kind = KindOfTable(table);
    const auto rows = ReadCsvRows(kind, TextEncoding::kUtf8, OctetsInParts(table));
    const std::unique_ptr<google::protobuf::Message> row(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(&FeedRowType(kind))
            ->New());
    int read = 0;
    absl::StatusOr<bool> more = rows->Next(*row);
    for (; more.ok() && *more; more = rows->Next(*row)) {
      row->Clear();
      ++read;
    }
    EXPECT_TRUE(more.ok()) << more.status();
    EXPECT_GT(read, 0);
    ++examples;
  }
  EXPECT_EQ(examples, 6);
}

TEST(FeedRows, TheDocumentsJapaneseNamesAreThoseThatAreRead) {
  const std::string document = DocumentText();
  const size_t begin = document.find("| Japanese name | Column |");
  ASSERT_NE(begin, std::string::npos);
  std::istringstream lines(document.substr(begin, document.find("\n\n", begin) - begin));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  int names = 0;
  while (std::getline(lines, line)) {
    const size_t bar = line.find(" | ");
    const std::string alias = line.substr(2, bar - 2);
    const std::string name = line.substr(bar + 4, line.size() - bar - 7);
    bool any = false;
    for (const v1::FeedKind kind : kKinds) {
      any = any || NameOfAlias(FeedColumns::Names(FeedRowType(kind)), alias) == name;
    }
    EXPECT_TRUE(any) << line;
    ++names;
  }
  EXPECT_GT(names, 70);
}

TEST(FeedRows, CardLinksAreOneLineEachWithOctetsAsHexadecimalDigits) {
  const auto read_links = [](const std::string& text) {
    return ReadAll<v1::CardLink>(
        ReadCsvRows(v1::FEED_KIND_CARD_LINKS, TextEncoding::kUtf8, OctetsInParts(text)));
  };
  const auto read = read_links(
      "individual_number,issuer_key_id,シリアル番号,medium,replaces_issuer_key_id,replaces_serial\n"
      "123456789018,00FF,0a1b,card,,\n"
      ",00ff,0A1C,android,00ff,0a1b\n");
  ASSERT_EQ(read.fault, "");
  ASSERT_EQ(read.rows.size(), 2u);
  EXPECT_EQ(read.rows[0].issuer_key_id(), std::string("\x00\xff", 2));
  EXPECT_EQ(read.rows[0].serial(), "\x0a\x1b");
  EXPECT_EQ(read.rows[0].medium(), v1::CARD_MEDIUM_CARD);
  EXPECT_EQ(read.rows[0].individual_number(), "123456789018");
  EXPECT_EQ(read.rows[1].serial(), "\x0a\x1c");
  EXPECT_EQ(read.rows[1].replaces_serial(), "\x0a\x1b");
  EXPECT_EQ(read.rows[1].individual_number(), "");
  for (const char* wrong : {"0a1", "0g", "xyz"}) {
    const std::string fault = read_links(std::string("serial\n") + wrong + "\n").fault;
    EXPECT_NE(fault.find("hexadecimal"), std::string::npos) << fault;
    EXPECT_EQ(fault.find(wrong), std::string::npos) << "never the cell's own text";
  }
}

TEST(FeedRows, MessagesAreReadAndACutOneIsTold) {
  v1::CoverageRow row;
  row.set_coverage_reference("R1");
  const std::string one = row.SerializeAsString();
  const std::string octets = std::string(1, static_cast<char>(one.size())) + one;
  const auto read = ReadAll<v1::CoverageRow>(ReadProtobufRows(OctetsInParts(octets + octets, {1})));
  EXPECT_EQ(read.rows.size(), 2u);
  EXPECT_EQ(read.places, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(ReadAll<v1::CoverageRow>(ReadProtobufRows(OctetsInParts(octets + "\x09x"))).fault,
            "message 2: the file ends inside it");
  EXPECT_EQ(ReadAll<v1::CoverageRow>(ReadProtobufRows(OctetsInParts(""))).fault,
            "the file is empty: not even one message");
  EXPECT_EQ(ReadAll<v1::CoverageRow>(ReadProtobufRows(OctetsInParts("\x01\xFF"))).fault,
            "message 1: not a CoverageRow");
}

}  // namespace
}  // namespace kakunin
