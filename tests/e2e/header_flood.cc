#include "tests/e2e/header_flood.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>

namespace kakunin::e2e {
namespace {

using std::chrono::steady_clock;

constexpr int kMostConnections = 500;
constexpr size_t kFrameOctets = 16'384;  // the most that a peer takes without saying otherwise

// The frame's type: SETTINGS 4, HEADERS 1, CONTINUATION 9.
std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, const std::string& payload) {
  std::string frame;
  const auto size = static_cast<uint32_t>(payload.size());
  for (const int shift : {16, 8, 0}) frame += static_cast<char>(size >> shift);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  return frame + payload;
}

// Fields that are in no table: "a: b" again and again.
std::string Fields() {
  std::string fields;
  while (fields.size() + 5 <= kFrameOctets)
    fields += std::string(
        "\x00\x01"
        "a\x01"
        "b",
        5);
  return fields;
}

using Connection = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

Connection Connect(SSL_CTX* context, int port) {
  Connection connection(BIO_new_ssl_connect(context), &BIO_free_all);
  BIO_set_conn_hostname(connection.get(), fmt::format("127.0.0.1:{}", port).c_str());
  if (BIO_do_connect(connection.get()) != 1) connection.reset();
  return connection;
}

// Whether all of it was taken.
bool Send(BIO* connection, const std::string& octets, int64_t& taken) {
  const int written = BIO_write(connection, octets.data(), static_cast<int>(octets.size()));
  if (written > 0) taken += written;
  return written == static_cast<int>(octets.size());
}

}  // namespace

HeaderFlood FloodHeaders(int port, const std::filesystem::path& certificate,
                         const std::filesystem::path& key, std::chrono::milliseconds span) {
  std::signal(SIGPIPE, SIG_IGN);  // the other side closes while we write
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  constexpr unsigned char kH2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kH2, sizeof kH2);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("no certificate to flood with");
  }
  const std::string begin =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(4, 0, 0, "") + Frame(1, 0, 1, Fields());
  const std::string more = Frame(9, 0, 1, Fields());
  HeaderFlood flood;
  const auto until = steady_clock::now() + span;
  while (steady_clock::now() < until && flood.connections < kMostConnections) {
    const Connection connection = Connect(context.get(), port);
    if (!connection) {
      if (flood.connections == 0) throw std::runtime_error("nobody to flood");
      continue;
    }
    ++flood.connections;
    bool taken = Send(connection.get(), begin, flood.octets);
    while (taken && steady_clock::now() < until) {
      taken = Send(connection.get(), more, flood.octets);
    }
  }
  return flood;
}

}  // namespace kakunin::e2e
