#include "server/rpc/convert_feed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

v1::CoverageRow GoodRow() {
  v1::CoverageRow row;
  row.set_action(v1::ROW_ACTION_NEW);
  row.set_coverage_reference("R1");
  row.set_individual_number("123456789018");
  row.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
  row.set_number("5678910");
  row.mutable_name()->set_original("厚労　太郎");
  row.set_sex(v1::SEX_MALE);
  *row.mutable_birth_date() = DayToProto(absl::CivilDay(1970, 1, 1));
  *row.mutable_qualification_date() = DayToProto(absl::CivilDay(2018, 7, 1));
  return row;
}

std::vector<std::string> FaultyFields(v1::CoverageRow row) {
  std::vector<std::string> fields;
  for (const FieldFault& fault : ReadCoverageRow(row).faults) fields.push_back(fault.field);
  return fields;
}

TEST(HashRow, ANewAndAChangedRowThatSayTheSameAreTheSameAndALostOneIsNot) {
  const auth::HmacKey key("key of the test ...............", "k");
  std::string buffer;
  v1::CoverageRow changed = GoodRow();
  changed.set_action(v1::ROW_ACTION_CHANGED);
  v1::CoverageRow lost = GoodRow();
  lost.set_action(v1::ROW_ACTION_LOST);
  EXPECT_EQ(HashRow(GoodRow(), key, buffer), HashRow(changed, key, buffer));
  EXPECT_NE(HashRow(GoodRow(), key, buffer), HashRow(lost, key, buffer));
}

TEST(HashRow, EveryFieldAndTheKeyCount) {
  const auth::HmacKey key("key of the test ...............", "k");
  const auth::HmacKey other("another key of the test .......", "k");
  std::string buffer;
  const KeyHash hash = HashRow(GoodRow(), key, buffer);
  EXPECT_NE(hash, HashRow(GoodRow(), other, buffer));
  v1::CoverageRow of_somebody_else = GoodRow();
  of_somebody_else.set_individual_number("987654321093");
  EXPECT_NE(hash, HashRow(of_somebody_else, key, buffer));
  v1::CoverageRow with_band = GoodRow();
  with_band.add_limit_certificates()->set_classification_flag("A01");
  EXPECT_NE(hash, HashRow(with_band, key, buffer));
}

TEST(ReadCoverageRow, WhatNobodyCouldMapToACharacterIsToldByItsField) {
  v1::CoverageRow row = GoodRow();
  row.mutable_name()->set_original("厚労　\uFFFD郎");
  row.set_address("\uFFFD");
  row.add_limit_certificates();
  row.add_limit_certificates()->set_classification_flag("\uFFFD");
  std::vector<std::string> told;
  const IncomingCoverage incoming = ReadCoverageRow(row);
  EXPECT_TRUE(incoming.IsRefused());
  for (const FieldFault& fault : incoming.faults) {
    if (fault.fault == RowFault::kCharacterUnmappable) told.push_back(fault.field);
  }
  EXPECT_TRUE(std::ranges::count(told, "name.original") == 1);
  EXPECT_TRUE(std::ranges::count(told, "address") == 1);
  v1::CoverageRow own = GoodRow();
  own.mutable_name()->set_original("厚労　\uE000郎");
  EXPECT_EQ(FaultyFields(own), std::vector<std::string>()) << "外字 are shown as 〓";
  own.clear_individual_number();
  own.set_address("\uFFFD");
  EXPECT_EQ(FaultyFields(own), std::vector<std::string>{"address"});
}

TEST(ReadCoverageRow, ARowThatHoldsItsNumberElsewhereIsRefusedAndForgotten) {
  const std::function<void(v1::CoverageRow&)> slips[] = {
      [](auto& row) { row.set_coverage_reference("123456789018"); },
      [](auto& row) { row.set_address("１２３４−5678　9018番"); },
      [](auto& row) { row.set_address("１２３４－5678　9018番"); },
      [](auto& row) { row.mutable_name()->set_original("太郎123456789018"); },
      [](auto& row) { row.add_medical_tickets()->add_remarks("1234-5678-9018"); }};
  for (const auto& slip : slips) {
    v1::CoverageRow row = GoodRow();
    slip(row);
    const IncomingCoverage incoming = ReadCoverageRow(row);
    ASSERT_EQ(incoming.faults.size(), 1u);
    EXPECT_EQ(incoming.faults[0].fault, RowFault::kIndividualNumberInClear);
    EXPECT_TRUE(incoming.IsRefused());
    EXPECT_EQ(incoming.record.coverage_reference, "");
  }
}

