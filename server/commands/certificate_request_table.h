#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/timestamp.pb.h"
#include "kakunin/v1/terminal_certificate_service.pb.h"
#include "server/commands/client_connection.h"

namespace kakunin {

// FetchRequests lists all pages of what `request` asks for; a refusal ends the command.
std::vector<v1::CertificateRequest> FetchRequests(std::string_view command,
                                                  const ClientOptions& options,
                                                  v1::ListCertificateRequestsRequest request);

// PrintRequests shows requests as a table, or as JSON.
void PrintRequests(const ClientOptions& options,
                   const std::vector<v1::CertificateRequest>& requests);

// RequestTimeText is an instant in Japanese time.
std::string RequestTimeText(const google::protobuf::Timestamp& at);

}  // namespace kakunin
