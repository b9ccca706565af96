#include "server/commands/bulk_request_id.h"

#include <gtest/gtest.h>

#include <vector>

#include "server/rpc/fields.h"

namespace kakunin {
namespace {

v1::BulkInquiryHeader Header() {
  v1::BulkInquiryHeader header;
  header.mutable_day()->set_year(2026);
  header.mutable_day()->set_month(12);
  header.mutable_day()->set_day(1);
  header.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  return header;
}

std::vector<v1::BulkInquiryRow> Rows() {
  std::vector<v1::BulkInquiryRow> rows(2);
  rows[0].set_row_id("1");
  rows[0].set_number("5678910");
  rows[1].set_row_id("2");
  rows[1].set_number("5678911");
  return rows;
}

TEST(BulkRequestIdTest, IsOfTheListItWasMadeFor) {
  const auth::Sha256Digest digest = BulkListDigest(Header(), Rows());
  const std::string id = MakeBulkRequestId(digest);
  EXPECT_TRUE(ParseUuid(id).has_value()) << id;
  EXPECT_EQ(id[14], '8');
  EXPECT_NE(id, MakeBulkRequestId(digest)) << "the same list may be asked twice";
  EXPECT_FALSE(IsRequestIdOfOther(id, BulkListDigest(Header(), Rows())));
}

TEST(BulkRequestIdTest, KnowsEveryOtherList) {
  const std::string id = MakeBulkRequestId(BulkListDigest(Header(), Rows()));
  std::vector<v1::BulkInquiryRow> rows = Rows();
  rows[1].set_number("5678912");
  EXPECT_TRUE(IsRequestIdOfOther(id, BulkListDigest(Header(), rows))) << "another cell";
  rows = Rows();
  std::swap(rows[0], rows[1]);
  EXPECT_TRUE(IsRequestIdOfOther(id, BulkListDigest(Header(), rows))) << "another order";
  rows = Rows();
  rows.pop_back();
  EXPECT_TRUE(IsRequestIdOfOther(id, BulkListDigest(Header(), rows))) << "a row less";
  v1::BulkInquiryHeader header = Header();
  header.mutable_day()->set_day(2);
  EXPECT_TRUE(IsRequestIdOfOther(id, BulkListDigest(header, Rows()))) << "another day";
  header = Header();
  header.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
  EXPECT_TRUE(IsRequestIdOfOther(id, BulkListDigest(header, Rows()))) << "another form of care";
  header = Header();
  header.set_request_id(id);
  EXPECT_FALSE(IsRequestIdOfOther(id, BulkListDigest(header, Rows())));
}

TEST(BulkRequestIdTest, SaysNothingOfIdsThatOthersMade) {
  const auth::Sha256Digest digest = BulkListDigest(Header(), Rows());
  EXPECT_FALSE(IsRequestIdOfOther("0f9c2a6e-4f1b-4d0e-9b1e-3d2a7c5f8e10", digest));
  EXPECT_FALSE(IsRequestIdOfOther("not an id", digest));
}

}  // namespace
}  // namespace kakunin
