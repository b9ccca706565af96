#include "domain/answer_row.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

std::vector<AnswerCoverage> Sample() {
  AnswerCoverage one{.qualification_date = absl::CivilDay(2024, 4, 1), .octets = "first"};
  one.key_without_branch.octets[3] = 7;
  one.disqualification_date = absl::CivilDay(2025, 4, 1);
  one.certificate_valid_through = absl::CivilDay(1969, 12, 31);
  one.medical_aid = true;
  one.pieces = {{PieceKind::kLimitCertificate, absl::CivilDay(2024, 8, 1), {}, "limit"},
                {PieceKind::kMedicalTicket,
                 {},
                 absl::CivilDay(2024, 8, 31),
                 "",
                 {"1318000002", "1310000003", "designated", "issuer"}},
                {PieceKind::kAddress, {}, {}, "address"}};
  AnswerCoverage two{.qualification_date = absl::CivilDay(2025, 4, 1), .octets = {}};
  two.medical_aid_unregistered = true;
  return {one, two};
}

TEST(AnswerRow, ReadsBackWhatItWrote) {
  const auto written = Sample();
  const std::string row = EncodeAnswerRow(written);
  const auto read = DecodeAnswerRow(row);
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 2u);
  const AnswerCoverage& one = (*read)[0];
  EXPECT_EQ(one.key_without_branch, written[0].key_without_branch);
  EXPECT_EQ(one.qualification_date, written[0].qualification_date);
  EXPECT_EQ(one.disqualification_date, written[0].disqualification_date);
  EXPECT_EQ(one.certificate_valid_from, std::nullopt);
  EXPECT_EQ(one.certificate_valid_through, written[0].certificate_valid_through);
  EXPECT_TRUE(one.medical_aid);
  EXPECT_FALSE(one.medical_aid_unregistered);
  EXPECT_EQ(one.octets, "first");
  ASSERT_EQ(one.pieces.size(), 3u);
  EXPECT_EQ(one.pieces[0].kind, PieceKind::kLimitCertificate);
  EXPECT_EQ(one.pieces[0].valid_from, absl::CivilDay(2024, 8, 1));
  EXPECT_EQ(one.pieces[0].valid_through, std::nullopt);
  EXPECT_EQ(one.pieces[0].octets, "limit");
  EXPECT_EQ(one.pieces[1].octets, "");
  EXPECT_EQ(one.pieces[1].ticket.designated_facility_code, "1318000002");
  EXPECT_EQ(one.pieces[1].ticket.prescription_issuer_code, "1310000003");
  EXPECT_EQ(one.pieces[1].ticket.octets_for_designated, "designated");
  EXPECT_EQ(one.pieces[1].ticket.octets_for_issuer, "issuer");
  EXPECT_EQ(one.pieces[2].kind, PieceKind::kAddress);
  EXPECT_EQ(one.pieces[2].octets, "address");
  EXPECT_TRUE((*read)[1].medical_aid_unregistered);
  EXPECT_TRUE((*read)[1].pieces.empty());
}

TEST(AnswerRow, AnEmptyRowIsAPersonWithoutCoverage) {
  const auto read = DecodeAnswerRow(EncodeAnswerRow({}));
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->empty());
}

TEST(AnswerRow, RefusesEveryCutAndEveryAddition) {
  const std::string row = EncodeAnswerRow(Sample());
  for (size_t length = 0; length < row.size(); ++length) {
    EXPECT_FALSE(DecodeAnswerRow(std::string_view(row).substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(DecodeAnswerRow(row + "x").ok());
}

TEST(AnswerRow, NoOctetFlipMakesItReadOutsideTheRow) {
  std::string row = EncodeAnswerRow(Sample());
  for (char& octet : row) {
    const char before = octet;
    for (const char value : {'\0', '\x7f', '\xff'}) {
      octet = value;
      const auto read = DecodeAnswerRow(row);
      if (!read.ok()) continue;
      for (const AnswerCoverage& coverage : *read) {
        EXPECT_LE(coverage.octets.size(), row.size());
      }
    }
    octet = before;
  }
}

}  // namespace
}  // namespace kakunin
