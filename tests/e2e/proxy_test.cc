// haproxy in front of the real server, by the configuration that is shipped: everybody is who the
// proxy has seen, nobody else, and headers that never end stay outside.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "auth/der_writer.h"
#include "auth/digest.h"
#include "auth/encoding.h"
#include "auth/issuance.h"
#include "auth/peer_certificate.h"
#include "server/bench/process_usage.h"
#include "server/dev/api_channel.h"
#include "server/dev/sandbox_config.h"
#include "server/dev/service_certificates.h"
#include "server/rpc/peer.h"
#include "server/rpc/status.h"
#include "server/synth/facility_table.h"
#include "server/text_file.h"
#include "tests/e2e/hostile_peer.h"
#include "tests/e2e/sandbox_fixture.h"

namespace kakunin::e2e {
namespace {

constexpr char kProxyName[] = "terminal-0000000000-proxy";
constexpr char kStranger[] = "terminal-0000000000-stranger";

template <class Value>
Value OrThrow(absl::StatusOr<Value> value) {
  if (!value.ok()) throw std::runtime_error(std::string(value.status().message()));
  return *std::move(value);
}
void OrThrow(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
}

class ProxyTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { front_ = new Front(); }
  static void TearDownTestSuite() {
    delete front_;
    front_ = nullptr;
  }

  static std::string T1() {
    return dev::TerminalName(synth::test_facility::kClinic, synth::test_facility::kDesk);
  }

  // Front is a sandbox, a server behind a proxy on its database, and the proxy.
  class Front {
   public:
    Front() : sandbox_(100) {
      const dev::SandboxPaths& paths = sandbox_.paths();
      const auto certificates = OrThrow(dev::ServiceCertificates::Open(paths, absl::Now()));
      OrThrow(certificates.Terminal("0000000000", "proxy").status());
      OrThrow(certificates.Terminal("0000000000", "stranger").status());
      direct_.emplace(sandbox_.SecondServer("direct"));
      StartServer();
      StartProxy();
    }

    RunningSandbox& sandbox() { return sandbox_; }
    int port() const { return port_; }
    int server_port() const { return ports_.terminal; }
    pid_t server() const { return server_->pid(); }
    // direct is a server without a proxy.
    RunningSandbox::Server& direct() { return *direct_; }

   private:
    void StartServer() {
      const dev::SandboxPaths& paths = sandbox_.paths();
      ports_ = OrThrow(dev::FreePorts(20443));
      const auto der =
          auth::PemDecode("CERTIFICATE", OrThrow(ReadTextFile(paths.certificate(kProxyName))));
      std::string config = dev::SandboxConfig(paths, ports_, sandbox_.socket_folder());
      const std::string section = "[terminal]\n";
      config.insert(config.find(section) + section.size(),
                    fmt::format("behind_proxy = true\nproxy_fingerprint = \"{}\"\n",
                                auth::HexEncode(auth::Sha256(*der))));
      const auto file = paths.root() / "behind-proxy.toml";
      OrThrow(ReplaceTextFile(file, config));
      server_.emplace(OrThrow(dev::ChildProcess::Start({KAKUNIN_BINARY, "serve", "--config", file},
                                                       paths.root() / "log" / "behind.log")));
      if (!AwaitReady(ports_.admin)) throw std::runtime_error("not ready behind the proxy");
    }

    std::string WithKey(const std::string& name) {
      const dev::SandboxPaths& paths = sandbox_.paths();
      const auto file = paths.root() / "tls" / (name + "-with-key.pem");
      OrThrow(ReplaceTextFile(file, OrThrow(ReadTextFile(paths.certificate(name))) +
                                        OrThrow(ReadTextFile(paths.key(name)))));
      return file.string();
    }

    void StartProxy() {
      const dev::SandboxPaths& paths = sandbox_.paths();
      port_ = OrThrow(dev::FreePorts(20843)).terminal;
      const std::pair<const char*, std::string> settings[] = {
          {"KAKUNIN_PROXY_BIND", fmt::format("127.0.0.1:{}", port_)},
          {"KAKUNIN_PROXY_SERVER", fmt::format("127.0.0.1:{}", ports_.terminal)},
          {"KAKUNIN_PROXY_TLS", WithKey("server")},
          {"KAKUNIN_PROXY_CLIENTS", paths.ca("terminal").string()},
          {"KAKUNIN_PROXY_IDENTITY", WithKey(kProxyName)},
          {"KAKUNIN_PROXY_SERVER_CA", paths.ca("server").string()}};
      for (const auto& [name, value] : settings) setenv(name, value.c_str(), 1);
      proxy_.emplace(OrThrow(dev::ChildProcess::Start(
          {"/usr/sbin/haproxy", "-db", "-f", KAKUNIN_SOURCE_DIR "/deploy/haproxy/haproxy.cfg"},
          paths.root() / "log" / "haproxy.log")));
      const auto channel = OrThrow(dev::OpenChannel(paths, T1(), port_));
      if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(60)) ||
          proxy_->HasEnded()) {
        throw std::runtime_error("the proxy does not listen\n" +
                                 FileText(paths.root() / "log" / "haproxy.log"));
      }
    }

