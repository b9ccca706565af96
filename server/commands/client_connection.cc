#include "server/commands/client_connection.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <vector>

#include "auth/digest.h"
#include "auth/encoding.h"
#include "auth/key_file.h"
#include "domain/error.h"
#include "server/commands/command_output.h"
#include "server/rpc/status.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

constexpr int kMostReceiveBytes = 8 << 20;
constexpr size_t kMostKeyBytes = 16 << 10;

// Advice for refusals that carry no sentence of ours: the connection itself failed.
std::string AdviceFor(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return "サーバーに接続できません。--server, --ca と証明書を確認してください。(cannot reach "
             "the "
             "server, or it refused the certificate: check --server, --ca, --certificate)";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "時間内に応答がありませんでした。もう一度実行してください。(no answer in time: "
             "repeat, "
             "or raise --timeout)";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "このポートでは提供されていません。(not served on this port: check --server)";
    default:
      return "サーバーが拒否しました。(the server refused)";
  }
}

std::shared_ptr<grpc::Channel> ChannelBy(const std::string& server,
                                         const grpc::SslCredentialsOptions& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMostReceiveBytes);
  // A new channel is a new connection: none inherits the waiting of a broken one.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(server, grpc::SslCredentials(tls), arguments);
}

std::string ErrorJson(const grpc::Status& status, const ErrorDescription& error,
                      const std::string& sentence) {
  std::vector<std::string> violations;
  for (const FieldViolation& violation : error.violations) {
    violations.push_back(JsonObject()
                             .Text("field", violation.field)
                             .Text("description", violation.description)
                             .ToString());
  }
  JsonObject inner;
  inner.Text("code", absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code())))
      .Text("reason", error.reason)
      .Text("message", sentence)
      .Raw("violations", JsonArray(violations));
  if (error.retry_after) {
    inner.Number("retry_after_ms", absl::ToInt64Milliseconds(*error.retry_after));
  }
  return JsonObject().Raw("error", inner.ToString()).ToString();
}

}  // namespace

CLI::Option* AddFlagOrVariable(CLI::App& command, const std::string& flag, const char* variable,
                               std::string& value, const std::string& description) {
  // CLI11 hands a variable to every subcommand, also to those that were not called, and after the
  // flags of the one that was: where two share `value` the variable would win.
  return command
      .add_option_function<std::string>(
          flag,
          [&command, &value](const std::string& given) {
            if (command.parsed()) value = given;
          },
          description)
      ->envname(variable);
}

void AddClientOptions(CLI::App& command, ClientOptions& options) {
  AddFlagOrVariable(command, "--server", "KAKUNIN_SERVER", options.server, "HOST:PORT")->required();
  AddFlagOrVariable(command, "--certificate", "KAKUNIN_CERTIFICATE", options.certificate,
                    "Our certificate (PEM)")
      ->required();
  AddFlagOrVariable(command, "--key", "KAKUNIN_KEY", options.key,
                    "Its private key (PEM, mode 0600)")
      ->required();
  AddFlagOrVariable(command, "--ca", "KAKUNIN_CA", options.ca,
                    "CA of the server's certificate (PEM)")
      ->required();
  command.add_option("--timeout", options.timeout_seconds, "Seconds to wait for the answer")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  command.add_flag("--json", options.json, "Print JSON");
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ClientOptions& options) {
  grpc::SslCredentialsOptions tls;
  ASSIGN_OR_RETURN(tls.pem_root_certs, ReadTextFile(options.ca));
  ASSIGN_OR_RETURN(tls.pem_cert_chain, ReadTextFile(options.certificate));
  ASSIGN_OR_RETURN(tls.pem_private_key, auth::ReadPrivateFile(options.key, kMostKeyBytes));
  return ChannelBy(options.server, tls);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ConnectWithoutCertificate(
    const ClientOptions& options) {
  grpc::SslCredentialsOptions tls;
  ASSIGN_OR_RETURN(tls.pem_root_certs, ReadTextFile(options.ca));
  return ChannelBy(options.server, tls);
}

std::unique_ptr<grpc::ClientContext> ContextFor(const ClientOptions& options) {
  auto context = std::make_unique<grpc::ClientContext>();
  const auto millis = static_cast<int64_t>(options.timeout_seconds * 1000);
  context->set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(millis, GPR_TIMESPAN)));
  return context;
}

void FailCall(const ClientOptions& options, const grpc::Status& status) {
  const ErrorDescription error = DescribeError(status);
  const std::string sentence = error.reason.empty() ? AdviceFor(status) : error.sentence;
  if (options.json) {
    fmt::print("{}\n", ErrorJson(status, error, sentence));
    throw CLI::RuntimeError(1);
  }
  fmt::print(stderr, "{}\n", sentence);
  for (const FieldViolation& violation : error.violations) {
    fmt::print(stderr, "  {}: {}\n", violation.field, violation.description);
  }
  if (error.retry_after) {
    fmt::print(stderr, "  {:.1f} 秒後に再試行できます。\n",
               absl::ToDoubleSeconds(*error.retry_after));
  }
  fmt::print(stderr, "[{}{}{}]\n",
             absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code())),
             error.reason.empty() ? "" : " ", error.reason);
  throw CLI::RuntimeError(1);
}

std::string MessageJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) FailCommand("call", absl::InternalError("the answer has no JSON form"));
  return json;
}

}  // namespace kakunin
