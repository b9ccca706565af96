#include "server/rpc/convert_certificates.h"

#include <gtest/gtest.h>

#include "server/rpc/convert_date.h"
#include "server/usecases/certificate_rows.h"

namespace kakunin {
namespace {

constexpr absl::CivilDay kFrom(2026, 8, 1);
constexpr absl::CivilDay kThrough(2027, 7, 31);

template <class Row>
Row Named() {
  Row row;
  row.set_action(v1::ROW_ACTION_NEW);
  row.set_certificate_reference("C1");
  row.set_coverage_reference("R1");
  row.set_individual_number("123456789018");
  *row.mutable_certificate()->mutable_valid_from() = DayToProto(kFrom);
  *row.mutable_certificate()->mutable_valid_through() = DayToProto(kThrough);
  return row;
}

v1::LimitCertificateRow Limit() {
  auto row = Named<v1::LimitCertificateRow>();
  row.mutable_certificate()->set_classification(v1::LIMIT_CERTIFICATE_CLASSIFICATION_LIMIT);
  row.mutable_certificate()->set_classification_flag("A03");
  return row;
}

template <class Row>
std::string FaultsOf(Row row) {
  std::string faults;
  for (const FieldFault& fault : ReadCertificateRow(row).faults) faults += fault.field + ";";
  return faults;
}

TEST(ReadCertificateRow, ReadsEveryFieldAndWipesTheNumber) {
  v1::LimitCertificateRow row = Limit();
  *row.mutable_certificate()->mutable_issue_date() = DayToProto(kFrom - 3);
  *row.mutable_certificate()->mutable_long_term_date() = DayToProto(kFrom + 90);
  const IncomingLimit limit = ReadCertificateRow(row);
  EXPECT_TRUE(limit.faults.empty());
  EXPECT_TRUE(limit.individual_number.has_value());
  EXPECT_EQ(row.individual_number(), "");
  EXPECT_EQ(limit.record.reference, "C1");
  EXPECT_EQ(limit.record.coverage_reference, "R1");
  EXPECT_EQ(limit.record.certificate.classification, 1);
  EXPECT_EQ(limit.record.certificate.classification_flag, "A03");
  EXPECT_EQ(limit.record.certificate.issue_date, kFrom - 3);
  EXPECT_EQ(limit.record.certificate.valid_from, kFrom);
  EXPECT_EQ(limit.record.certificate.valid_through, kThrough);
  EXPECT_EQ(limit.record.certificate.long_term_date, kFrom + 90);

  auto elderly = Named<v1::ElderlyRecipientCertificateRow>();
  elderly.mutable_certificate()->set_contribution_percent(20);
  EXPECT_EQ(ReadCertificateRow(elderly).record.certificate.contribution_percent, 20);
  auto disease = Named<v1::SpecificDiseaseCertificateRow>();
  disease.mutable_certificate()->set_disease(v1::SPECIFIC_DISEASE_HAEMOPHILIA);
  disease.mutable_certificate()->set_self_pay_yen(10000);
  const IncomingDisease read = ReadCertificateRow(disease);
  EXPECT_EQ(read.record.certificate.disease, 2);
  EXPECT_EQ(read.record.certificate.self_pay_yen, 10000);
}

TEST(ReadCertificateRow, TellsWhatIsMissingOrMalformed) {
  v1::LimitCertificateRow row;
  EXPECT_EQ(FaultsOf(row),
            "action;certificate_reference;coverage_reference;certificate.valid_from;"
            "certificate.classification;");
  row = Limit();
  row.mutable_certificate()->set_classification_flag("A033");
  EXPECT_EQ(FaultsOf(row), "certificate.classification_flag;");
  row = Limit();
  row.set_coverage_reference(std::string(41, 'r'));
  EXPECT_EQ(FaultsOf(row), "coverage_reference;");
  auto elderly = Named<v1::ElderlyRecipientCertificateRow>();
  elderly.mutable_certificate()->set_contribution_percent(101);
  EXPECT_EQ(FaultsOf(elderly), "certificate.contribution_percent;");
  elderly.mutable_certificate()->set_contribution_percent(100);
  EXPECT_EQ(FaultsOf(elderly), "");
  auto disease = Named<v1::SpecificDiseaseCertificateRow>();
  disease.mutable_certificate()->set_self_pay_yen(-1);
  EXPECT_EQ(FaultsOf(disease), "certificate.disease;certificate.self_pay_yen;");
}

TEST(ReadCertificateRow, OfALostOneOnlyTheLastDayIsRead) {
  auto row = Named<v1::LimitCertificateRow>();
  row.set_action(v1::ROW_ACTION_LOST);
  IncomingLimit lost = ReadCertificateRow(row);
  EXPECT_TRUE(lost.faults.empty());
  EXPECT_FALSE(lost.record.certificate.valid_from.has_value());
  EXPECT_EQ(lost.record.certificate.valid_through, kThrough);
  row.clear_certificate();
  lost = ReadCertificateRow(row);
  EXPECT_TRUE(lost.faults.empty());
  EXPECT_FALSE(lost.record.certificate.valid_through.has_value());
}

TEST(ReadCertificateRow, ANumberThatStandsElsewhereRefusesTheRowAndIsForgotten) {
  v1::LimitCertificateRow row = Limit();
  row.set_certificate_reference("123456789018");
  IncomingLimit incoming = ReadCertificateRow(row);
  EXPECT_TRUE(incoming.IsRefused());
  EXPECT_EQ(incoming.record.reference, "");
  // Without a number of its own the coverage's name is looked at, too.
  row = Limit();
  row.clear_individual_number();
  row.set_coverage_reference("123456789018");
  incoming = ReadCertificateRow(row);
  EXPECT_TRUE(incoming.IsRefused());
  EXPECT_EQ(incoming.record.coverage_reference, "");
}

class JudgeCertificatesTest : public testing::Test {
 protected:
  Judged<DeliveredLimit> Judge(v1::LimitCertificateRow row) const {
    std::vector<IncomingLimit> rows;
    rows.push_back(ReadCertificateRow(row));
    return JudgeCertificates(std::move(rows), 1, keys_);
  }