    RunningSandbox sandbox_;
    std::optional<RunningSandbox::Server> direct_;
    dev::SandboxPorts ports_;
    std::optional<dev::ChildProcess> server_;
    int port_ = 0;
    std::optional<dev::ChildProcess> proxy_;
  };

  // What a number query of `party` comes to, with these metadata: "" or why not.
  static std::string Ask(int port, const std::string& party,
                         const std::vector<std::pair<std::string, std::string>>& metadata = {}) {
    const auto channel = OrThrow(dev::OpenChannel(front_->sandbox().paths(), party, port));
    const auto person = synth::TestPersons(front_->sandbox().sandbox().nation_day()).front();
    v1::BeginCardAuthenticationRequest request;
    request.set_purpose(v1::CARD_PURPOSE_CONFIRM);
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    v1::BeginCardAuthenticationResponse answer;
    grpc::ClientContext context;
    dev::PrepareCall(context, absl::Seconds(20));
    for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
    const grpc::Status status = v1::EligibilityService::NewStub(channel)->BeginCardAuthentication(
        &context, request, &answer);
    if (status.ok()) return "";
    const std::string reason = DescribeError(status).reason;
    return reason.empty() ? "the transport: " + status.error_message() : reason;
  }

  static Front* front_;
};

ProxyTest::Front* ProxyTest::front_ = nullptr;

TEST_F(ProxyTest, EverybodyIsWhoTheProxyHasSeen) {
  EXPECT_EQ(Ask(front_->port(), T1()), "");
  EXPECT_EQ(Ask(front_->port(), kStranger), "CERTIFICATE_NOT_REGISTERED");
  Desk desk(front_->sandbox().paths(), front_->port());
  for (const synth::TestPerson& person :
       synth::TestPersons(front_->sandbox().sandbox().nation_day())) {
    v1::ConfirmByInsuredNumberResponse answer;
    const grpc::Status status =
        desk.ByNumber(person.ask, front_->sandbox().sandbox().nation_day(), answer);
    ASSERT_TRUE(status.ok()) << person.id << " " << status.error_message();
    EXPECT_EQ(answer.validity(), person.by_number) << person.id;
  }
}

TEST_F(ProxyTest, NobodySpeaksForAnother) {
  const std::string der = *auth::PemDecode(
      "CERTIFICATE", OrThrow(ReadTextFile(front_->sandbox().paths().certificate(T1()))));
  const std::string base64 = auth::Base64Encode(der);
  const std::string name = kProxyHeader;
  const std::vector<std::vector<std::pair<std::string, std::string>>> spellings = {
      {{name, base64}},
      {{name, base64}, {name, base64}},
      {{name, base64 + "," + base64}},
      {{name, " " + base64}},
      {{name, base64 + " "}},
      {{name + "-bin", der}},
      {{name + "_", base64}},
      {{"x-" + name, base64}},
      {{"kakunin_client_certificate", base64}},
      {{name + ".1", base64}},
      {{"x-forwarded-client-cert", "Cert=\"" + base64 + "\""}},
      {{"x-ssl-client-cert", base64}, {name, ""}},
  };
  for (const auto& metadata : spellings) {
    EXPECT_EQ(Ask(front_->port(), kStranger, metadata), "CERTIFICATE_NOT_REGISTERED")
        << metadata.front().first;
    EXPECT_EQ(Ask(front_->port(), T1(), metadata), "") << metadata.front().first;
  }
}

TEST_F(ProxyTest, NobodyButTheProxyIsHeardByTheServer) {
  const std::string base64 = auth::Base64Encode(*auth::PemDecode(
      "CERTIFICATE", OrThrow(ReadTextFile(front_->sandbox().paths().certificate(T1())))));
  EXPECT_EQ(Ask(front_->server_port(), T1()), "PROXY_HEADER_REFUSED");
  EXPECT_EQ(Ask(front_->server_port(), T1(), {{kProxyHeader, base64}}), "PROXY_HEADER_REFUSED");
  EXPECT_EQ(Ask(front_->server_port(), kStranger, {{kProxyHeader, base64}}),
            "PROXY_HEADER_REFUSED");
}

