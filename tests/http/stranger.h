#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace kakunin {

// Stranger is one connection of a peer without a certificate, from an address of 127.0.0.0/8. What
// it waits for it waits for a minute.
class Stranger {
 public:
  // From 127.0.`block`.`last`.
  Stranger(int port, int last, int block = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval minute{.tv_sec = 60, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof(minute));
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &minute, sizeof(minute));
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr =
        htonl(0x7f000000U + (static_cast<uint32_t>(block) << 8U) + static_cast<uint32_t>(last));
    sockaddr_in to = from;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(port));
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&from), sizeof(from)), 0);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  }
  Stranger(Stranger&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), tls_(std::move(other.tls_)) {}
  Stranger& operator=(Stranger&&) = delete;
  ~Stranger() {
    if (socket_ >= 0) close(socket_);
  }

  // Say says octets as they are, before TLS; those that there is no room for are not said.
  void Say(std::string_view octets) const {
    send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  // IsClosed tells whether the server closed it.
  bool IsClosed() const {
    char octet = 0;
    const ssize_t got = recv(socket_, &octet, 1, MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN);
  }

  // Greet makes TLS, whoever the server is.
  bool Greet() {
    static SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    tls_.reset(SSL_new(context));
    return SSL_set_fd(tls_.get(), socket_) == 1 && SSL_connect(tls_.get()) == 1;
  }
  // Ask says octets through TLS; false when the server does not listen any more.
  bool Ask(std::string_view octets) {
    return SSL_write(tls_.get(), octets.data(), static_cast<int>(octets.size())) > 0;
  }
  // Hear takes what the server says until it closes the connection.
  std::string Hear() {
    std::string heard;
    std::array<char, 4096> some{};
    int got = 0;
    while ((got = SSL_read(tls_.get(), some.data(), some.size())) > 0) {
      heard.append(some.data(), static_cast<size_t>(got));
    }
    return heard;
  }

 private:
  int socket_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
};

}  // namespace kakunin
