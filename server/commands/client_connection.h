#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <string_view>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "server/text_file.h"

namespace kakunin {

// ClientOptions is how a command reaches a server, and as whom.
struct ClientOptions {
  std::string server;
  std::string certificate;
  std::string key;
  std::string ca;
  double timeout_seconds = 10;
  bool json = false;
};

// AddFlagOrVariable adds an option whose value is the flag's or else the environment variable's,
// and only of the subcommand that was called: the variable never reaches a `value` that another
// subcommand shares. `command` and `value` outlive the parsing.
CLI::Option* AddFlagOrVariable(CLI::App& command, const std::string& flag, const char* variable,
                               std::string& value, const std::string& description);

// AddClientOptions adds --server, --certificate, --key, --ca, --timeout and --json; the first four
// may come from the environment (KAKUNIN_SERVER ...) so that they are typed once.
void AddClientOptions(CLI::App& command, ClientOptions& options);

// Connect is a channel with mutual TLS. NOT_FOUND when a file cannot be read, FAILED_PRECONDITION
// when the key is open to others. Connecting itself happens with the first call.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ClientOptions& options);

// ConnectWithoutCertificate is a channel with TLS of the server alone, by `server` and `ca`.
absl::StatusOr<std::shared_ptr<grpc::Channel>> ConnectWithoutCertificate(
    const ClientOptions& options);

// ContextFor is the context of one call with its deadline.
std::unique_ptr<grpc::ClientContext> ContextFor(const ClientOptions& options);

// FailCall ends the command (exit 1) after telling what the server answered: the sentence for the
// clerk, the fields and what to do next; with --json as one object on standard output.
[[noreturn]] void FailCall(const ClientOptions& options, const grpc::Status& status);

// MessageJson is a message as JSON: the proto's field names, several lines.
std::string MessageJson(const google::protobuf::Message& message);

}  // namespace kakunin
