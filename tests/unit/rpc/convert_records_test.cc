#include "server/rpc/convert_records.h"

#include <gtest/gtest.h>

#include "server/rpc/record_octets.h"

namespace kakunin {
namespace {

TEST(WriteCertificates, EachKindHoldsItsOwnCertificates) {
  v1::Coverage limit;
  limit.mutable_limit_certificate()->set_classification_flag("A03");
  v1::Coverage disease;
  disease.add_specific_disease_certificates()->set_self_pay_yen(10'000);
  const std::string limit_octets = limit.SerializeAsString();
  const std::string disease_octets = disease.SerializeAsString();
  const auto cut_limit =
      CertificateOctets({.kind = PieceKind::kLimitCertificate, .octets = limit_octets});
  const auto cut_disease =
      CertificateOctets({.kind = PieceKind::kSpecificDiseaseCertificate, .octets = disease_octets});
  ASSERT_TRUE(cut_limit);
  ASSERT_TRUE(cut_disease);
  RecordAnswer answer;
  for (const RecordKind kind :
       {RecordKind::kSpecificDiseaseCertificate, RecordKind::kLimitCertificate}) {
    answer.kinds.push_back({.kind = kind, .until = absl::InfiniteFuture()});
  }
  answer.certificates = {{RecordKind::kLimitCertificate, *cut_limit},
                         {RecordKind::kSpecificDiseaseCertificate, *cut_disease}};
  std::string written;
  WriteCertificates(answer, written);
  v1::GetCertificatesResponse response;
  ASSERT_TRUE(response.ParseFromString(written));
  ASSERT_EQ(response.answers_size(), 2);
  EXPECT_EQ(response.answers(0).kind(), v1::CONSENT_KIND_SPECIFIC_DISEASE_CERTIFICATE);
  EXPECT_EQ(response.answers(0).limit_certificates_size(), 0);
  EXPECT_EQ(response.answers(0).specific_disease_certificates(0).self_pay_yen(), 10'000);
  EXPECT_EQ(response.answers(1).kind(), v1::CONSENT_KIND_LIMIT_CERTIFICATE);
  EXPECT_EQ(response.answers(1).limit_certificates(0).classification_flag(), "A03");
  EXPECT_EQ(response.answers(1).specific_disease_certificates_size(), 0);
}

TEST(CertificateOctets, WhatIsNoCertificateOfItsKindCannotBeRead) {
  v1::Coverage coverage;
  coverage.mutable_limit_certificate()->set_classification_flag("A03");
  const std::string octets = coverage.SerializeAsString();
  const std::string cut = octets.substr(0, octets.size() - 1);
  EXPECT_FALSE(CertificateOctets({.kind = PieceKind::kLimitCertificate, .octets = cut}));
  EXPECT_FALSE(CertificateOctets({.kind = PieceKind::kLimitCertificate, .octets = ""}));
  EXPECT_FALSE(
      CertificateOctets({.kind = PieceKind::kSpecificDiseaseCertificate, .octets = octets}));
}

TEST(WriteDrugHistory, SplicesWhatIsStoredAndTellsWhereRecordsBegin) {
  v1::DrugMonth body;
  body.set_month("2021-09");
  const std::string octets = body.SerializeAsString();
  RecordAnswer answer;
  answer.page.entries.push_back({1, octets, ""});
  answer.page.next = RecordPlace{absl::CivilMonth(2021, 9), RecordKind::kDrug, 37};
  answer.none_before = absl::CivilMonth(2021, 9);
  std::string written;
  WriteDrugHistory(answer, written);
  v1::GetDrugHistoryResponse response;
  ASSERT_TRUE(response.ParseFromString(written));
  EXPECT_EQ(response.months(0).month(), "2021-09");
  EXPECT_EQ(response.next_page_token(), "2021-09/1/37");
  EXPECT_NE(response.basis().note().find("2021年9月より前の情報はありません。"), std::string::npos);
}

}  // namespace
}  // namespace kakunin
