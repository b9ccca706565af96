#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "auth/uuid.h"
#include "kakunin/v1/operations_service.grpc.pb.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"

namespace kakunin {

// AdministrativeOptions is what every registration takes.
struct AdministrativeOptions {
  ClientOptions client;
  bool commit = false;
  std::string request_id;
};

inline void AddAdministrativeOptions(CLI::App& command, AdministrativeOptions& options) {
  AddClientOptions(command, options.client);
  command.add_flag("--commit", options.commit, "Do it; without it the server only checks");
  command.add_option("--request-id", options.request_id,
                     "UUID of an earlier try whose outcome is unknown: it is done once");
}

// CallService sends `request`, with validate_only unless --commit, and ends the command when it
// fails. A dry run is told on standard error.
template <class Service, class Request, class Response>
Response CallService(std::string_view command, const AdministrativeOptions& options,
                     Request request,
                     grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*)) {
  const auto stub = Service::NewStub(OrFail(command, Connect(options.client)));
  const std::string id = options.request_id.empty() ? auth::RandomUuid() : options.request_id;
  request.set_request_id(id);
  request.set_validate_only(!options.commit);
  Response response;
  const auto context = ContextFor(options.client);
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  if (!status.ok()) {
    if (options.commit && (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                           status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)) {
      fmt::print(
          stderr,
          "実行されたか不明です。--request-id {0} を付けて再実行してください。(whether it was "
          "done is unknown: repeat with --request-id {0})\n",
          id);
    }
    FailCall(options.client, status);
  }
  if (options.client.json) fmt::print("{}\n", MessageJson(response));
  if (!options.commit) {
    fmt::print(
        stderr,
        "確認だけ行いました。実行するには --commit を付けてください。(checked only: add --commit "
        "to do it)\n");
  }
  return response;
}

template <class Request, class Response>
Response CallOperations(std::string_view command, const AdministrativeOptions& options,
                        Request request,
                        grpc::Status (v1::OperationsService::Stub::*method)(grpc::ClientContext*,
                                                                            const Request&,
                                                                            Response*)) {
  return CallService<v1::OperationsService>(command, options, std::move(request), method);
}

// DoneText says what was done, or would be.
inline std::string DoneText(bool commit, bool created) {
  if (commit) return created ? "登録しました (registered)" : "変更しました (changed)";
  return created ? "登録できます (would register)" : "変更できます (would change)";
}

}  // namespace kakunin
