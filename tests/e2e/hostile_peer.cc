#include "tests/e2e/hostile_peer.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <csignal>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kakunin::e2e {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr int kMostConnections = 500;
constexpr size_t kFrameOctets = 16'384;  // the most that a peer takes without saying otherwise
constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum FrameType : uint8_t { kHeaders = 1, kReset = 3, kSettings = 4, kPing = 6, kContinuation = 9 };
constexpr uint8_t kEndStream = 1;
constexpr uint8_t kEndHeaders = 4;

std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload) {
  std::string frame;
  const auto size = static_cast<uint32_t>(payload.size());
  for (const int shift : {16, 8, 0}) frame += static_cast<char>(size >> shift);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  return frame.append(payload);
}

// Fields that are in no table: "a: b" again and again.
std::string EndlessFields() {
  constexpr std::string_view kField =
      "\x00\x01"
      "a\x01"
      "b"sv;
  std::string fields;
  while (fields.size() + kField.size() <= kFrameOctets) fields += kField;
  return fields;
}

// The beginning of a field whose Huffman-coded value of a megabyte is yet to come (RFC 7541, 5.1).
// A decoder that begins the value again whenever more of it has come pays by the square of it
// (CVE-2023-33953).
constexpr uint32_t kCostlyOctets = 1 << 20;
std::string BeginningOfALongValue() {
  std::string field = "\x00\x01"s + "a";
  field += '\xff';  // Huffman, 127 or more
  for (uint32_t rest = kCostlyOctets - 127; rest != 0; rest >>= 7) {
    field += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  }
  return field;
}

// A health check, its headers spelt out (RFC 7541).
std::string Request(uint32_t stream) {
  std::string fields = "\x83\x87";  // POST, https
  const auto literal = [&](std::string_view name, std::string_view value) {
    fields += name;
    fields += static_cast<char>(value.size());
    fields += value;
  };
  literal("\x01"sv, "localhost");                     // :authority
  literal("\x04"sv, "/grpc.health.v1.Health/Check");  // :path
  literal("\x0f\x10"sv, "application/grpc");          // content-type
  literal("\x00\x02te"sv, "trailers");
  return Frame(kHeaders, kEndHeaders | kEndStream, stream, fields);
}

// What a hostile peer says first, and then again and again; `turn` counts from 0.
std::string First(Hostility hostility) {
  std::string settings;
  if (hostility == Hostility::kNoWindow) settings = "\x00\x04\x00\x00\x00\x00"sv;
  std::string first = std::string(kPreface) + Frame(kSettings, 0, 0, settings);
  if (hostility == Hostility::kCostlyHeaders) {
    first += Frame(kHeaders, 0, 1, BeginningOfALongValue());
  }
  if (hostility == Hostility::kEndlessHeaders) first += Frame(kHeaders, 0, 1, EndlessFields());
  return first;
}

std::string Next(Hostility hostility, uint32_t turn) {
  const uint32_t stream = 2 * turn + 1;
  switch (hostility) {
    case Hostility::kEndlessHeaders:
      return Frame(kContinuation, 0, 1, EndlessFields());
    case Hostility::kCostlyHeaders: {
      constexpr size_t kFew = 32;
      std::string frames;
      for (int i = 0; i < 100; ++i) {
        frames += Frame(kContinuation, 0, 1, std::string(kFew, '\0'));  // "0" after "0"
      }
      return frames;
    }
    case Hostility::kRapidReset:
      return Request(stream) + Frame(kReset, 0, stream, "\x00\x00\x00\x08"sv);
    case Hostility::kPings: {
      std::string pings;
      for (int i = 0; i < 100; ++i) pings += Frame(kPing, 0, 0, "\x01\x02\x03\x04\x05\x06\x07\x08");
      return pings;
    }
    default:
      return Request(stream);
  }
}

using Connection = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

