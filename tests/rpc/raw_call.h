#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/rpc/status.h"

namespace kakunin {

// Outcome is what came of one call with one message, whatever the method.
struct Outcome {
  grpc::Status status;
  bool answered = false;  // a message came back
  std::map<std::string, std::string> trailing;
  std::string reason() const { return DescribeError(status).reason; }
};

using Metadata = std::vector<std::pair<std::string, std::string>>;

// CallWith makes one call of `method` with one message of these octets, within 20 s, and waits for
// what comes of it.
inline Outcome CallWith(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& octets, const Metadata& metadata = {}) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, method, &queue);
  const auto done = [&] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  Outcome outcome;
  grpc::ByteBuffer answer;
  const grpc::Slice message(octets);
  call->StartCall(nullptr);
  if (done()) {
    call->WriteLast(grpc::ByteBuffer(&message, 1), grpc::WriteOptions(), nullptr);
    done();
    call->Read(&answer, nullptr);
    outcome.answered = done();
  }
  call->Finish(&outcome.status, nullptr);
  done();
  for (const auto& [name, value] : context.GetServerTrailingMetadata()) {
    outcome.trailing[{name.data(), name.size()}] = {value.data(), value.size()};
  }
  return outcome;
}

// CallWithNothing is CallWith an empty message.
inline Outcome CallWithNothing(const std::shared_ptr<grpc::Channel>& channel,
                               const std::string& method, const Metadata& metadata = {}) {
  return CallWith(channel, method, "", metadata);
}

}  // namespace kakunin
