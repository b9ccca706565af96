#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/rpc/status.h"

namespace kakunin {

// Outcome is what came of one call with an empty message, whatever the method.
struct Outcome {
  grpc::Status status;
  bool answered = false;  // a message came back
  std::string reason() const { return DescribeError(status).reason; }
};

using Metadata = std::vector<std::pair<std::string, std::string>>;

// CallWithNothing makes one call of `method` within 20 s and waits for what comes of it.
inline Outcome CallWithNothing(const std::shared_ptr<grpc::Channel>& channel,
                               const std::string& method, const Metadata& metadata = {}) {
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
  const grpc::Slice nothing;
  call->StartCall(nullptr);
  if (done()) {
    call->WriteLast(grpc::ByteBuffer(&nothing, 1), grpc::WriteOptions(), nullptr);
    done();
    call->Read(&answer, nullptr);
    outcome.answered = done();
  }
  call->Finish(&outcome.status, nullptr);
  done();
  return outcome;
}

}  // namespace kakunin