// A peer that does not go on must not hold us for ever.
void BoundWrites(BIO* connection) {
  int descriptor = -1;
  BIO_get_fd(connection, &descriptor);
  const timeval bound{.tv_sec = 0, .tv_usec = 200'000};
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
}

Connection Connected(Connection connection, int port) {
  BIO_set_conn_hostname(connection.get(), fmt::format("127.0.0.1:{}", port).c_str());
  if (BIO_do_connect(connection.get()) != 1) {
    connection.reset();
  } else {
    BoundWrites(connection.get());
  }
  return connection;
}

Connection ConnectByTls(SSL_CTX* context, int port) {
  return Connected(Connection(BIO_new_ssl_connect(context), &BIO_free_all), port);
}
Connection ConnectPlain(int port) {
  return Connected(Connection(BIO_new(BIO_s_connect()), &BIO_free_all), port);
}

// Whether all of it was taken. With `waits` a side that reads nothing for a while is waited for.
bool Send(
    BIO* connection, std::string_view octets, int64_t& taken,
    const std::function<bool()>& waits = [] { return false; }) {
  const int wanted = static_cast<int>(octets.size());
  int written = BIO_write(connection, octets.data(), wanted);
  while (written <= 0 && BIO_should_retry(connection) && waits()) {
    written = BIO_write(connection, octets.data(), wanted);
  }
  if (written > 0) taken += written;
  return written == wanted;
}

// Connections that are held open all the time.
HostileWork HoldOpen(const std::function<Connection()>& connect,
                     const std::function<bool()>& over) {
  HostileWork work;
  std::vector<Connection> held;
  while (!over() && work.connections < kMostConnections) {
    Connection connection = connect();
    if (!connection) continue;
    ++work.connections;
    held.push_back(std::move(connection));
  }
  while (!over()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return work;
}

}  // namespace

const char* HostilityName(Hostility hostility) {
  switch (hostility) {
    case Hostility::kEndlessHeaders:
      return "headers that never end";
    case Hostility::kCostlyHeaders:
      return "a long value in small frames";
    case Hostility::kRapidReset:
      return "requests reset at once";
    case Hostility::kDeafToSettings:
      return "requests without end, settings never acknowledged";
    case Hostility::kNoWindow:
      return "requests whose answers have no room";
    case Hostility::kPings:
      return "pings without end";
    case Hostility::kSilence:
      return "silent connections";
    case Hostility::kHalfHandshake:
      return "handshakes that stop half-way";
    case Hostility::kPlainText:
      return "plain text";
  }
  return "";
}

HostileWork BeHostile(Hostility hostility, int port, const std::filesystem::path& certificate,
                      const std::filesystem::path& key, const std::function<bool()>& over) {
  std::signal(SIGPIPE, SIG_IGN);  // the other side closes while we write
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  constexpr unsigned char kH2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kH2, sizeof kH2);
  const bool named = !certificate.empty();
  if (named && (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1 ||
                SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)) {
    throw std::runtime_error("no certificate to be hostile with");
  }
  if (hostility == Hostility::kSilence) {
    return HoldOpen([&] { return ConnectByTls(context.get(), port); }, over);
  }
  if (hostility == Hostility::kHalfHandshake) {
    return HoldOpen(
        [&] {
          Connection connection = ConnectPlain(port);
          // The first octets of a ClientHello.
          if (connection) BIO_write(connection.get(), "\x16\x03\x01\x02\x00\x01", 6);
          return connection;
        },
        over);
  }
  HostileWork work;
  while (!over() && work.connections < kMostConnections) {
    const bool plain = hostility == Hostility::kPlainText;
    const Connection connection = plain ? ConnectPlain(port) : ConnectByTls(context.get(), port);
    if (!connection) {
      if (work.connections == 0) throw std::runtime_error("nobody to be hostile to");
      continue;
    }
    ++work.connections;
    if (plain) {
      Send(connection.get(), "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", work.octets);
      continue;
    }
    // What such a connection has filled is given back when it is closed: this one is kept.
    const auto waits = [&] { return hostility == Hostility::kEndlessHeaders && !over(); };
    bool taken = Send(connection.get(), First(hostility), work.octets);
    for (uint32_t turn = 0; taken && !over(); ++turn) {
      taken = Send(connection.get(), Next(hostility, turn), work.octets, waits);
    }
  }
  return work;
}

}  // namespace kakunin::e2e
