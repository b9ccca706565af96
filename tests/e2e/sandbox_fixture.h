#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kakunin/v1/eligibility_service.grpc.pb.h"
#include "server/dev/sandbox.h"
#include "server/synth/test_persons.h"

namespace kakunin::e2e {

// RunningSandbox is a whole installation of the real binary, up for as long as it lives, in a
// folder of its own that it removes. Its output is kept, for the canaries. At its end what its
// servers and its database have logged is searched for them, and the test fails that ends it where
// there is one.
class RunningSandbox {
 public:
  // Throws when it does not come up.
  explicit RunningSandbox(int64_t persons, const std::string& binary = KAKUNIN_BINARY);
  ~RunningSandbox();

  dev::Sandbox& sandbox() { return *sandbox_; }
  const dev::SandboxPaths& paths() const { return sandbox_->paths(); }
  const std::string& said() const { return said_; }
  std::filesystem::path database_log() const { return folder_ / "pg" / "data" / "server.log"; }
  std::string socket_folder() const { return (folder_ / "pg" / "socket").string(); }

  // SecondServer starts one more server process on the same database, on other ports.
  struct Server {
    dev::ChildProcess process;
    dev::SandboxPorts ports;
    std::filesystem::path log;
  };
  // `edit` may change its configuration first.
  Server SecondServer(const std::string& name,
                      const std::function<std::string(std::string)>& edit = {});

  // TestCard opens a test person's card from the sandbox's files.
  struct Card {
    std::string certificate;  // DER
    auth::PrivateKey key;
  };
  Card TestCard(const std::string& person) const;

 private:
  const int64_t persons_;
  std::filesystem::path folder_;
  std::string said_;
  std::optional<dev::Sandbox> sandbox_;
};

// Desk is the clinic's desk terminal T1 unless told otherwise, connected to a terminal port.
class Desk {
 public:
  Desk(const dev::SandboxPaths& paths, int port, const std::string& terminal = "T1");

  grpc::Status ByNumber(const synth::TestAsk& ask, absl::CivilDay day,
                        v1::ConfirmByInsuredNumberResponse& answer);
  // ByCard begins and confirms; Begin and Confirm are its halves.
  grpc::Status ByCard(const RunningSandbox::Card& card, absl::CivilDay day,
                      v1::ConfirmByCardResponse& answer);
  grpc::Status Begin(v1::BeginCardAuthenticationResponse& challenge);
  grpc::Status Confirm(const RunningSandbox::Card& card,
                       const v1::BeginCardAuthenticationResponse& challenge, absl::CivilDay day,
                       v1::ConfirmByCardResponse& answer);

 private:
  std::unique_ptr<v1::EligibilityService::Stub> stub_;
};

// AwaitReady waits until the admin port says ready. Returns whether it did within 30 s.
bool AwaitReady(int admin_port);

// AdminText fetches a page of the admin port; empty when it cannot.
std::string AdminText(int admin_port, const std::string& path);

// FileText is a whole file, empty when it is not there.
std::string FileText(const std::filesystem::path& path);

}  // namespace kakunin::e2e
