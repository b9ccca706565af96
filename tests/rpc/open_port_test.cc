#include "server/open_port.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <stdexcept>
#include <thread>

#include "storage/postgres/account_store.h"
#include "storage/postgres/application_store.h"
#include "storage/store_error.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

constexpr int kPool = 2;
constexpr auto kLong = std::chrono::minutes(5);

// A port of the insurers over a real database, all of whose pool is held by calls that go on.
class OpenPortTest : public testing::Test {
 protected:
  OpenPortTest() {
    auto opened = OpenPort({.host = TestDatabase::Host(), .name = database_.name()},
                           {.database = {.user = "kakunin_insurer"}, .pool = kPool}, Port::kInsurer,
                           "insurer",
                           {.clock = clock_,
                            .calls = calls_,
                            .registry_store = registry_store_,
                            .account_store = account_store_,
                            .application_store = application_store_,
                            .look_up_key = look_up_key_,
                            .shutting_down = [] { return false; }});
    if (!opened.ok()) throw std::runtime_error(opened.status().ToString());
    port_ = *std::move(opened);
    for (auto& call : calls_that_last_) {
      call = std::async(std::launch::async, [&] {
        return port_.database->Write(Soon() + kLong, [&](Transaction&) {
          held_.count_down();
          end_.wait();
          return absl::OkStatus();
        });
      });
    }
    held_.wait();
  }
  ~OpenPortTest() override {
    may_end_.set_value();
    for (auto& call : calls_that_last_) EXPECT_TRUE(call.get().ok());
  }

  const TestDatabase database_;
  SettableClock clock_;
  CountingObserver calls_;
  PostgresRegistryStore registry_store_;
  PostgresAccountStore account_store_;
  PostgresApplicationStore application_store_;
  const auth::HmacKey look_up_key_ = TestKey("look-up");
  OpenedPort port_;
  std::latch held_{kPool};
  std::promise<void> may_end_;
  std::shared_future<void> end_ = may_end_.get_future().share();
  std::future<absl::Status> calls_that_last_[kPool];
};

TEST_F(OpenPortTest, TheRegistryStaysYoungWhileCallsHoldEveryConnection) {
  ASSERT_EQ(StoreFailureOf(port_.database->Read(std::chrono::steady_clock::now(),
                                                [](Transaction&) { return absl::OkStatus(); })),
            StoreFailure::kTimedOut);
  RegisterTestCallers(database_, clock_.Now());
  const Digest32 insurer = IdentityOf(Caller::kInsurer).fingerprint;
  const auto bound = Soon();
  // Whoever is registered meanwhile is let in, and whoever is revoked is not.
  while (port_.registry->Current() == nullptr ||
         port_.registry->Current()->Find(insurer) == nullptr) {
    ASSERT_LT(std::chrono::steady_clock::now(), bound);
    std::this_thread::yield();
  }
  EXPECT_LT(port_.registry->Age(), absl::Seconds(10));
  EXPECT_TRUE(port_.health->Serving());
}

TEST_F(OpenPortTest, DenialsAreWrittenWhileCallsHoldEveryConnection) {
  AuditRecord record;
  record.at = TestInstant();
  record.operation = 20;
  record.actor = "06139463";
  port_.denials->Add(std::move(record));
  const auto bound = Soon();
  while (database_.Exec("SELECT FROM kakunin.audit_event").empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), bound);
  }
}

}  // namespace
}  // namespace kakunin
