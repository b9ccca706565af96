#include "server/listener.h"

#include <grpcpp/impl/rpc_service_method.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "auth/issuance.h"
#include "server/lane/terminal_methods.h"

namespace kakunin {
namespace {

// ForgottenService has one method that no row of the access policy knows.
class ForgottenService final : public grpc::Service {
 public:
  ForgottenService() {
    AddMethod(new grpc::internal::RpcServiceMethod("/kakunin.v1.ForgottenService/Forget",
                                                   grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodAsync(0);
  }
};

class ListenerTest : public testing::Test {
 protected:
  ListenerTest() {
    const auto ca =
        auth::MakeAuthority(auth::MakeName({{.oid = "2.5.4.3", .text = "listener test"}}),
                            auth::PrivateKey::GenerateP256(), absl::Now() - absl::Hours(1),
                            absl::Now() + absl::Hours(1));
    const auto key = auth::PrivateKey::GenerateP256();
    listener_.address = "127.0.0.1:0";
    listener_.client_ca = Written("ca.pem", auth::CertificatePem(ca.certificate_der));
    listener_.server_key = Written("server.key", key.ToPem());
    listener_.server_certificate =
        Written("server.pem", auth::CertificatePem(auth::IssueServer(
                                  ca, key, {"localhost"}, {"127.0.0.1"}, auth::RandomSerial(),
                                  absl::Now() - absl::Hours(1), absl::Now() + absl::Hours(1))));
  }

  static std::filesystem::path Written(const std::string& name, const std::string& text) {
    const std::filesystem::path file = testing::TempDir() + "/kakunin_listener_" + name;
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

  // Close ends a queue as gRPC wants it: empty.
  static void Close(grpc::CompletionQueue& queue) {
    queue.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) {
    }
  }

  ListenerConfig listener_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

TEST_F(ListenerTest, ServesWhatThePolicyKnows) {
  HealthRpc health;
  grpc::ServerBuilder builder;
  builder.RegisterService(&health);
  const auto queue = builder.AddCompletionQueue();
  const absl::Status status = StartServer(listener_, builder, server_, port_);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_GT(port_, 0);
  server_->Shutdown();
  Close(*queue);
  server_.reset();
}

TEST_F(ListenerTest, AServiceThatThePolicyDoesNotKnowStopsTheStart) {
  HealthRpc health;
  ForgottenService forgotten;
  grpc::ServerBuilder builder;
  builder.RegisterService(&health);
  builder.RegisterService(&forgotten);
  const auto queue = builder.AddCompletionQueue();
  const absl::Status status = StartServer(listener_, builder, server_, port_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.ToString().find("ForgottenService"), std::string::npos) << status;
  Close(*queue);
  server_.reset();
}

}  // namespace
}  // namespace kakunin
