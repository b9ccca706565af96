#include "server/dev/api_channel.h"

#include <fmt/format.h>

#include <array>

#include "absl/strings/cord.h"
#include "auth/digest.h"
#include "auth/encoding.h"
#include "domain/error.h"
#include "server/text_file.h"

namespace kakunin::dev {
namespace {

constexpr char kDetailsUrl[] = "kakunin/call_details";

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const SandboxPaths& paths,
                                                           std::string_view party, int port) {
  grpc::SslCredentialsOptions options;
  ASSIGN_OR_RETURN(options.pem_root_certs, ReadTextFile(paths.ca("server")));
  ASSIGN_OR_RETURN(options.pem_cert_chain, ReadTextFile(paths.certificate(party)));
  ASSIGN_OR_RETURN(options.pem_private_key, ReadTextFile(paths.key(party)));
  grpc::ChannelArguments arguments;
  // Parties differ by certificate only: gRPC would let them share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(8 << 20);
  return grpc::CreateCustomChannel(fmt::format("localhost:{}", port), grpc::SslCredentials(options),
                                   arguments);
}

void PrepareCall(grpc::ClientContext& context, absl::Duration timeout) {
  const gpr_timespec span = gpr_time_from_millis(absl::ToInt64Milliseconds(timeout), GPR_TIMESPAN);
  context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), span));
}

absl::Status StatusOf(std::string_view method, const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  absl::Status named(code, fmt::format("{}: {} {}", method, absl::StatusCodeToString(code),
                                       status.error_message()));
  if (!status.error_details().empty()) {
    named.SetPayload(kDetailsUrl, absl::Cord(status.error_details()));
  }
  return named;
}

grpc::Status CallStatusOf(const absl::Status& status) {
  const auto details = status.GetPayload(kDetailsUrl);
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
          details.has_value() ? std::string(*details) : std::string()};
}

}  // namespace kakunin::dev
