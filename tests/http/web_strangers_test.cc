// What anybody may do to the patients' port: be silent, say an octet now and then, take no answer,
// never end, be many. The process and the next patient are as before.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "tests/http/reception_fixture.h"
#include "tests/http/stranger.h"

namespace kakunin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// Time is as shipped or more: a patient is not served because strangers were closed meanwhile.
constexpr seconds kAMinute(60);
constexpr WebConnectionLimits kPatient{.silence = kAMinute, .patience = kAMinute};
constexpr WebConnectionLimits kHasty{.silence = milliseconds(300), .patience = milliseconds(1500)};
constexpr seconds kSoon(5);  // on a machine that does other things, too

class WebStrangersTest : public ReceptionTest {
 protected:
  explicit WebStrangersTest(const WebConnectionLimits& limits = kPatient)
      : ReceptionTest(/*sandbox=*/false, {}, limits), limits_(limits) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }

  Stranger From(size_t last, int block = 0) {
    return Stranger(server_->port(), static_cast<int>(last), block);
  }
  // Many of as many addresses of one block.
  std::vector<Stranger> Strangers(size_t many, size_t addresses) {
    std::vector<Stranger> strangers;
    for (size_t i = 0; i < many; ++i) strangers.push_back(From(2 + i % addresses));
    return strangers;
  }

  // How long a patient from a block of her own waits for the page; an hour if it never comes.
  milliseconds APatientWaits() {
    const auto began = steady_clock::now();
    Stranger patient = From(1, /*block=*/9);
    const bool asked =
        patient.Greet() && patient.Ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    const std::string page = asked ? patient.Hear() : "";
    EXPECT_TRUE(page.starts_with("HTTP/1.1 200")) << page.substr(0, 80);
    if (page.empty()) return std::chrono::hours(1);
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
  }

  static bool WithinAMinute(const std::function<bool()>& holds) {
    const auto until = steady_clock::now() + kAMinute;
    while (!holds()) {
      if (steady_clock::now() > until) return false;
      std::this_thread::sleep_for(milliseconds(20));
    }
    return true;
  }
  bool HoldsWithinAMinute(size_t connections) {
    return WithinAMinute([&] { return server_->OpenConnections() == connections; });
  }

  static size_t Descriptors() {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                             std::filesystem::directory_iterator()));
  }
  static size_t ResidentOctets() {
    size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> pages;
    return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  }

  const WebConnectionLimits limits_;
};

TEST_F(WebStrangersTest, ManyAddressesOfOneBlockLeaveRoomToOthers) {
  constexpr size_t kStrangers = 2000;
  const size_t before = Descriptors();
  const size_t octets = ResidentOctets();
  const auto strangers = Strangers(kStrangers, 100);
  EXPECT_TRUE(HoldsWithinAMinute(limits_.connections.of_block));
  EXPECT_TRUE(WithinAMinute([&] {
    return server_->RefusedConnections() ==
           static_cast<int64_t>(kStrangers - limits_.connections.of_block);
  }));
  EXPECT_EQ(static_cast<size_t>(std::ranges::count_if(strangers, &Stranger::IsClosed)),
            kStrangers - limits_.connections.of_block);
  EXPECT_LE(Descriptors(), before + kStrangers + limits_.connections.of_block + 16);
  EXPECT_LT(ResidentOctets(), octets + (64 << 20));
  EXPECT_LT(APatientWaits(), kSoon);
}

TEST_F(WebStrangersTest, OneAddressHasItsShareAndNoMore) {
  auto strangers = Strangers(limits_.connections.of_address, 1);
  EXPECT_TRUE(HoldsWithinAMinute(limits_.connections.of_address));
  const Stranger more = From(2);
  EXPECT_TRUE(WithinAMinute([&] { return more.IsClosed(); }));
  const Stranger other = From(3);
  EXPECT_TRUE(HoldsWithinAMinute(limits_.connections.of_address + 1));
  strangers.pop_back();
  EXPECT_TRUE(HoldsWithinAMinute(limits_.connections.of_address));
  const Stranger again = From(2);
  EXPECT_TRUE(HoldsWithinAMinute(limits_.connections.of_address + 1));
}

// Four times as many as there are threads, each in the middle of something; nobody's time ends.
TEST_F(WebStrangersTest, SlowOnesKeepNobodyWaiting) {
  auto strangers = Strangers(limits_.connections.of_block, 8);
  ASSERT_GT(strangers.size(), 3 * limits_.threads);
  EXPECT_TRUE(HoldsWithinAMinute(strangers.size()));
  // A handshake of 16 KiB, of which there are a few octets.
  const std::string hello("\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03", 11);
  const std::string heads[] = {"G", "GET / HTTP/1.1\r\nHost:", "GET / HTTP/1.1\r\n\r",
                               "POST /kakunin.v1.ReceptionService/OpenReception HTTP/1.1\r\n"
                               "Content-Length: 16384\r\n\r\n{"};
  for (size_t i = 0; i < strangers.size(); ++i) {
    if (i % 2 == 0) {
      strangers[i].Say(hello);
    } else {
      ASSERT_TRUE(strangers[i].Greet()) << i;
      ASSERT_TRUE(strangers[i].Ask(heads[i / 2 % std::size(heads)])) << i;
    }
  }
  EXPECT_LT(APatientWaits(), kSoon);
  EXPECT_EQ(server_->RefusedConnections(), 0);
  EXPECT_GE(server_->OpenConnections(), strangers.size());
}

