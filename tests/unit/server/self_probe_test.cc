#include "server/self_probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <map>
#include <mutex>

namespace kakunin {
namespace {

// A port of this machine that takes connections until it is closed.
class Listener {
 public:
  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    listen(socket_, 64);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    number_ = ntohs(address.sin_port);
  }
  ~Listener() { Close(); }
  void Close() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }
  int number() const { return number_; }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int number_ = 0;
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
  Listener hears;
  Listener deaf;
  const SelfProbe probe = Probe({{"hears", "127.0.0.1:0", hears.number()},
                                 {"any", "0.0.0.0:0", hears.number()},
                                 {"deaf", "127.0.0.1:0", deaf.number()}});
  deaf.Close();
  EXPECT_TRUE(AwaitDeaf("deaf"));
  EXPECT_EQ(Deaf("hears"), 0);
  EXPECT_EQ(Deaf("any"), 0);
}

TEST_F(SelfProbeTest, TakesAnAddressThatNobodyHasForDeaf) {
  const SelfProbe probe = Probe({{"nowhere", "[::1]:0", 1}});
  EXPECT_TRUE(AwaitDeaf("nowhere"));
}

}  // namespace
}  // namespace kakunin
