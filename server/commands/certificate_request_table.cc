#include "server/commands/certificate_request_table.h"

#include <fmt/format.h>

#include "auth/encoding.h"
#include "domain/civil_day.h"
#include "kakunin/v1/terminal_certificate_service.grpc.pb.h"
#include "server/commands/command_output.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

std::string StateText(v1::CertificateRequestState state) {
  switch (state) {
    case v1::CERTIFICATE_REQUEST_STATE_SUBMITTED:
      return "承認待ち (SUBMITTED)";
    case v1::CERTIFICATE_REQUEST_STATE_APPROVED:
      return "発行待ち (APPROVED)";
    case v1::CERTIFICATE_REQUEST_STATE_REFUSED:
      return "拒否 (REFUSED)";
    case v1::CERTIFICATE_REQUEST_STATE_DELIVERED:
      return "発行済み (DELIVERED)";
    default:
      return "-";
  }
}

}  // namespace

std::vector<v1::CertificateRequest> FetchRequests(std::string_view command,
                                                  const ClientOptions& options,
                                                  v1::ListCertificateRequestsRequest request) {
  const auto stub = v1::TerminalCertificateService::NewStub(OrFail(command, Connect(options)));
  std::vector<v1::CertificateRequest> requests;
  do {
    v1::ListCertificateRequestsResponse page;
    const auto context = ContextFor(options);
    const grpc::Status status = stub->ListCertificateRequests(context.get(), request, &page);
    if (!status.ok()) FailCall(options, status);
    requests.insert(requests.end(), page.certificate_requests().begin(),
                    page.certificate_requests().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return requests;
}

std::string RequestTimeText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

void PrintRequests(const ClientOptions& options,
                   const std::vector<v1::CertificateRequest>& requests) {
  if (options.json) {
    v1::ListCertificateRequestsResponse all;
    for (const v1::CertificateRequest& request : requests) {
      *all.add_certificate_requests() = request;
    }
    fmt::print("{}\n", MessageJson(all));
    return;
  }
  TextTable table;
  table.Heading("端末の証明書の申請");
  if (requests.empty()) table.Row("-", "該当する申請はありません");
  for (const v1::CertificateRequest& request : requests) {
    table.Heading(request.certificate_request_id());
    table.Row("端末", fmt::format("{}/{}", request.facility_code(), request.terminal_id()));
    table.Row("状態", StateText(request.state()));
    table.Row("申請", RequestTimeText(request.submit_time()));
    table.Row("鍵の指紋", auth::HexEncode(request.key_fingerprint()));
    if (!request.label().empty()) table.Row("使う場所", request.label());
    table.Row("コード発行", request.code_issued_by().empty() ? "更新" : request.code_issued_by());
    if (!request.decided_by().empty()) table.Row("承認・拒否", request.decided_by());
    if (request.has_deliver_time()) {
      table.Row("発行", fmt::format("{}  {}", RequestTimeText(request.deliver_time()),
                                    request.delivered_by()));
    }
  }
  fmt::print("{}", table.Draw());
}

}  // namespace kakunin
