// A list of a facility in the operation test (運用テスト): test persons are answered, real ones are
// nobody.
#include <thread>

#include "tests/rpc/bulk_service_fixture.h"

namespace kakunin {
namespace {

TEST_F(BulkServiceTest, InTheOperationTestAListFindsTestPersonsOnly) {
  Insure(3);
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(3), 10).ok());
  Await(v1::BULK_STATE_DONE);
  for (const v1::BulkResult& result : Results()) {  // in use all three are there
    EXPECT_EQ(result.answer().validity(), v1::VALIDITY_VALID);
  }
  const int64_t before = Count("confirmation");

  // In one transaction, as a registration is: a server that read the generation alone would never
  // look for rows of it again.
  database_.Exec(
      "UPDATE kakunin.registry_generation SET generation = generation + 1;"
      "INSERT INTO kakunin.test_person (person_id, published, generation) SELECT c.person_id, true,"
      " g.generation FROM kakunin.coverage c, kakunin.registry_generation g"
      " WHERE c.coverage_reference = 'R2';"
      "UPDATE kakunin.facility SET operation_test_began = '2026-01-01', generation ="
      " (SELECT generation FROM kakunin.registry_generation) WHERE facility_code = '1312345678'");
  const auto generation =
      database_.Exec("SELECT generation FROM kakunin.registry_generation")[0][0].as<int64_t>();
  while (port_->registry().Current()->generation() < generation) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  header_ = Header();
  ASSERT_TRUE(Send(Rows(3), 10).ok());
  Await(v1::BULK_STATE_DONE);
  std::vector<v1::Validity> told;
  for (const v1::BulkResult& result : Results()) told.push_back(result.answer().validity());
  EXPECT_EQ(told, (std::vector<v1::Validity>{v1::VALIDITY_NOT_FOUND, v1::VALIDITY_VALID,
                                             v1::VALIDITY_NOT_FOUND}));
  EXPECT_EQ(Count("confirmation"), before + 1);
  EXPECT_EQ(Count("audit_event WHERE situation = 100 AND operation = 90"), 3);
}

}  // namespace
}  // namespace kakunin
