#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "storage/confirmation_store.h"

namespace kakunin {

// Watchdog cuts sockets at their deadlines from one thread of its own. A blocking libpq call on a
// frozen server returns only when its socket is shut: no timeout of the server, and none of the
// kernel's, ends it. Thread-safe; must outlive its watches.
class Watchdog {
 public:
  // Watch bounds one use of one connection. Used by one thread.
  class Watch {
   public:
    Watch(Watchdog& watchdog, MonotonicTime deadline);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Guard names the socket that is cut at the deadline; it must stay open until Release or the
    // watch's end. A deadline that has passed cuts it at once.
    void Guard(int socket);
    void Release();
    // Fired tells whether the deadline has cut the socket.
    bool fired() const;
    MonotonicTime deadline() const { return deadline_; }

   private:
    friend class Watchdog;
    Watchdog& watchdog_;
    const MonotonicTime deadline_;
    int socket_ = -1;  // under the watchdog's mutex, as is fired_
    bool fired_ = false;
    std::list<Watch*>::iterator place_;
  };

  Watchdog();
  ~Watchdog();

 private:
  void Run();
  void CutDue(MonotonicTime now);
  MonotonicTime NextDeadline() const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Watch*> watches_;  // a pool's worth: a scan is cheaper than an order
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace kakunin