// Each asks for the page a hundred times at once and reads nothing.
TEST_F(WebStrangersTest, OnesThatTakeNoAnswerKeepNobodyWaiting) {
  const size_t octets = ResidentOctets();
  auto strangers = Strangers(limits_.connections.of_block, 8);
  std::string asked;
  for (int i = 0; i < 99; ++i) asked += "GET /reception.js HTTP/1.1\r\n\r\n";
  for (Stranger& one : strangers) {
    ASSERT_TRUE(one.Greet());
    ASSERT_TRUE(one.Ask(asked));
  }
  EXPECT_LT(APatientWaits(), kSoon);
#if !defined(__SANITIZE_ADDRESS__)  // which keeps for a while what was freed
  EXPECT_LT(ResidentOctets(), octets + (128 << 20));
#else
  EXPECT_LT(ResidentOctets(), octets + (1024 << 20));
#endif
}

TEST_F(WebStrangersTest, NobodyIsWaitedForAtTheEnd) {
  auto strangers = Strangers(10, 1);
  for (const Stranger& one : strangers) one.Say("\x16");
  Stranger asks = From(3);
  ASSERT_TRUE(asks.Greet());
  ASSERT_TRUE(asks.Ask("GET / HTTP/1.1\r\n"));
  EXPECT_TRUE(HoldsWithinAMinute(strangers.size() + 1));
  const auto began = steady_clock::now();
  server_->Stop();
  EXPECT_LT(steady_clock::now() - began, kSoon);
  EXPECT_EQ(server_->OpenConnections(), 0U);
}

// Lines, or one line, without end.
TEST_F(WebStrangersTest, HeadsEnd) {
  for (const std::string& piece : {std::string("a: b\r\n"), std::string(1000, 'x')}) {
    Stranger stranger = From(2);
    ASSERT_TRUE(stranger.Greet());
    ASSERT_TRUE(stranger.Ask("GET / HTTP/1.1\r\n"));
    size_t said = 0;
    constexpr size_t kMost = 64 << 20;  // the kernels of both sides hold some of it
    while (said < kMost && stranger.Ask(piece)) said += piece.size();
    EXPECT_LT(said, kMost);
  }
}

class HastyTest : public WebStrangersTest {
 protected:
  HastyTest() : WebStrangersTest(kHasty) {}
};

TEST_F(HastyTest, WhoeverTakesTooLongIsClosed) {
  const Stranger silent = From(2);
  const Stranger greets = From(2);
  greets.Say("\x16");
  Stranger greeted = From(2);
  Stranger asks = From(2);
  ASSERT_TRUE(greeted.Greet());
  ASSERT_TRUE(asks.Greet());
  std::atomic<bool> closed{false};
  // An octet now and then, which is what httplib's own bound let be.
  std::thread drips([&] {
    for (bool heard = asks.Ask("GET / HTTP/1.1\r\n"); heard && !closed; heard = asks.Ask("x")) {
      std::this_thread::sleep_for(milliseconds(50));
    }
  });
  EXPECT_TRUE(HoldsWithinAMinute(0));
  closed = true;
  drips.join();
  EXPECT_TRUE(silent.IsClosed());
  EXPECT_TRUE(greets.IsClosed());
}

// A patient goes on over her connection for longer than any one thing may take.
TEST_F(HastyTest, WhoeverGoesOnAskingIsNotClosed) {
  Stranger patient = From(2);
  ASSERT_TRUE(patient.Greet());
  const auto until = steady_clock::now() + 2 * limits_.patience;
  int asked = 0;
  while (steady_clock::now() < until && ++asked < kMostRequestsOfConnection) {
    ASSERT_TRUE(patient.Ask("GET /icon.svg HTTP/1.1\r\n\r\n"));
    std::this_thread::sleep_for(milliseconds(50));
  }
  ASSERT_TRUE(patient.Ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
  const std::string heard = patient.Hear();
  int answers = 0;
  for (size_t at = heard.find("HTTP/1.1 200"); at != std::string::npos;
       at = heard.find("HTTP/1.1 200", at + 1)) {
    ++answers;
  }
  EXPECT_EQ(answers, asked + 1);
}

class FewTest : public WebStrangersTest {
 protected:
  FewTest()
      : WebStrangersTest(
            {.connections = {.all = 40, .of_block = 40, .of_address = 40}, .silence = kAMinute}) {}
};

TEST_F(FewTest, OneMoreThanThereMayBeIsClosedAtOnceAndServedWhenThereIsRoom) {
  auto strangers = Strangers(40, 4);
  EXPECT_TRUE(HoldsWithinAMinute(40));
  const Stranger more = From(1, /*block=*/9);
  EXPECT_TRUE(WithinAMinute([&] { return more.IsClosed(); }));
  strangers.pop_back();
  EXPECT_TRUE(HoldsWithinAMinute(39));
  EXPECT_LT(APatientWaits(), kSoon);
}

class FewArrivalsTest : public WebStrangersTest {
 protected:
  FewArrivalsTest() : WebStrangersTest({.arrivals_of_address = 20, .minute = seconds(3600)}) {}
};

TEST_F(FewArrivalsTest, AnAddressHasSoManyHandshakesAMinute) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(From(2).Greet()) << i;
  EXPECT_FALSE(From(2).Greet());
  EXPECT_TRUE(From(3).Greet());
}

class FewOfABlockTest : public WebStrangersTest {
 protected:
  FewOfABlockTest() : WebStrangersTest({.arrivals_of_block = 20, .minute = seconds(3600)}) {}
};

TEST_F(FewOfABlockTest, ABlockHasSoManyHandshakesAMinute) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(From(2 + i).Greet()) << i;
  EXPECT_FALSE(From(40).Greet());
  EXPECT_TRUE(From(2, /*block=*/9).Greet());
}

}  // namespace
}  // namespace kakunin
