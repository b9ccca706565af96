#pragma once

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <string_view>

#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"

namespace kakunin {

// CallService makes one call of `Service` and ends `command` when it fails; with --json it prints
// the answer.
template <class Service, class Request, class Response>
Response CallService(std::string_view command, const ClientOptions& client, const Request& request,
                     grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*)) {
  const auto stub = Service::NewStub(OrFail(command, Connect(client)));
  Response response;
  const auto context = ContextFor(client);
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(client, status);
  if (client.json) fmt::print("{}", MessageJson(response));
  return response;
}

}  // namespace kakunin
