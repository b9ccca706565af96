// Ports in processes of their own, beside the desks': what gRPC cannot stand ends the process whose
// port it came to and no other, and that one serves again when its supervisor has started it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "server/bench/process_usage.h"
#include "server/dev/api_channel.h"
#include "server/synth/facility_table.h"
#include "server/text_file.h"
#include "tests/e2e/hostile_peer.h"
#include "tests/e2e/sandbox_fixture.h"
#include "tests/rpc/raw_call.h"

namespace kakunin::e2e {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// As MemoryMax of deploy/systemd/kakunin-onboarding.service, where the kernel ends the process;
// here this test does.
constexpr int64_t kMemoryMax = int64_t{512} << 20;
// The units' RestartSec.
constexpr double kRestartSeconds = 1;

// Sections is a configuration with the sections alone that are kept.
std::string Sections(const std::string& config, const std::function<bool(std::string)>& keeps) {
  std::string text;
  bool kept = true;
  std::istringstream lines(config);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) kept = keeps(line);
    if (kept) text += line + "\n";
  }
  return text;
}
class PortsApart : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    running_ = new RunningSandbox(100);
    desks_ = new RunningSandbox::Server(running_->SecondServer("desks", [](const auto& config) {
      static const std::set<std::string> others = {"[insurer]", "[operator]", "[onboarding]",
                                                   "[terminal_certificates]"};
      return Sections(config, [](const auto& name) { return !others.contains(name); });
    }));
  }
  static void TearDownTestSuite() {
    delete desks_;
    delete running_;
  }

  // Beside is what desks saw meanwhile.
  struct Beside {
    std::vector<double> took_ms;
    int failed = 0;
    double p99() {
      std::ranges::sort(took_ms);
      return took_ms[took_ms.size() * 99 / 100];
    }
  };
  static void AskOnce(Desk& desk, Beside& beside) {
    v1::BeginCardAuthenticationResponse answer;
    const auto began = steady_clock::now();
    beside.failed += desk.Begin(answer).ok() ? 0 : 1;
    const std::chrono::duration<double, std::milli> took = steady_clock::now() - began;
    beside.took_ms.push_back(took.count());
  }

  // Peer does something hostile until it is left.
  class Peer {
   public:
    // `name` of a certificate, "" for none.
    Peer(Hostility hostility, int port, const std::string& name)
        : thread_([this, hostility, port, name] {
            const dev::SandboxPaths& paths = running_->paths();
            try {
              BeHostile(hostility, port, name.empty() ? "" : paths.certificate(name),
                        name.empty() ? "" : paths.key(name), [this] { return over_.load(); });
            } catch (const std::exception& error) {
              ADD_FAILURE() << error.what();
            }
          }) {}
    ~Peer() {
      over_ = true;
      thread_.join();
    }

   private:
    std::atomic<bool> over_{false};
    std::thread thread_;
  };

  // Whether somebody behind this port says what we did wrong.
  static bool IsHeard(const std::string& party, int port, const std::string& method) {
    std::shared_ptr<grpc::Channel> channel;
    const std::string address = fmt::format("localhost:{}", port);
    if (party.empty()) {
      grpc::SslCredentialsOptions tls;
      tls.pem_root_certs = ReadTextFile(running_->paths().ca("server")).value();
      channel = grpc::CreateChannel(address, grpc::SslCredentials(tls));
    } else {
      channel = dev::OpenChannel(running_->paths(), party, port).value();
    }
    const Outcome outcome = CallWith(channel, method, "");
    return outcome.status.ok() || !outcome.reason().empty();
  }

  // Flooded is a process of its own and what a peer makes of it.
  struct Flooded {
    std::string name;
    std::set<std::string> sections;
    int dev::SandboxPorts::*port;
    std::string party;   // the peer's certificate, "" for none
    std::string method;  // that answers whoever is heard
    int rounds;
    bool bounded;  // the port itself bounds what is held
  };

  // AwaitHeard returns how long from now on until somebody is heard by the process, or by the one
  // that is started when it has ended, as systemd does.
  static double AwaitHeard(const Flooded& flooded, RunningSandbox::Server& apart) {
    const auto began = steady_clock::now();
    const auto since = [&] {
      return std::chrono::duration<double>(steady_clock::now() - began).count();
    };
    while (since() < 120) {
      if (apart.process.HasEnded()) {
        auto again = dev::ChildProcess::Start({KAKUNIN_BINARY, "serve", "--config",
                                               running_->paths().root() / (flooded.name + ".toml")},
                                              apart.log);
        EXPECT_TRUE(again.ok()) << again.status();
        if (!again.ok()) break;
        apart.process = *std::move(again);
        EXPECT_TRUE(AwaitReady(apart.ports.admin));
      }
      if (IsHeard(flooded.party, apart.ports.*flooded.port, flooded.method)) break;
    }
    return since();
  }

  // Flood has a peer send headers without end until the process ends, by itself or where its unit's
  // MemoryMax would end it, or for a time in which a deaf one would have ended itself.
  static void Flood(const Flooded& flooded) {
    RunningSandbox::Server apart =
        running_->SecondServer(flooded.name, [&](const std::string& config) {
          return Sections(config,
                          [&](const auto& name) { return flooded.sections.contains(name); });
        });
    const int port = apart.ports.*flooded.port;
    EXPECT_TRUE(IsHeard(flooded.party, port, flooded.method));
    const int64_t before = bench::ResidentOctets(desks_->process.pid());
    Desk desk(running_->paths(), desks_->ports.terminal);
    const auto most_time = flooded.bounded ? seconds(12) : seconds(90);
    for (int round = 0; round < flooded.rounds; ++round) {
      Beside beside;
      int64_t most = 0;
      const auto began = steady_clock::now();
      {
        const Peer peer(Hostility::kEndlessHeaders, port, flooded.party);
        while (!apart.process.HasEnded() && most < kMemoryMax &&
               steady_clock::now() < began + most_time) {
          AskOnce(desk, beside);
          most = std::max(most, bench::ResidentOctets(apart.process.pid()));
        }
      }
      const std::chrono::duration<double> lasted = steady_clock::now() - began;
      const bool deaf = apart.process.HasEnded();
      const bool full = most >= kMemoryMax;
      EXPECT_TRUE(flooded.bounded ? !full : full || deaf) << (most >> 20) << " MB";
      if (full) kill(apart.process.pid(), SIGKILL);
      const double silent = AwaitHeard(flooded, apart) + (full || deaf ? kRestartSeconds : 0);
      for (int i = 0; i < 20; ++i) AskOnce(desk, beside);
      fmt::print(
          "{}: {:.1f} s of headers, {} MB at most, {}; heard again {:.1f} s later; of {} calls of "
          "a "
          "desk beside it {} failed, p99 {:.1f} ms\n",
          flooded.name, lasted.count(), most >> 20,
          deaf   ? "then it was deaf and ended itself"
          : full ? "where MemoryMax ends it"
                 : "which it outlived",
          silent, beside.took_ms.size(), beside.failed, beside.p99());
      // Ten on a machine that does nothing else; this one may compile.
      EXPECT_LT(silent, 40);
      EXPECT_EQ(beside.failed, 0);
    }
    EXPECT_LT(bench::ResidentOctets(desks_->process.pid()) - before, 100 << 20);
    EXPECT_FALSE(desks_->process.HasEnded());
  }

  static std::string Insurer() {
    return dev::InsurerName(
        synth::TestPersons(running_->sandbox().nation_day()).front().ask.insurer_number);
  }

  static RunningSandbox* running_;
  static RunningSandbox::Server* desks_;
};

