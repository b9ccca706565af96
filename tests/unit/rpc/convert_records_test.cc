#include "server/rpc/convert_records.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

RecordAnswer Certificates(std::string_view octets) {
  RecordAnswer answer;
  answer.kinds.push_back({.kind = RecordKind::kLimitCertificate, .until = absl::InfiniteFuture()});
  answer.certificates.push_back({.kind = PieceKind::kLimitCertificate, .octets = octets});
  return answer;
}

TEST(WriteCertificates, ACertificateThatCannotBeReadFailsTheAnswer) {
  v1::Coverage coverage;
  coverage.mutable_limit_certificate()->set_classification_flag("A03");
  const std::string octets = coverage.SerializeAsString();
  std::string written;
  EXPECT_TRUE(WriteCertificates(Certificates(octets), written).ok());
  v1::GetCertificatesResponse response;
  ASSERT_TRUE(response.ParseFromString(written));
  EXPECT_EQ(response.answers(0).limit_certificates(0).classification_flag(), "A03");

  const std::string cut = octets.substr(0, octets.size() - 1);
  EXPECT_EQ(ReasonOf(WriteCertificates(Certificates(cut), written)), Reason::kInternal);
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
