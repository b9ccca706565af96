#include "storage/postgres/crl_memory_store.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/support/test_database.h"

namespace kakunin {
namespace {

const std::string kIssuer(32, 'i');

class CrlMemoryStoreTest : public testing::Test {
 protected:
  // Append adds to what is kept of a partition and returns all of it.
  std::string Append(
      const std::string& issuer, const std::string& partition, const std::string& octets,
      const std::function<void()>& locked = [] {}) {
    std::string next;
    const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto kept = store_.Lock(tx, issuer, partition);
      if (!kept.ok()) return kept.status();
      locked();
      next = *kept + octets;
      return store_.Put(tx, issuer, partition, next);
    });
    EXPECT_TRUE(status.ok()) << status;
    return next;
  }

  const TestDatabase database_;
  PostgresCrlMemoryStore store_;
  std::unique_ptr<PostgresDatabase> pool_ = database_.Open("kakunin_terminal");
};

TEST_F(CrlMemoryStoreTest, KeepsAnyOctetsOfEachPartitionApart) {
  const std::string octets("\0\x01\xff\\", 4);
  const std::string other_issuer(32, 'o');
  EXPECT_EQ(Append(kIssuer, octets, octets), octets);
  EXPECT_EQ(Append(kIssuer, "", "full"), "full");
  EXPECT_EQ(Append(other_issuer, octets, "other"), "other");
  EXPECT_EQ(Append(kIssuer, octets, octets), octets + octets);
  const std::string long_octets(3 << 20, '\xa5');
  EXPECT_EQ(Append(kIssuer, "", long_octets).size(), 4 + long_octets.size());
}

TEST_F(CrlMemoryStoreTest, TwoServersAddOneAfterTheOther) {
  for (const char* before : {"", "kept"}) {
    const std::string partition = std::string("p") + before;
    if (*before != '\0') Append(kIssuer, partition, before);
    std::future<std::string> other;
    const std::string first = Append(kIssuer, partition, "1", [&] {
      other = std::async(std::launch::async, [&] { return Append(kIssuer, partition, "2"); });
      const auto end = Soon();
      while (database_
                 .Exec("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname ="
                       " current_database()")
                 .empty()) {
        ASSERT_LT(std::chrono::steady_clock::now(), end);
      }
    });
    EXPECT_EQ(first, std::string(before) + "1");
    EXPECT_EQ(other.get(), std::string(before) + "12");
  }
}

}  // namespace
}  // namespace kakunin
