#include "auth/web_connection.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace kakunin::auth {

void WebConnection::Free::operator()(SSL* tls) const { SSL_free(tls); }

std::unique_ptr<WebConnection> WebConnection::Make(SSL_CTX* context, int socket) {
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  std::unique_ptr<SSL, Free> tls(SSL_new(context));
  if (tls == nullptr || SSL_set_fd(tls.get(), socket) != 1) {
    ERR_clear_error();
    close(socket);
    return nullptr;
  }
  // Else a peer that changes its keys without end would never be read to an end (KeyUpdate).
  SSL_clear_mode(tls.get(), SSL_MODE_AUTO_RETRY);
  // A silent connection costs no buffers.
  SSL_set_mode(tls.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
  return std::unique_ptr<WebConnection>(new WebConnection(std::move(tls), socket));
}

WebConnection::WebConnection(std::unique_ptr<SSL, Free> tls, int socket)
    : tls_(std::move(tls)), socket_(socket) {}

WebConnection::~WebConnection() { close(socket_); }

void WebConnection::SayGoodbye() {
  SSL_shutdown(tls_.get());
  ERR_clear_error();
  shutdown(socket_, SHUT_WR);
}

WebConnection::Step WebConnection::StepOf(int result) {
  const int stopped = SSL_get_error(tls_.get(), result);
  ERR_clear_error();
  if (stopped == SSL_ERROR_WANT_READ) return Step::kAwaitsOctets;
  if (stopped == SSL_ERROR_WANT_WRITE) return Step::kAwaitsRoom;
  return Step::kOver;
}

WebConnection::Step WebConnection::Handshake() {
  const int result = SSL_accept(tls_.get());
  return result == 1 ? Step::kDone : StepOf(result);
}

WebConnection::Step WebConnection::Read(std::string& octets) {
  std::array<char, 4096> some{};
  const int result = SSL_read(tls_.get(), some.data(), some.size());
  if (result <= 0) return StepOf(result);
  octets.append(some.data(), static_cast<size_t>(result));
  return Step::kDone;
}

WebConnection::Step WebConnection::Write(std::string_view octets, size_t& said) {
  while (said < octets.size()) {
    size_t some = 0;
    const int result = SSL_write_ex(tls_.get(), octets.data() + said, octets.size() - said, &some);
    if (result <= 0) return StepOf(result);
    said += some;
  }
  return Step::kDone;
}

}  // namespace kakunin::auth