// The server's own client_ca judges what the proxy says: its identity in the wrong hands, or its
// ca-file with one CA too many, names nobody else.
TEST_F(ProxyTest, NotEvenTheProxyNamesWhomTheServersCaDoesNotKnow) {
  const int port = front_->server_port();
  const std::string genuine = *auth::PemDecode(
      "CERTIFICATE", OrThrow(ReadTextFile(front_->sandbox().paths().certificate(T1()))));
  EXPECT_EQ(Ask(port, kProxyName, {{kProxyHeader, auth::Base64Encode(genuine)}}), "");
  const absl::Time begin = absl::Now() - absl::Hours(1);
  const absl::Time end = absl::Now() + absl::Hours(1);
  const auth::Authority stranger =
      auth::MakeAuthority(auth::MakeName({{auth::kOidCommonName, "another CA"}}),
                          auth::PrivateKey::GenerateP256(), begin, end);
  const auto name = auth::ReadPeerCertificate(auth::CertificatePem(genuine));
  ASSERT_TRUE(name.ok());
  const std::string forged =
      auth::IssueClient(stranger, auth::PrivateKey::GenerateP256(), name->uris, "desk",
                        auth::RandomSerial(), begin, end);
  // The registry is asked first; what a registered one of another CA gets is in behind_proxy_test.
  EXPECT_EQ(Ask(port, kProxyName, {{kProxyHeader, auth::Base64Encode(forged)}}),
            "CERTIFICATE_NOT_REGISTERED");
}

// What becomes of a desk, and of the server's memory, while a peer is hostile to `port`.
struct Beside {
  HostileWork work;
  std::vector<double> took_ms;
  int failed = 0;
  int64_t grown = 0;
};

class HostilePeerTest : public ProxyTest, public testing::WithParamInterface<Hostility> {
 protected:
  static Beside Suffer(Hostility hostility, int port, pid_t server) {
    const dev::SandboxPaths& paths = front_->sandbox().paths();
    Beside beside;
    const int64_t before = bench::ResidentOctets(server);
    std::atomic<bool> over{false};
    std::thread desk([&] {
      Desk one(paths, port);
      v1::BeginCardAuthenticationResponse answer;
      while (!over || beside.took_ms.size() < 20) {
        const auto began = std::chrono::steady_clock::now();
        beside.failed += one.Begin(answer).ok() ? 0 : 1;
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - began;
        beside.took_ms.push_back(took.count());
      }
    });
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    beside.work = BeHostile(hostility, port, paths.certificate(kStranger), paths.key(kStranger),
                            [until] { return std::chrono::steady_clock::now() >= until; });
    over = true;
    desk.join();
    beside.grown = bench::ResidentOctets(server) - before;
    std::sort(beside.took_ms.begin(), beside.took_ms.end());
    fmt::print(
        "{}: {} connections, {} kB; of {} calls beside it {} failed, p99 {:.1f} ms; the "
        "server grew by {} kB\n",
        HostilityName(hostility), beside.work.connections, beside.work.octets >> 10,
        beside.took_ms.size(), beside.failed, beside.took_ms[beside.took_ms.size() * 99 / 100],
        beside.grown >> 10);
    return beside;
  }
};

TEST_P(HostilePeerTest, StaysOutsideTheProxy) {
  const Beside beside = Suffer(GetParam(), front_->port(), front_->server());
  EXPECT_GT(beside.work.connections, 0);
  EXPECT_EQ(beside.failed, 0);
  EXPECT_LT(beside.grown, 100 << 20);
}

// But for headers that never end: of these the server dies, by its unit's MemoryMax, which also
// bounds what the others make it hold.
TEST_P(HostilePeerTest, IsOutlivedByTheServerAlone) {
  if (GetParam() == Hostility::kEndlessHeaders) return;
  const int port = front_->direct().ports.terminal;
  const Beside beside = Suffer(GetParam(), port, front_->direct().process.pid());
  EXPECT_EQ(beside.failed, 0);
  EXPECT_EQ(Ask(port, T1()), "");
}

INSTANTIATE_TEST_SUITE_P(
    Every, HostilePeerTest,
    testing::Values(Hostility::kEndlessHeaders, Hostility::kCostlyHeaders, Hostility::kRapidReset,
                    Hostility::kDeafToSettings, Hostility::kNoWindow, Hostility::kPings,
                    Hostility::kSilence, Hostility::kHalfHandshake, Hostility::kPlainText),
    [](const auto& info) { return fmt::format("Way{}", static_cast<int>(info.param)); });

}  // namespace
}  // namespace kakunin::e2e
