#include "server/card_trust_loader.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "auth/encoding.h"
#include "domain/error.h"
#include "tests/unit/auth/card_pki.h"

namespace kakunin {
namespace {

class PkiClock final : public Clock {
 public:
  absl::Time Now() const override { return auth::Now(); }
};

// OneServersArchive keeps what CRLs listed as long as it lives.
class OneServersArchive final : public auth::CrlArchive {
 public:
  absl::Status Update(const auth::IssuerKeyId& issuer, std::string_view partition,
                      const Change& change) override {
    Kept& kept = kept_[{issuer, std::string(partition)}];
    ASSIGN_OR_RETURN(kept, change(kept));
    return absl::OkStatus();
  }

 private:
  std::map<std::pair<auth::IssuerKeyId, std::string>, Kept> kept_;
};

class CardTrustLoaderTest : public testing::Test {
 protected:
  CardTrustLoaderTest() {
    trust_.Write("ca.pem", auth::CertificatePem(Issuer().certificate_der));
    crls_.Write("a.crl", auth::IssueCrl(auth::DefaultCrl(auth::Now()), Issuer()));
  }
  static const auth::Authority& Issuer() { return auth::CardPki::Get().generations[2]; }

  const auth::ScratchDirectory trust_;
  const auth::ScratchDirectory crls_;
  PkiClock clock_;
  OneServersArchive archive_;
  CardTrustLoader loader_{trust_.path(), crls_.path(), absl::Hours(1), clock_, archive_};
};

TEST_F(CardTrustLoaderTest, CountsTheFilesThatTheLastReadingRefused) {
  ASSERT_TRUE(loader_.Start().ok());
  EXPECT_EQ(loader_.RefusedCrls(), 0);
  crls_.Write("a.crl", "spoilt");
  crls_.Write("b.crl", "spoilt too");
  ASSERT_TRUE(loader_.Reload().ok());
  EXPECT_EQ(loader_.RefusedCrls(), 2);
  EXPECT_EQ(loader_.Current().revocations->partitions().size(), 1u);
  // As long as they lie there they are an alarm.
  ASSERT_TRUE(loader_.Reload().ok());
  EXPECT_EQ(loader_.RefusedCrls(), 2);
  crls_.Write("a.crl", auth::IssueCrl(auth::DefaultCrl(auth::Now()), Issuer()));
  std::filesystem::remove(crls_.path() / "b.crl");
  ASSERT_TRUE(loader_.Reload().ok());
  EXPECT_EQ(loader_.RefusedCrls(), 0);
}

TEST_F(CardTrustLoaderTest, CountsListsThatShrankForAPersonToLookAt) {
  auth::CrlSpec full = auth::DefaultCrl(auth::Now());
  full.crl_number = auth::SerialNumber(100);
  for (uint64_t serial = 1; serial <= 10; ++serial) {
    full.entries.push_back({auth::SerialNumber(serial), auth::Now()});
  }
  crls_.Write("a.crl", auth::IssueCrl(full, Issuer()));
  ASSERT_TRUE(loader_.Start().ok());
  EXPECT_EQ(loader_.SuspiciousCrls(), 0);
  full.crl_number = auth::SerialNumber(101);
  full.entries.clear();
  crls_.Write("a.crl", auth::IssueCrl(full, Issuer()));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(loader_.Reload().ok());
    EXPECT_EQ(loader_.SuspiciousCrls(), 1);
  }
}

TEST_F(CardTrustLoaderTest, CountsSerialsThatTheNextListDoesNotNameAnyMore) {
  auth::CrlSpec list = auth::DefaultCrl(auth::Now());
  list.crl_number = auth::SerialNumber(100);
  for (uint64_t serial = 1; serial <= 10; ++serial) {
    list.entries.push_back({auth::SerialNumber(serial), auth::Now()});
  }
  crls_.Write("a.crl", auth::IssueCrl(list, Issuer()));
  ASSERT_TRUE(loader_.Start().ok());
  EXPECT_EQ(loader_.VanishedSerials(), 0);
  list.crl_number = auth::SerialNumber(101);
  list.entries.erase(list.entries.begin() + 3);
  crls_.Write("a.crl", auth::IssueCrl(list, Issuer()));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(loader_.Reload().ok());
    EXPECT_EQ(loader_.VanishedSerials(), 1);
    EXPECT_EQ(loader_.SuspiciousCrls(), 0);
  }
}

