#pragma once

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "auth/web_tls.h"
#include "server/http/address_shares.h"
#include "server/http/web_request.h"
#include "server/rpc/rate_limit.h"

namespace kakunin {

// As many are answered over one connection.
inline constexpr int kMostRequestsOfConnection = 100;

// WebConnectionLimits bound what strangers can hold of a public port; OUR choices.
struct WebConnectionLimits {
  // One more is closed at once. A waiting room behind one address fits in; a household or a small
  // provider that has 65,536 networks of IPv6 leaves room to everybody else.
  AddressShares::Limits connections{.all = 1024, .of_block = 256, .of_address = 64};
  // A minute: what handshakes cost, which one thread makes.
  int arrivals_of_address = 600;
  int arrivals_of_block = 3000;
  std::chrono::seconds minute{60};
  size_t most_keys = 100'000;
  // Without a word between requests.
  std::chrono::milliseconds silence{5000};
  // For the handshake; for a request from its first octet on; for its answer to be taken.
  std::chrono::milliseconds patience{10'000};
  size_t threads = 64;
};

// WebConnections holds a public port's connections. One thread speaks TLS with all of them and
// waits for none: whoever is silent or slow costs a descriptor and what was said, for a while, and
// keeps nobody waiting. Others answer what was asked whole. Thread-safe.
class WebConnections {
 public:
  struct Answered {
    std::string octets;
    bool last = false;  // nothing may be asked behind it
  };
  // Answer is called by several threads at a time.
  using Answer = std::function<Answered(const WebRequest&, const std::string& address)>;

  // `tls` outlives the object.
  WebConnections(auth::WebTls& tls, const WebConnectionLimits& limits, Answer answer);
  ~WebConnections();
  WebConnections(const WebConnections&) = delete;
  WebConnections& operator=(const WebConnections&) = delete;

  // Take owns an accepted socket from now on; false: it closed it, for want of room.
  bool Take(int socket);

  // Stop hears nobody any more and lets what was asked be answered. What is not begun and not taken
  // after as long as a silent connection is kept is dropped; what is being answered then is waited
  // for. Safe to repeat.
  void Stop();

  // Open is how many there are, Refused how many were closed at once since the start.
  size_t Open() const { return shares_.Taken(); }
  int64_t Refused() const;

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Peer;
  using Peers = std::vector<std::shared_ptr<Peer>>;

  void Run();
  bool Receive(Peers& peers);
  void Hand(std::shared_ptr<Peer> peer);
  void GoOn(Peer& peer) const;
  bool IsLate(const Peer& peer);
  void Wake() const;

  auth::WebTls& tls_;
  const WebConnectionLimits limits_;
  const Answer answer_;
  const int wake_;  // an eventfd
  AddressShares shares_;
  RateLimit arrivals_;
  RateLimit block_arrivals_;
  std::atomic<int64_t> too_many_arrivals_{0};
  std::mutex mutex_;
  Peers received_;  // this and the next: under mutex_; new ones and answered ones
  size_t under_answer_ = 0;
  std::optional<Instant> end_;  // it stops, and at the latest then
  httplib::ThreadPool pool_;    // its queue is as long as there are connections
  std::thread thread_;
};

}  // namespace kakunin