TEST(ReadCoverageRow, AReferenceThatLooksLikeANumberIsRefusedWhereNoNumberIs) {
  for (const char* number : {"", "A-1"}) {
    v1::CoverageRow row = GoodRow();
    row.set_individual_number(number);
    row.set_coverage_reference("123456789018");
    const IncomingCoverage incoming = ReadCoverageRow(row);
    ASSERT_FALSE(incoming.faults.empty());
    EXPECT_EQ(incoming.faults.back().fault, RowFault::kIndividualNumberInClear);
    EXPECT_EQ(incoming.faults.back().field, "coverage_reference");
    EXPECT_EQ(incoming.record.coverage_reference, "");
  }
}

TEST(ReadCoverageRow, ReadsAGoodRowAndWipesTheNumber) {
  v1::CoverageRow row = GoodRow();
  const IncomingCoverage incoming = ReadCoverageRow(row);
  EXPECT_TRUE(incoming.faults.empty());
  EXPECT_TRUE(incoming.individual_number.has_value());
  EXPECT_TRUE(row.individual_number().empty());
  EXPECT_EQ(incoming.record.name.original, "厚労　太郎");
}

TEST(ReadCoverageRow, TellsEveryMissingField) {
  const std::vector<std::string> expected = {
      "action", "coverage_reference", "card_classification", "qualification_date", "name.original",
      "sex",    "birth_date"};
  EXPECT_EQ(FaultyFields({}), expected);
}

TEST(ReadCoverageRow, AMalformedNumberIsAFaultAndAnAbsentOneIsNot) {
  v1::CoverageRow malformed = GoodRow();
  malformed.set_individual_number("12345678901");
  EXPECT_EQ(FaultyFields(malformed), std::vector<std::string>{"individual_number"});
  v1::CoverageRow absent = GoodRow();
  absent.clear_individual_number();
  EXPECT_TRUE(FaultyFields(absent).empty());
}

TEST(ReadCoverageRow, PostalCodesTakeOneForm) {
  for (const char* text : {"1000001", "100-0001", "１００－０００１", "100‐0001"}) {
    v1::CoverageRow row = GoodRow();
    row.set_postal_code(text);
    EXPECT_EQ(ReadCoverageRow(row).record.postal_code, "100-0001") << text;
  }
  for (const char* text : {"100", "100-00011", "東京都"}) {
    v1::CoverageRow row = GoodRow();
    row.set_postal_code(text);
    EXPECT_EQ(FaultyFields(row), std::vector<std::string>{"postal_code"}) << text;
  }
}

TEST(ReadCoverageRow, NamesTheFieldInsideAPiece) {
  v1::CoverageRow row = GoodRow();
  row.add_limit_certificates()->set_classification(v1::LIMIT_CERTIFICATE_CLASSIFICATION_LIMIT);
  row.mutable_limit_certificates(0)->mutable_valid_from()->set_month(13);
  row.add_specific_disease_certificates()->set_self_pay_yen(-1);
  row.set_partial_contribution_percent(101);
  const std::vector<std::string> expected = {
      "partial_contribution_percent", "limit_certificates[0].valid_from",
      "specific_disease_certificates[0].disease", "specific_disease_certificates[0].self_pay_yen"};
  EXPECT_EQ(FaultyFields(row), expected);
}

TEST(ReadCoverageRow, ATicketIsKeptAsItCame) {
  v1::CoverageRow row = GoodRow();
  auto& ticket = *row.add_medical_tickets();
  ticket.set_issue_number("A-1");
  *ticket.mutable_valid_from() = DayToProto(absl::CivilDay(2026, 6, 1));
  const std::string octets = ticket.SerializeAsString();
  const IncomingCoverage incoming = ReadCoverageRow(row);
  ASSERT_EQ(incoming.record.medical_tickets.size(), 1u);
  EXPECT_EQ(incoming.record.medical_tickets[0].serialised, octets);
  EXPECT_EQ(incoming.record.medical_tickets[0].valid_from, absl::CivilDay(2026, 6, 1));
}

TEST(ReadCoverageRow, ATicketsFacilityCodesTakeOneForm) {
  v1::CoverageRow row = GoodRow();
  row.add_medical_tickets()->set_designated_facility_code("1310000003");
  EXPECT_TRUE(FaultyFields(row).empty());
  row.add_medical_tickets()->set_designated_facility_code("１３１００００００３");
  row.mutable_medical_tickets(1)->set_prescription_issuer_code("310000003");
  EXPECT_EQ(FaultyFields(row),
            (std::vector<std::string>{"medical_tickets[1].designated_facility_code",
                                      "medical_tickets[1].prescription_issuer_code"}));
}

TEST(ReadCoverageRow, TooManyPiecesAreOneFault) {
  v1::CoverageRow row = GoodRow();
  for (int i = 0; i < 51; ++i) row.add_medical_tickets();
  EXPECT_EQ(FaultyFields(row), std::vector<std::string>{"medical_tickets"});
}

}  // namespace
}  // namespace kakunin
