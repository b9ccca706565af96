#include "server/listener.h"

#include <fmt/format.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <fstream>

namespace kakunin {
namespace {

constexpr unsigned kLookEverySeconds = 10;

absl::Status CheckReadable(const std::filesystem::path& file, std::string_view what) {
  if (std::ifstream(file).good()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("cannot read the {} {}: make the file or correct its path in the configuration",
                  what, file.string()));
}

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentialsFor(
    const ListenerConfig& config) {
  using grpc::experimental::FileWatcherCertificateProvider;
  for (const auto& [file, what] :
       {std::pair{config.server_certificate, "server certificate"},
        std::pair{config.server_key, "server key"}, std::pair{config.client_ca, "client CA"}}) {
    if (const absl::Status status = CheckReadable(file, what); !status.ok()) return status;
  }
  const auto provider = std::make_shared<FileWatcherCertificateProvider>(
      config.server_key.string(), config.server_certificate.string(), config.client_ca.string(),
      kLookEverySeconds);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

void ApplyLimits(const ListenerLimits& limits, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(limits.max_receive_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, limits.max_metadata_bytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(limits.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(limits.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, limits.max_ping_strikes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(limits.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Millis(limits.max_connection_age_grace));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(limits.max_connection_idle));
  // Two servers on one port would share its calls by chance: the second must fail to start.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

PeerSource PeerSourceOf(const ListenerConfig& config) {
  return {.behind_proxy = config.behind_proxy, .proxy_fingerprint = config.proxy_fingerprint};
}

}  // namespace kakunin
