#include "server/rpc/abnormal_times_policy_service.h"

#include <utility>
#include <vector>

#include "kakunin/v1/abnormal_times_policy_service.grpc.pb.h"
#include "server/rpc/convert_abnormal_times_policies.h"
#include "server/rpc/fields.h"
#include "server/rpc/kept_write.h"
#include "server/rpc/write_call.h"
#include "server/usecases/abnormal_times_policies.h"

namespace kakunin {
namespace {

constexpr char kPropose[] = "/kakunin.v1.AbnormalTimesPolicyService/ProposeAbnormalTimes";
constexpr char kApprove[] = "/kakunin.v1.AbnormalTimesPolicyService/ApproveAbnormalTimes";
constexpr char kEnd[] = "/kakunin.v1.AbnormalTimesPolicyService/EndAbnormalTimes";
constexpr char kList[] = "/kakunin.v1.AbnormalTimesPolicyService/ListAbnormalTimesPolicies";
constexpr char kReport[] = "/kakunin.v1.AbnormalTimesPolicyService/ReportAbnormalTimes";
constexpr int kLargestPage = 1000;
// A policy may name 10,000 facilities: a page stays below what a client reads.
constexpr int kLargestPolicyPage = 50;
constexpr int kUsualPolicyPage = 10;
// Who names neither a size nor a page may be of the time before there were pages, and not go on.
int PolicyPageSize(const v1::ListAbnormalTimesPoliciesRequest& request) {
  if (request.page_size() != 0) return request.page_size();
  return request.page_token().empty() ? kLargestPolicyPage : kUsualPolicyPage;
}
constexpr std::string_view kPolicyPageSizes = "1から50までを指定してください。";
constexpr std::string_view kPageSizes = "1から1,000までを指定してください。";
constexpr std::string_view kNotAPage = "前の回答にあったページの指定をそのまま送ってください。";

using Decide = absl::StatusOr<ToldPolicy> (*)(Transaction&, AuditRecord&, const PolicyDesk&,
                                              const Operator&, const PolicyId&, bool);

class AbnormalTimesPolicyService final : public v1::AbnormalTimesPolicyService::Service {
 public:
  explicit AbnormalTimesPolicyService(const AbnormalTimesPolicyBackend& backend)
      : backend_(backend) {}

  grpc::Status ProposeAbnormalTimes(grpc::ServerContext* context,
                                    const v1::ProposeAbnormalTimesRequest* request,
                                    v1::ProposeAbnormalTimesResponse* response) override {
    return backend_.dispatch.Serve(
        context, kPropose, [&](const Call& call) { return Propose(call, *request, *response); });
  }
  grpc::Status ApproveAbnormalTimes(grpc::ServerContext* context,
                                    const v1::ApproveAbnormalTimesRequest* request,
                                    v1::ApproveAbnormalTimesResponse* response) override {
    return backend_.dispatch.Serve(context, kApprove, [&](const Call& call) {
      return Act(call, *request, *response, &ApprovePolicy);
    });
  }
  grpc::Status EndAbnormalTimes(grpc::ServerContext* context,
                                const v1::EndAbnormalTimesRequest* request,
                                v1::EndAbnormalTimesResponse* response) override {
    return backend_.dispatch.Serve(context, kEnd, [&](const Call& call) {
      return Act(call, *request, *response, &EndPolicy);
    });
  }
  grpc::Status ListAbnormalTimesPolicies(grpc::ServerContext* context,
                                         const v1::ListAbnormalTimesPoliciesRequest* request,
                                         v1::ListAbnormalTimesPoliciesResponse* response) override {
    return backend_.dispatch.Serve(
        context, kList, [&](const Call& call) { return List(call, *request, *response); });
  }
  grpc::Status ReportAbnormalTimes(grpc::ServerContext* context,
                                   const v1::ReportAbnormalTimesRequest* request,
                                   v1::ReportAbnormalTimesResponse* response) override {
    return backend_.dispatch.Serve(
        context, kReport, [&](const Call& call) { return Report(call, *request, *response); });
  }

 private:
  PolicyDesk Desk() const { return {.store = backend_.store, .key = backend_.policy_key}; }

  absl::Status Propose(const Call& call, const v1::ProposeAbnormalTimesRequest& request,
                       v1::ProposeAbnormalTimesResponse& response) {
    RequestId id;
    AbnormalTimesPolicy wanted;
    RETURN_IF_ERROR(ReadProposeAbnormalTimes(request, call.at, id, wanted));
    return KeptWrite(
        backend_.database, backend_.requests,
        WriteCallOf(call, backend_.audit_key, request, id, request.validate_only()), response,
        [&](Transaction& tx, AuditRecord& record) {
          return ProposePolicy(tx, record, Desk(), std::get<Operator>(call.actor), wanted,
                               request.validate_only());
        },
        [&](const ToldPolicy& told, v1::ProposeAbnormalTimesResponse& answer) {
          SetPolicy(told, call.at, *answer.mutable_policy());
          // There is none yet.
          if (request.validate_only()) answer.mutable_policy()->clear_policy_id();
        });
  }

