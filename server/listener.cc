#include "server/listener.h"

#include <fmt/format.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/impl/server_initializer.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <fstream>
#include <vector>

#include "domain/error.h"

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

// ServiceLister tells which services a server was really given: no list of ours can forget one.
class ServiceLister final : public grpc::ServerBuilderPlugin {
 public:
  explicit ServiceLister(std::shared_ptr<std::vector<std::string>> names)
      : names_(std::move(names)) {}
  std::string name() override { return "kakunin_service_lister"; }
  void InitServer(grpc::ServerInitializer* server) override { *names_ = *server->GetServiceList(); }
  void Finish(grpc::ServerInitializer*) override {}
  void ChangeArguments(const std::string&, void*) override {}

 private:
  const std::shared_ptr<std::vector<std::string>> names_;
};

// ListServices adds a lister to one builder; gRPC's other way adds it to all of the process.
class ListServices final : public grpc::ServerBuilderOption {
 public:
  explicit ListServices(std::shared_ptr<std::vector<std::string>> names)
      : names_(std::move(names)) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->push_back(std::make_unique<ServiceLister>(names_));
  }

 private:
  const std::shared_ptr<std::vector<std::string>> names_;
};

// TLS of the server alone: who calls is found out by the call.
std::shared_ptr<grpc::ServerCredentials> AnonymousCredentials(const ListenerConfig& config) {
  const auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      config.server_key.string(), config.server_certificate.string(), kLookEverySeconds);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  return grpc::experimental::TlsServerCredentials(options);
}

// A peer without a certificate of our CA gets no connection.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentialsFor(
    const ListenerConfig& config) {
  using grpc::experimental::FileWatcherCertificateProvider;
  RETURN_IF_ERROR(CheckReadable(config.server_certificate, "server certificate"));
  RETURN_IF_ERROR(CheckReadable(config.server_key, "server key"));
  if (config.client_ca.empty()) return AnonymousCredentials(config);
  RETURN_IF_ERROR(CheckReadable(config.client_ca, "client CA"));
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

}  // namespace

absl::Status StartServer(const ListenerConfig& listener, grpc::ServerBuilder& builder,
                         std::unique_ptr<grpc::Server>& server, int& port) {
  ASSIGN_OR_RETURN(const auto credentials, ServerCredentialsFor(listener));
  builder.AddListeningPort(listener.address, credentials, &port);
  ApplyLimits(listener.limits, builder);
  const auto services = std::make_shared<std::vector<std::string>>();
  builder.SetOption(std::make_unique<ListServices>(services));
  server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::FailedPreconditionError(fmt::format(
        "cannot listen on {}: is another process using the address?", listener.address));
  }
  absl::Status status = CheckEveryMethodHasPolicy(*services);
  if (!status.ok()) server->Shutdown(gpr_now(GPR_CLOCK_MONOTONIC));
  return status;
}

PeerSource PeerSourceOf(const ListenerConfig& config, const ClientAuthorityFile* authorities) {
  PeerSource source;
  source.behind_proxy = config.behind_proxy;
  source.proxy_fingerprint = config.proxy_fingerprint;
  if (authorities != nullptr) source.authorities = [authorities] { return authorities->Current(); };
  return source;
}

}  // namespace kakunin
