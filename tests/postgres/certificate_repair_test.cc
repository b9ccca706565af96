// Certificates that were delivered by themselves go with their coverage when persons are merged and
// split, and are told of under the same names afterwards.

#include "tests/postgres/person_repair_fixture.h"

namespace kakunin {
namespace {

class CertificateRepairTest : public PersonRepairTest {
 protected:
  static StagedLimit Limit(int who, RowAction action = RowAction::kNew) {
    LimitCertificate certificate;
    if (action != RowAction::kLost) {
      certificate = {.classification = 1,
                     .classification_flag = "A03",
                     .valid_from = absl::CivilDay(2026, 4, 1)};
    }
    return {.action = action,
            .individual = SampleNumber(who),
            .record = {fmt::format("L{}", who), fmt::format("R{}", who), certificate}};
  }
  // Whose known coverages have certificates, and which.
  std::string Certificates() {
    return Text(
        "SELECT coalesce(string_agg(replace(person_id::text, '-', '') || ' ' || insurer_number || "
        "coverage_reference || ' '"
        " || (certificates -> 0 ->> 'name'), ', '), '') FROM kakunin.coverage"
        " WHERE known_to IS NULL AND certificates IS NOT NULL");
  }

  FeedDriver limits_{database_, kInsurerA, FeedKind::kLimitCertificates, build_};
};

TEST_F(CertificateRepairTest, TheyGoWithTheirCoverageAndBackAgain) {
  Live(1);
  Live(2);
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  EXPECT_EQ(limits_.Deliver(++hour_, std::vector{Limit(2)}).new_rows, 1);
  EXPECT_EQ(Certificates(), UuidText(two) + " 33120015R2 33120015/5/L2");
  const std::string served = Served();

  const RepairId merge = Merge(one, two);
  EXPECT_EQ(Certificates(), UuidText(one) + " 33120015R2 33120015/5/L2");
  ExpectCopiesAreTheTruth("merged");
  EXPECT_EQ(limits_.Deliver(++hour_, std::vector{Limit(2)}).unchanged_rows, 1);

  ASSERT_TRUE(Split(one, two, {.merged = MovedBy(merge)}).ok());
  EXPECT_EQ(Served(), served);
  ExpectCopiesAreTheTruth("split back");
}

TEST_F(CertificateRepairTest, AfterAMergeEitherNumberLeadsToThem) {
  Live(1);
  Live(2);
  limits_.Deliver(++hour_, std::vector{Limit(2)});
  Merge(PersonOf(1), PersonOf(2));
  StagedLimit lost = Limit(2, RowAction::kLost);
  lost.individual = SampleNumber(1);
  EXPECT_EQ(limits_.Deliver(++hour_, std::vector{lost}).lost_rows, 1);
  EXPECT_EQ(Certificates(), "");
  ExpectCopiesAreTheTruth("withdrawn");
}

}  // namespace
}  // namespace kakunin