  template <class Request, class Response>
  absl::Status Act(const Call& call, const Request& request, Response& response, Decide decide) {
    FieldErrors errors;
    const auto id = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    const auto policy = RequiredUuid<PolicyId>(errors, "policy_id", request.policy_id());
    RETURN_IF_ERROR(errors.ToStatus());
    return KeptWrite(
        backend_.database, backend_.requests,
        WriteCallOf(call, backend_.audit_key, request, *id, request.validate_only()), response,
        [&](Transaction& tx, AuditRecord& record) {
          return decide(tx, record, Desk(), std::get<Operator>(call.actor), *policy,
                        request.validate_only());
        },
        [&](const ToldPolicy& told, Response& answer) {
          SetPolicy(told, call.at, *answer.mutable_policy());
        });
  }

  absl::Status List(const Call& call, const v1::ListAbnormalTimesPoliciesRequest& request,
                    v1::ListAbnormalTimesPoliciesResponse& response) {
    FieldErrors errors;
    const auto id = OptionalUuid<PolicyId>(errors, "policy_id", request.policy_id());
    if (request.page_size() < 0 || request.page_size() > kLargestPolicyPage) {
      errors.Add("page_size", kPolicyPageSizes);
    }
    std::optional<PolicyPlace> after = PolicyPlace{};
    if (!request.page_token().empty()) after = PolicyPlaceFrom(request.page_token());
    if (!after) errors.Add("page_token", kNotAPage);
    RETURN_IF_ERROR(errors.ToStatus());
    const int limit = PolicyPageSize(request);
    PolicyPage page;
    const auto audit_id =
        AuditedWrite(backend_.database, WriteCallOf(call, backend_.audit_key, request),
                     [&](Transaction& tx, AuditRecord& record) -> absl::Status {
                       page = {};
                       if (id) {
                         ASSIGN_OR_RETURN(ToldPolicy one, ShowPolicy(tx, record, Desk(), *id));
                         page.policies.push_back(std::move(one));
                         return absl::OkStatus();
                       }
                       ASSIGN_OR_RETURN(page, ListPolicies(tx, record, Desk(), *after, limit));
                       return absl::OkStatus();
                     });
    RETURN_IF_ERROR(audit_id.status());
    for (const ToldPolicy& told : page.policies) SetPolicy(told, call.at, *response.add_policies());
    if (page.next) response.set_next_page_token(PolicyPlaceText(*page.next));
    response.set_audit_id(AuditIdText(*audit_id));
    return absl::OkStatus();
  }

  absl::Status Report(const Call& call, const v1::ReportAbnormalTimesRequest& request,
                      v1::ReportAbnormalTimesResponse& response) {
    FieldErrors errors;
    const auto id = RequiredUuid<PolicyId>(errors, "policy_id", request.policy_id());
    if (request.page_size() < 0 || request.page_size() > kLargestPage) {
      errors.Add("page_size", kPageSizes);
    }
    std::optional<UsePlace> after = UsePlace{};
    if (!request.page_token().empty()) after = UsePlaceFrom(request.page_token());
    if (!after) errors.Add("page_token", kNotAPage);
    RETURN_IF_ERROR(errors.ToStatus());
    const int limit = request.page_size() == 0 ? kLargestPage : request.page_size();
    PolicyReport report;
    const auto audit_id = AuditedWrite(
        backend_.database, WriteCallOf(call, backend_.audit_key, request),
        [&](Transaction& tx, AuditRecord& record) -> absl::Status {
          ASSIGN_OR_RETURN(report, ReportPolicy(tx, record, Desk(), *id, *after, limit));
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(audit_id.status());
    SetPolicy(report.policy, call.at, *response.mutable_policy());
    for (const ReportedUse& use : report.uses) SetUse(use, *response.add_uses());
    if (report.next) response.set_next_page_token(UsePlaceText(*report.next));
    response.set_audit_id(AuditIdText(*audit_id));
    return absl::OkStatus();
  }

  const AbnormalTimesPolicyBackend backend_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAbnormalTimesPolicyService(
    const AbnormalTimesPolicyBackend& backend) {
  return std::make_unique<AbnormalTimesPolicyService>(backend);
}

}  // namespace kakunin
