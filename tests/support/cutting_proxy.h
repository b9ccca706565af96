#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <thread>

namespace kakunin {

// CuttingProxy passes TCP connections to a port of this machine, octet for octet, and cuts them
// where it is told. It does not look at what passes, so TLS goes from end to end. Thread-safe.
class CuttingProxy {
 public:
  enum class Way { kUp, kDown };  // to the server, to the client

  explicit CuttingProxy(int target_port);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  int port() const { return port_; }

  // CutAfter lets exactly `octets` more pass in `way`, over whatever connections, and then closes
  // the one on which the last went. Connections made afterwards are not cut until it is called
  // again.
  void CutAfter(Way way, int64_t octets);

  // armed is whether a cut is asked for that has not come yet.
  bool armed() const;

  // passed is how many octets went in `way` so far.
  int64_t passed(Way way) const;

  // cuts is how often connections were cut.
  int cuts() const;

 private:
  void Accept();
  void Pass(int client, int server);
  // Forward passes what `from` has; false when the connection is over.
  bool Forward(int from, int to, Way way);
  struct Grant {
    int64_t octets;
    bool cut;  // behind them
  };
  Grant Granted(Way way, int64_t count);

  const int target_port_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};  // a pipe: closed, it wakes everybody
  int port_ = 0;

  mutable std::mutex mutex_;
  int64_t passed_[2] = {0, 0};
  int64_t left_[2] = {-1, -1};  // -1: no cut is asked for
  int cuts_ = 0;
  std::list<std::thread> connections_;
  std::thread accepting_;
};

}  // namespace kakunin
