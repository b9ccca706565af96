#include "server/self_probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace kakunin {
namespace {

// A port of this machine. Accepts until it is closed, or never.
class Listener {
 public:
  explicit Listener(bool accepts) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    listen(socket_, 64);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    number_ = ntohs(address.sin_port);
    if (accepts) accepting_ = std::thread([this] { Accept(); });
  }
  ~Listener() { Close(); }
  void Close() {
    shutdown(socket_, SHUT_RDWR);
    if (accepting_.joinable()) accepting_.join();
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }
  int number() const { return number_; }

 private:
  // As a server does whose peer goes before it has said anything.
  void Accept() const {
    for (int peer = accept(socket_, nullptr, nullptr); peer >= 0;
         peer = accept(socket_, nullptr, nullptr)) {
      char octet = 0;
      while (read(peer, &octet, 1) > 0) continue;
      close(peer);
    }
  }

  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int number_ = 0;
  std::thread accepting_;
};

class SelfProbeTest : public testing::Test {
 protected:
  SelfProbe Probe(std::vector<SelfProbe::Port> ports) {
    return {std::move(ports),
            [this](const std::string& name) {
              const std::lock_guard lock(mutex_);
              ++deaf_[name];
              changed_.notify_all();
            },
            std::chrono::milliseconds(1)};
  }
  bool AwaitDeaf(const std::string& name) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return deaf_[name] > 0; });
  }
  int Deaf(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return deaf_[name];
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> deaf_;
};

TEST_F(SelfProbeTest, SaysWhichPortNoLongerTakesConnections) {
  const Listener hears(/*accepts=*/true);
  Listener deaf(/*accepts=*/true);
  const SelfProbe probe = Probe({{"hears", "127.0.0.1:0", hears.number()},
                                 {"any", "0.0.0.0:0", hears.number()},
                                 {"deaf", "127.0.0.1:0", deaf.number()}});
  deaf.Close();
  EXPECT_TRUE(AwaitDeaf("deaf"));
  EXPECT_EQ(Deaf("hears"), 0);
  EXPECT_EQ(Deaf("any"), 0);
}

// The kernel goes on making connections for a listener from which nobody accepts.
TEST_F(SelfProbeTest, IsNotDeceivedByConnectionsThatNobodyAccepts) {
  const Listener nobody(/*accepts=*/false);
  const SelfProbe probe = Probe({{"nobody", "127.0.0.1:0", nobody.number()}});
  EXPECT_TRUE(AwaitDeaf("nobody"));
}

TEST_F(SelfProbeTest, TriesEveryAddressOfAName) {
  const Listener hears(/*accepts=*/true);  // on 127.0.0.1; localhost may be ::1 first
  const Listener nobody(/*accepts=*/false);
  const SelfProbe probe =
      Probe({{"hears", "localhost:0", hears.number()}, {"nobody", "127.0.0.1:0", nobody.number()}});
  EXPECT_TRUE(AwaitDeaf("nobody"));
  EXPECT_EQ(Deaf("hears"), 0);
}

TEST_F(SelfProbeTest, TakesAnAddressThatNobodyHasForDeaf) {
  const SelfProbe probe = Probe({{"nowhere", "[::1]:0", 1}});
  EXPECT_TRUE(AwaitDeaf("nowhere"));
}

}  // namespace
}  // namespace kakunin
