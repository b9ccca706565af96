#include "tests/faults/installation.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <fstream>
#include <pqxx/pqxx>
#include <stdexcept>
#include <thread>

#include "auth/encoding.h"
#include "server/clock.h"
#include "server/dev/sandbox_config.h"
#include "server/dev/service_certificates.h"
#include "server/text_file.h"

namespace kakunin::faults {
namespace {

using std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

void OrThrow(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
}

// A connection that says nothing; refused ones too.
int Connect(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return connection;
}

// What a port shows to whoever connects, DER; empty when nothing.
std::string ShownCertificate(int port) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> connection(BIO_new_ssl_connect(context.get()),
                                                                 &BIO_free_all);
  BIO_set_conn_hostname(connection.get(), fmt::format("127.0.0.1:{}", port).c_str());
  if (BIO_do_connect(connection.get()) != 1) return "";
  SSL* tls = nullptr;
  BIO_get_ssl(connection.get(), &tls);
  const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(tls),
                                                          &X509_free);
  unsigned char* octets = nullptr;
  const int size = shown ? i2d_X509(shown.get(), &octets) : 0;
  if (size <= 0) return "";
  std::string der(reinterpret_cast<const char*>(octets), static_cast<size_t>(size));
  OPENSSL_free(octets);
  return der;
}

// The process `pid` and those that it started, of all that run.
std::vector<pid_t> Family(pid_t pid) {
  std::vector<pid_t> family{pid};
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (std::isdigit(static_cast<unsigned char>(name[0])) == 0) continue;
    std::ifstream stat(entry.path() / "stat");
    std::string text;
    std::getline(stat, text);
    // "pid (name) state parent": the name may hold anything, a parenthesis too.
    const size_t end = text.rfind(')');
    if (end == std::string::npos) continue;
    if (std::stoi(text.substr(end + 4)) == pid) family.push_back(std::stoi(name));
  }
  return family;
}

// The full counts ask more in an hour than a terminal may.
constexpr char kManyInquiries[] = R"(
[guessing]
no_match_per_terminal = 1000000
no_match_per_facility = 1000000
persons_per_terminal = 1000000
persons_per_facility = 1000000
)";

}  // namespace

void AwaitProcessEnd(pid_t pid) {
  const auto until = steady_clock::now() + std::chrono::minutes(1);
  while (kill(pid, 0) == 0) {
    if (steady_clock::now() > until) throw std::runtime_error("PostgreSQL does not end");
    std::this_thread::yield();
  }
}

Installation::Installation(int64_t persons, const std::string& binary) : sandbox_(persons, binary) {
  {
    pqxx::connection database(database_info());
    pqxx::nontransaction(database).exec("ALTER SYSTEM SET track_commit_timestamp = on");
  }
  StopDatabase();
  StartDatabase();
  for (size_t i = 0; i < kServers; ++i) {
    auto server = std::make_unique<Server>();
    server->binary = binary;
    const auto ports = dev::FreePorts(19443);
    OrThrow(ports.status());
    server->ports = *ports;
    const std::string name = fmt::format("faulted-{}", i + 1);
    server->config = sandbox_.paths().root() / (name + ".toml");
    server->log = sandbox_.paths().root() / "log" / (name + ".log");
    OrThrow(ReplaceTextFile(server->config, dev::SandboxConfig(sandbox_.paths(), server->ports,
                                                               sandbox_.socket_folder()) +
                                                kManyInquiries));
    StartServer(*server);
    if (!e2e::AwaitReady(server->ports.admin)) {
      throw std::runtime_error("not ready\n" + e2e::FileText(server->log));
    }
    servers_.push_back(std::move(server));
  }
}

std::string Installation::database_info(const std::string& role) const {
  return fmt::format("host={} dbname=kakunin user={}", sandbox_.socket_folder(), role);
}

void Installation::StartServer(Server& server) {
  auto process =
      dev::ChildProcess::Start({server.binary, "serve", "--config", server.config}, server.log);
  OrThrow(process.status());
  server.process = std::make_unique<dev::ChildProcess>(*std::move(process));
}

void Installation::StartDatabase() const {
  const std::string cluster = sandbox_.paths().root() / "pg";
  const auto until = steady_clock::now() + std::chrono::seconds(60);
  // The processes that a killed postmaster left hold its memory until they have noticed.
  for (;;) {
    const auto started =
        dev::ChildProcess::Run({KAKUNIN_SOURCE_DIR "/deploy/postgres-private", "start", cluster});
    if (started.ok()) return;
    if (steady_clock::now() > until) OrThrow(started.status());
  }
}

void Installation::StopDatabase() const {
  OrThrow(dev::ChildProcess::Run({KAKUNIN_SOURCE_DIR "/deploy/postgres-private", "stop",
                                  sandbox_.paths().root() / "pg"})
              .status());
}

pid_t Installation::Postmaster() const {
  std::ifstream file(sandbox_.paths().root() / "pg" / "data" / "postmaster.pid");
  pid_t pid = 0;
  if (!(file >> pid)) throw std::runtime_error("PostgreSQL does not run");
  return pid;
}