RunningSandbox* PortsApart::running_ = nullptr;
RunningSandbox::Server* PortsApart::desks_ = nullptr;

const std::set<std::string> kOfEvery = {"[environment]", "[database]",  "[admin]",
                                        "[keys]",        "[admission]", "[contact]"};
std::set<std::string> Also(std::set<std::string> more) {
  more.insert(kOfEvery.begin(), kOfEvery.end());
  return more;
}

// The port's quota bounds what it holds; while that is used up nobody else is heard, and where that
// lasts the process ends itself.
TEST_F(PortsApart, APeerWithoutACertificateReachesTheOnboardingProcessAndNoOther) {
  Flood({.name = "onboarding",
         .sections = Also({"[onboarding]", "[terminal_certificates]"}),
         .port = &dev::SandboxPorts::onboarding,
         .party = "",
         .method = "/kakunin.v1.OnboardingService/ListNews",
         .rounds = 1,
         .bounded = true});
}

TEST_F(PortsApart, AnInsurerEndsTheInsurersProcessAndNoOther) {
  Flood({.name = "insurers",
         .sections = Also({"[insurer]", "[feeds]"}),
         .port = &dev::SandboxPorts::insurer,
         .party = Insurer(),
         .method = "/kakunin.v1.DeliveryService/GetDeliveryStatus",
         .rounds = 1,
         .bounded = false});
}

// What else a peer may do, done to the insurers' process: a desk of another one is answered.
TEST_F(PortsApart, WhateverAnInsurerDoesToItsProcessDesksAreAnswered) {
  Desk desk(running_->paths(), desks_->ports.terminal);
  for (const Hostility hostility : {Hostility::kRapidReset, Hostility::kDeafToSettings,
                                    Hostility::kNoWindow, Hostility::kPings, Hostility::kSilence}) {
    const RunningSandbox::Server apart =
        running_->SecondServer("insurers", [](const std::string& config) {
          const auto kept = Also({"[insurer]", "[feeds]"});
          return Sections(config, [&](const auto& name) { return kept.contains(name); });
        });
    Beside beside;
    int64_t most = 0;
    {
      const Peer peer(hostility, apart.ports.insurer, Insurer());
      const auto until = steady_clock::now() + std::chrono::milliseconds(700);
      while (steady_clock::now() < until && most < 2 * kMemoryMax) {
        AskOnce(desk, beside);
        most = std::max(most, bench::ResidentOctets(apart.process.pid()));
      }
      kill(apart.process.pid(), SIGKILL);  // what it holds is no more needed
    }
    fmt::print(
        "{}: the insurers' process at {} MB; of {} calls of a desk {} failed, p99 {:.1f} ms\n",
        HostilityName(hostility), most >> 20, beside.took_ms.size(), beside.failed, beside.p99());
    EXPECT_EQ(beside.failed, 0) << HostilityName(hostility);
  }
}

// In one process the desks go with it: what the documents say, and why ports are to be apart.
TEST_F(PortsApart, InOneProcessAnInsurerEndsTheDesksToo) {
  const RunningSandbox::Server together = running_->SecondServer("together");
  const pid_t process = together.process.pid();
  const int64_t before = bench::ResidentOctets(process);
  const Peer peer(Hostility::kEndlessHeaders, together.ports.insurer, Insurer());
  const auto began = steady_clock::now();
  int64_t held = before;
  while (held != 0 && held < before + kMemoryMax && steady_clock::now() < began + seconds(60)) {
    held = bench::ResidentOctets(process);  // 0: it is gone
  }
  const std::chrono::duration<double> took = steady_clock::now() - began;
  fmt::print("headers that never end, to the insurers' port: {} MB after {:.1f} s\n", held >> 20,
             took.count());
  EXPECT_TRUE(held == 0 || held >= before + kMemoryMax);
}

}  // namespace
}  // namespace kakunin::e2e
