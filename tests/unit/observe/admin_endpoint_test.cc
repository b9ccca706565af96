#include "server/observe/admin_endpoint.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

namespace kakunin {
namespace {

// Dial connects; -1 when nobody listens.
int Dial(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    return descriptor;
  }
  close(descriptor);
  return -1;
}

// Get asks over a real connection and returns the whole answer.
std::string Get(int port, const std::string& path) {
  const int descriptor = Dial(port);
  std::string answer;
  if (descriptor >= 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    EXPECT_EQ(send(descriptor, request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    char octets[4096];
    for (ssize_t got = 0; (got = recv(descriptor, octets, sizeof(octets), 0)) > 0;) {
      answer.append(octets, static_cast<size_t>(got));
    }
    close(descriptor);
  }
  return answer;
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

TEST(AdminEndpointTest, ServesLivenessReadinessAndMetrics) {
  Health registry = Health::kFine;
  AdminEndpoint endpoint({{"registry",
                           [&] {
                             return CheckFinding{registry, "0.1 s old"};
                           }},
                          {"partitions",
                           [] {
                             return CheckFinding{Health::kWarning, "13 days"};
                           }}},
                         [] { return std::string("kakunin_x 1\n"); });
  const auto port = endpoint.Start("127.0.0.1", 0);
  ASSERT_TRUE(port.ok()) << port.status();

  EXPECT_TRUE(EndsWith(Get(*port, "/livez"), "\r\n\r\nalive\n"));
  EXPECT_TRUE(EndsWith(Get(*port, "/metrics"), "\r\n\r\nkakunin_x 1\n"));
  EXPECT_EQ(Get(*port, "/elsewhere").substr(0, 12), "HTTP/1.1 404");

  std::string ready = Get(*port, "/readyz");
  EXPECT_EQ(ready.substr(0, 12), "HTTP/1.1 200");
  EXPECT_TRUE(EndsWith(ready, "fine registry: 0.1 s old\nwarning partitions: 13 days\n")) << ready;

  registry = Health::kFault;
  ready = Get(*port, "/readyz");
  EXPECT_EQ(ready.substr(0, 12), "HTTP/1.1 503");
  EXPECT_TRUE(EndsWith(ready, "fault registry: 0.1 s old\nwarning partitions: 13 days\n"));

  endpoint.Stop();
  EXPECT_EQ(Get(*port, "/livez"), "");
}

TEST(AdminEndpointTest, SilentConnectionsDoNotHoldUpLiveness) {
  AdminEndpoint endpoint({}, [] { return std::string(); });
  const auto port = endpoint.Start("127.0.0.1", 0);
  ASSERT_TRUE(port.ok()) << port.status();
  std::vector<int> silent;
  for (int i = 0; i < 32; ++i) {
    silent.push_back(Dial(*port));
    ASSERT_GE(silent.back(), 0);
  }
  // Two rounds of a second for the silent ones before us, and as much again for a busy machine.
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(EndsWith(Get(*port, "/livez"), "alive\n"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(4));
  for (const int descriptor : silent) close(descriptor);
}

TEST(AdminEndpointTest, ListensOnLoopbackOnly) {
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1"}) {
    AdminEndpoint endpoint({}, [] { return std::string(); });
    EXPECT_EQ(endpoint.Start(host, 0).status().code(), absl::StatusCode::kFailedPrecondition)
        << host;
  }
}

TEST(AdminEndpointTest, ATakenPortIsRefused) {
  AdminEndpoint first({}, [] { return std::string(); });
  const auto port = first.Start("127.0.0.1", 0);
  ASSERT_TRUE(port.ok()) << port.status();
  AdminEndpoint second({}, [] { return std::string(); });
  EXPECT_EQ(second.Start("127.0.0.1", *port).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(AdminEndpointTest, StopsWithoutHavingStarted) {
  AdminEndpoint endpoint({}, [] { return std::string(); });
  endpoint.Stop();
}

}  // namespace
}  // namespace kakunin