Seconds Installation::KillServer(size_t which) {
  Server& server = *servers_.at(which);
  const auto killed = steady_clock::now();
  kill(server.process->pid(), SIGKILL);
  server.process->Stop(std::chrono::seconds(5));
  StartServer(server);
  if (!e2e::AwaitReady(server.ports.admin)) {
    throw std::runtime_error("not ready again\n" + e2e::FileText(server.log));
  }
  return steady_clock::now() - killed;
}

void Installation::ReplaceServer(size_t which, const std::string& binary) {
  Server& server = *servers_.at(which);
  if (!server.process->Stop(std::chrono::seconds(10))) throw std::runtime_error("it does not stop");
  server.binary = binary;
  StartServer(server);
  if (!e2e::AwaitReady(server.ports.admin)) {
    throw std::runtime_error("not ready\n" + e2e::FileText(server.log));
  }
}

void Installation::KillBackend(std::mt19937_64& random) const {
  std::vector<pid_t> backends;
  pqxx::connection database(database_info());
  for (const auto& row : pqxx::nontransaction(database).exec(
           "SELECT pid FROM pg_stat_activity WHERE usename LIKE 'kakunin%' ORDER BY pid")) {
    backends.push_back(row[0].as<pid_t>());
  }
  if (backends.empty()) throw std::runtime_error("no server is connected");
  kill(backends.at(random() % backends.size()), SIGKILL);
  // All are ended, ours too, before PostgreSQL recovers.
  try {
    for (;;) pqxx::nontransaction(database).exec("SELECT");
  } catch (const pqxx::broken_connection&) {
    StartDatabase();
  }
}

void Installation::KillDatabase() const {
  const pid_t postmaster = Postmaster();
  kill(postmaster, SIGKILL);
  AwaitProcessEnd(postmaster);
  StartDatabase();
}

absl::Time Installation::Freeze(std::chrono::milliseconds span) const {
  const std::vector<pid_t> family = Family(Postmaster());
  for (const pid_t pid : family) kill(pid, SIGSTOP);
  const absl::Time frozen = absl::Now();
  std::this_thread::sleep_for(span);
  for (const pid_t pid : family) kill(pid, SIGCONT);
  return frozen;
}

void Installation::Hold(std::chrono::milliseconds span) const {
  pqxx::connection database(database_info());
  pqxx::work work(database);
  work.exec("LOCK TABLE kakunin.confirmation IN ACCESS EXCLUSIVE MODE");
  std::this_thread::sleep_for(span);
}

Installation::Heard Installation::Deafen() const {
  const auto ports = dev::FreePorts(19843);
  OrThrow(ports.status());
  const auto config = sandbox_.paths().root() / "deafened.toml";
  OrThrow(ReplaceTextFile(config,
                          dev::SandboxConfig(sandbox_.paths(), *ports, sandbox_.socket_folder())));
  const auto start = [&](const char* descriptors) {
    auto process = dev::ChildProcess::Start(
        {"/usr/bin/prlimit", descriptors, KAKUNIN_BINARY, "serve", "--config", config},
        sandbox_.paths().root() / "log" / "deafened.log");
    OrThrow(process.status());
    return *std::move(process);
  };
  dev::ChildProcess process = start("--nofile=256:256");
  if (!e2e::AwaitReady(ports->admin)) throw std::runtime_error("not ready with 256 descriptors");
  const auto began = steady_clock::now();
  std::vector<int> silent;
  for (int i = 0; i < 400; ++i) silent.push_back(Connect(ports->terminal));
  // They go again while the process lives: what is left of it must not look well.
  std::this_thread::sleep_for(std::chrono::seconds(1));
  for (const int connection : silent) close(connection);
  Heard heard;
  while (ShownCertificate(ports->terminal).empty()) {
    if (steady_clock::now() > began + std::chrono::minutes(1)) {
      throw std::runtime_error("deaf, and it lives");
    }
    if (!process.HasEnded()) continue;
    heard.wait_status = process.Stop(std::chrono::seconds(1));
    process = start("--nofile=4096:4096");  // as its supervisor does
    e2e::AwaitReady(ports->admin);
  }
  heard.after = steady_clock::now() - began;
  return heard;
}

void Installation::SetClock(absl::Duration offset) {
  OrThrow(SandboxClock::WriteOffset(sandbox_.paths().clock_offset(), offset));
  OrThrow(sandbox_.sandbox().Tend());
  // Twice as long as a server may take to look; what it loads of CRLs comes later.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
}

void Installation::RotateServerCertificate() const {
  const dev::SandboxPaths& paths = sandbox_.paths();
  std::filesystem::remove(paths.certificate("server"));
  OrThrow(dev::ServiceCertificates::Open(paths, absl::Now()).status());
  const auto pem = ReadTextFile(paths.certificate("server"));
  OrThrow(pem.status());
  const std::string made = auth::PemDecode("CERTIFICATE", *pem).value();
  const auto until = steady_clock::now() + std::chrono::seconds(15);
  for (const auto& server : servers_) {
    for (const int port :
         {server->ports.terminal, server->ports.insurer, server->ports.operators}) {
      while (ShownCertificate(port) != made) {
        if (steady_clock::now() > until) throw std::runtime_error("the old certificate is shown");
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
  }
}

}  // namespace kakunin::faults
