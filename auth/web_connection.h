#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace kakunin::auth {

// WebConnection is one peer's TLS over a socket of its own. Nothing here waits. One thread at a
// time.
class WebConnection {
 public:
  // Step is what a call came to: done, or to be repeated when the socket has octets or room, or
  // there is no more to be done: the peer's end, or a fault.
  enum class Step { kDone, kAwaitsOctets, kAwaitsRoom, kOver };

  // `context` is of a server; `socket` is owned from now on and made non-blocking. Null when there
  // is no memory.
  static std::unique_ptr<WebConnection> Make(ssl_ctx_st* context, int socket);
  // Closes the socket.
  ~WebConnection();
  WebConnection(const WebConnection&) = delete;
  WebConnection& operator=(const WebConnection&) = delete;

  int socket() const { return socket_; }

  Step Handshake();
  // Read appends some octets that came.
  Step Read(std::string& octets);
  // Write says `octets` from `said` on, which it moves; done when all are said.
  Step Write(std::string_view octets, size_t& said);
  // SayGoodbye tells the peer that nothing more comes. What it says still can be read: a socket
  // that is closed with octets unread takes back what was said last.
  void SayGoodbye();

 private:
  struct Free {
    void operator()(ssl_st* tls) const;
  };
  WebConnection(std::unique_ptr<ssl_st, Free> tls, int socket);
  Step StepOf(int result);

  const std::unique_ptr<ssl_st, Free> tls_;
  const int socket_;
};

}  // namespace kakunin::auth