// MachineClocks are both clocks of a machine, moved by hand.
struct MachineClocks {
  ClockWatch::Reading now{.wall = auth::Now(), .monotonic = std::chrono::steady_clock::now()};

  void Pass(absl::Duration time) {
    now.wall += time;
    now.monotonic += absl::ToChronoNanoseconds(time);
  }
};

TEST_F(CardTrustLoaderTest, ShowsNoCrlWhileTheMachinesClockIsBack) {
  MachineClocks machine;
  CardTrustLoader loader(trust_.path(), crls_.path(), absl::Hours(1), clock_, archive_,
                         [&] { return machine.now; });
  ASSERT_TRUE(loader.Start().ok());
  ASSERT_NE(loader.Current().revocations, nullptr);
  machine.Pass(absl::Minutes(1));
  machine.now.wall -= absl::Hours(2);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(loader.Reload().ok());
    EXPECT_EQ(loader.Current().revocations, nullptr);
    EXPECT_NE(loader.Current().trust, nullptr);
    EXPECT_EQ(loader.MachineClock().Back(), absl::Hours(2));
    machine.Pass(absl::Minutes(1));
  }
  machine.now.wall += absl::Hours(2);
  ASSERT_TRUE(loader.Reload().ok());
  ASSERT_NE(loader.Current().revocations, nullptr);
  EXPECT_EQ(loader.Current().revocations->partitions().size(), 1u);
  EXPECT_EQ(loader.MachineClock().Back(), absl::ZeroDuration());
}

// What was listed before is known when the clock is right again.
TEST_F(CardTrustLoaderTest, ListsThatComeWhileTheClockIsBackAreComparedAsEver) {
  auth::CrlSpec list = auth::DefaultCrl(auth::Now());
  list.crl_number = auth::SerialNumber(100);
  list.entries.push_back({auth::SerialNumber(1), auth::Now()});
  crls_.Write("a.crl", auth::IssueCrl(list, Issuer()));
  MachineClocks machine;
  CardTrustLoader loader(trust_.path(), crls_.path(), absl::Hours(1), clock_, archive_,
                         [&] { return machine.now; });
  ASSERT_TRUE(loader.Start().ok());
  machine.now.wall -= absl::Hours(2);
  ASSERT_TRUE(loader.Reload().ok());
  ASSERT_EQ(loader.Current().revocations, nullptr);
  list.crl_number = auth::SerialNumber(99);
  crls_.Write("a.crl", auth::IssueCrl(list, Issuer()));
  ASSERT_TRUE(loader.Reload().ok());
  EXPECT_EQ(loader.RefusedCrls(), 1);
}

TEST_F(CardTrustLoaderTest, RootsThatCannotBeUsedLetTheSnapshotGrowOld) {
  EXPECT_EQ(loader_.Age(), absl::InfiniteDuration());
  ASSERT_TRUE(loader_.Start().ok());
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(loader_.Reload().ok());
  // Asked first: the arguments of one call may be evaluated in any order.
  const absl::Duration age = loader_.Age();
  EXPECT_LE(age, absl::FromChrono(std::chrono::steady_clock::now() - before));
  const auto after = std::chrono::steady_clock::now();
  trust_.Write("ca.pem", "spoilt");
  ASSERT_TRUE(loader_.Reload().ok());
  EXPECT_NE(loader_.Current().trust, nullptr);
  EXPECT_GE(loader_.Age(), absl::FromChrono(std::chrono::steady_clock::now() - after));
}

}  // namespace
}  // namespace kakunin
