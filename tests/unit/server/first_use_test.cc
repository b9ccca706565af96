#include "server/first_use.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <optional>
#include <set>

#include "tests/unit/server/gated_database.h"

namespace kakunin {
namespace {

constexpr char kIssuer[] = "issuer";

class StandingClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixMicros(now); }
  std::atomic<int64_t> now{1'800'000'000'000'000};
};

// GatedRegister knows nobody, and answers a question only when it is let.
class GatedRegister final : public ResidentRegistry {
 public:
  absl::StatusOr<std::optional<CardHolder>> FindHolder(const CardCertificateId& card) override {
    std::unique_lock lock(mutex_);
    asked_.push_back(card.serial);
    changed_.notify_all();
    changed_.wait(lock, [this] { return answers_ > 0; });
    --answers_;
    if (failing_) return absl::UnavailableError("no register");
    return std::optional<CardHolder>();
  }
  void Answer(int more, bool failing = false) {
    const std::lock_guard lock(mutex_);
    answers_ += more;
    failing_ = failing;
    changed_.notify_all();
  }
  // AwaitAsked returns all questions once there are so many.
  std::vector<std::string> AwaitAsked(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        changed_.wait_for(lock, std::chrono::seconds(20), [&] { return asked_.size() >= count; }));
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> asked_;
  int answers_ = 0;
  bool failing_ = false;
};

class NoLinks final : public CardLinkStore {
 public:
  absl::StatusOr<CardLinkCounts> Put(Transaction&, std::span<const CardLinkRow>,
                                     absl::Time) override {
    ADD_FAILURE() << "nobody is to be linked";
    return CardLinkCounts();
  }
};

class FirstUseQueueTest : public testing::Test {
 protected:
  void Begin(const FirstUseLimits& limits) {
    first_use_.emplace(FirstUseBackend{.database = database_,
                                       .links = links_,
                                       .registry = register_,
                                       .individual_number_key = key_,
                                       .audit_key = key_},
                       clock_, limits);
  }
  void TearDown() override { register_.Answer(100); }
  void See(const std::string& serial) { first_use_->Seen(kIssuer, serial); }
  void Await(FirstUse::Outcome outcome, int64_t count) {
    const auto bound = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (first_use_->Count(outcome) < count) {
      ASSERT_LT(std::chrono::steady_clock::now(), bound);
      std::this_thread::yield();
    }
  }

  GatedDatabase database_;
  NoLinks links_;
  GatedRegister register_;
  StandingClock clock_;
  const auth::HmacKey key_{std::string(32, 'k'), "test"};
  std::optional<FirstUse> first_use_;
};

TEST_F(FirstUseQueueTest, AFullQueueDropsAndCountsAndTakesTheCardLater) {
  Begin({.queued = 2});
  See("1");
  register_.AwaitAsked(1);  // it is no longer queued
  See("2");
  See("3");
  EXPECT_EQ(first_use_->Count(FirstUse::Outcome::kDropped), 0);
  See("4");
  See("5");
  See("3");  // queued already: nothing is lost
  EXPECT_EQ(first_use_->Count(FirstUse::Outcome::kDropped), 2);
  register_.Answer(3);
  Await(FirstUse::Outcome::kUnknown, 3);
  See("4");
  EXPECT_EQ(register_.AwaitAsked(4), (std::vector<std::string>{"1", "2", "3", "4"}));
  EXPECT_EQ(first_use_->Count(FirstUse::Outcome::kDropped), 2);
}

TEST_F(FirstUseQueueTest, RemembersNoMoreCardsInASpanThanItMay) {
  Begin({.queued = 10, .remembered = 3});
  register_.Answer(100);
  for (int serial = 0; serial < 5; ++serial) See(std::to_string(serial));
  Await(FirstUse::Outcome::kUnknown, 3);
  EXPECT_EQ(first_use_->Count(FirstUse::Outcome::kDropped), 2);
  clock_.now += absl::ToInt64Microseconds(absl::Minutes(5));
  See("4");
  Await(FirstUse::Outcome::kUnknown, 4);
}

TEST_F(FirstUseQueueTest, AsksAboutACardOnceInOneToTwoSpans) {
  Begin({});
  register_.Answer(100);
  See("1");
  Await(FirstUse::Outcome::kUnknown, 1);
  for (const absl::Duration later :
       {absl::Minutes(5) - absl::Microseconds(1), absl::Microseconds(1),
        absl::Minutes(5) - absl::Microseconds(1)}) {
    clock_.now += absl::ToInt64Microseconds(later);
    See("1");
  }
  See("2");
  Await(FirstUse::Outcome::kUnknown, 2);
  EXPECT_EQ(register_.AwaitAsked(2), (std::vector<std::string>{"1", "2"}));
  clock_.now += 1;
  See("1");
  Await(FirstUse::Outcome::kUnknown, 3);
}

TEST_F(FirstUseQueueTest, ACardThatCouldNotBeAskedAboutIsAskedAboutWhenSeenAgain) {
  Begin({});
  register_.Answer(1, /*failing=*/true);
  See("1");
  Await(FirstUse::Outcome::kFailed, 1);
  register_.Answer(1);
  See("1");
  Await(FirstUse::Outcome::kUnknown, 1);
}

}  // namespace
}  // namespace kakunin