  const auth::HmacKey number_key_{"key of the test ...............", "n"};
  const auth::HmacKey other_key_{"another key of the test .......", "o"};
  const FeedKeys keys_{number_key_, other_key_, other_key_};
};

TEST_F(JudgeCertificatesTest, ItMayEndOnTheDayOnWhichItBeginsAndNotBefore) {
  v1::LimitCertificateRow row = Limit();
  *row.mutable_certificate()->mutable_valid_through() = DayToProto(kFrom);
  EXPECT_EQ(Judge(row).staged.size(), 1u);
  *row.mutable_certificate()->mutable_valid_through() = DayToProto(kFrom - 1);
  const Judged<DeliveredLimit> judged = Judge(row);
  EXPECT_TRUE(judged.staged.empty());
  ASSERT_EQ(judged.findings.size(), 1u);
  EXPECT_EQ(judged.findings[0].reason, "DATE_ORDER_IMPOSSIBLE");
  EXPECT_EQ(judged.findings[0].reference, "C1");
}

TEST_F(JudgeCertificatesTest, WithoutANumberOrWithAWrongOneItIsRefusedAndNotHidden) {
  v1::LimitCertificateRow row = Limit();
  row.clear_individual_number();
  Judged<DeliveredLimit> judged = Judge(row);
  EXPECT_TRUE(judged.staged.empty());
  ASSERT_EQ(judged.findings.size(), 1u);
  EXPECT_EQ(judged.findings[0].reason, "FIELD_MISSING");
  EXPECT_FALSE(judged.findings[0].hidden);
  row.set_individual_number("123456789017");
  judged = Judge(row);
  EXPECT_TRUE(judged.staged.empty());
  ASSERT_EQ(judged.findings.size(), 1u);
  EXPECT_EQ(judged.findings[0].reason, "INDIVIDUAL_NUMBER_INVALID");
}

}  // namespace
}  // namespace kakunin
