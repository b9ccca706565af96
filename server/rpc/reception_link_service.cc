#include "server/rpc/reception_link_service.h"

#include "kakunin/v1/reception_link_service.grpc.pb.h"
#include "server/rpc/convert_reception_apps.h"
#include "server/rpc/convert_reception_links.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/queued_unary.h"
#include "server/usecases/reception_apps.h"
#include "server/usecases/reception_links.h"

namespace kakunin {
namespace {

constexpr char kCreate[] = "/kakunin.v1.ReceptionLinkService/CreateReceptionLink";
constexpr char kList[] = "/kakunin.v1.ReceptionLinkService/ListReceptionLinks";
constexpr char kRenew[] = "/kakunin.v1.ReceptionLinkService/RenewReceptionLink";
constexpr char kRevoke[] = "/kakunin.v1.ReceptionLinkService/RevokeReceptionLink";
constexpr char kName[] = "/kakunin.v1.ReceptionLinkService/NameReceptionApp";
constexpr char kListNamed[] = "/kakunin.v1.ReceptionLinkService/ListNamedReceptionApps";
constexpr int kThreads = 1;
constexpr size_t kMostQueued = 64;

// ReceptionLinkRpc is ReceptionLinkService with every method raw.
class ReceptionLinkRpc final
    : public v1::ReceptionLinkService::WithRawMethod_CreateReceptionLink<
          v1::ReceptionLinkService::WithRawMethod_ListReceptionLinks<
              v1::ReceptionLinkService::WithRawMethod_RenewReceptionLink<
                  v1::ReceptionLinkService::WithRawMethod_RevokeReceptionLink<
                      v1::ReceptionLinkService::WithRawMethod_NameReceptionApp<
                          v1::ReceptionLinkService::WithRawMethod_ListNamedReceptionApps<
                              v1::ReceptionLinkService::Service>>>>>> {};

class ReceptionLinkService final : public QueuedService {
 public:
  explicit ReceptionLinkService(const ReceptionLinkBackend& backend)
      : backend_(backend),
        links_(backend_.database, backend_.links, backend_.look_up_key),
        worker_(kThreads, kMostQueued) {}

  grpc::Service& rpc() override { return rpc_; }
  void Serve(CallQueue& queue) override {
    WorkerMethods(queue, backend_.dispatch, rpc_, *this)
        .Add(worker_, kCreate, &ReceptionLinkRpc::RequestCreateReceptionLink,
             &ReceptionLinkService::CreateReceptionLink)
        .Add(worker_, kList, &ReceptionLinkRpc::RequestListReceptionLinks,
             &ReceptionLinkService::ListReceptionLinks)
        .Add(worker_, kRenew, &ReceptionLinkRpc::RequestRenewReceptionLink,
             &ReceptionLinkService::RenewReceptionLink)
        .Add(worker_, kRevoke, &ReceptionLinkRpc::RequestRevokeReceptionLink,
             &ReceptionLinkService::RevokeReceptionLink)
        .Add(worker_, kName, &ReceptionLinkRpc::RequestNameReceptionApp,
             &ReceptionLinkService::NameReceptionApp)
        .Add(worker_, kListNamed, &ReceptionLinkRpc::RequestListNamedReceptionApps,
             &ReceptionLinkService::ListNamedReceptionApps);
  }

 private:
  absl::Status CreateReceptionLink(const Call& call, const v1::CreateReceptionLinkRequest& request,
                                   v1::CreateReceptionLinkResponse& response) {
    TerminalCall asked = Asked();
    LinkToMake wanted;
    RETURN_IF_ERROR(ReadCreateReceptionLink(request, call, backend_.audit_key, asked, wanted));
    ASSIGN_OR_RETURN(const MadeLink made, links_.Create(asked, wanted, call.deadline));
    WriteCreateReceptionLink(made, backend_.public_url, response);
    return absl::OkStatus();
  }

  absl::Status ListReceptionLinks(const Call& call, const v1::ListReceptionLinksRequest& request,
                                  v1::ListReceptionLinksResponse& response) {
    TerminalCall asked = Asked();
    LinkRange range;
    RETURN_IF_ERROR(ReadListReceptionLinks(request, call, backend_.audit_key, asked, range));
    ASSIGN_OR_RETURN(const LinkPage page, links_.List(asked, range, call.deadline));
    WriteListReceptionLinks(page, response);
    return absl::OkStatus();
  }

  absl::Status RenewReceptionLink(const Call& call, const v1::RenewReceptionLinkRequest& request,
                                  v1::RenewReceptionLinkResponse& response) {
    TerminalCall asked = Asked();
    LinkId id;
    RETURN_IF_ERROR(ReadRenewReceptionLink(request, call, backend_.audit_key, asked, id));
    ASSIGN_OR_RETURN(const MadeLink made, links_.Renew(asked, id, call.deadline));
    WriteRenewReceptionLink(made, backend_.public_url, response);
    return absl::OkStatus();
  }

  absl::Status RevokeReceptionLink(const Call& call, const v1::RevokeReceptionLinkRequest& request,
                                   v1::RevokeReceptionLinkResponse& response) {
    TerminalCall asked = Asked();
    LinkId id;
    RETURN_IF_ERROR(ReadRevokeReceptionLink(request, call, backend_.audit_key, asked, id));
    ASSIGN_OR_RETURN(const MadeLink made, links_.Revoke(asked, id, call.deadline));
    WriteRevokeReceptionLink(made, response);
    return absl::OkStatus();
  }

  absl::Status NameReceptionApp(const Call& call, const v1::NameReceptionAppRequest& request,
                                v1::NameReceptionAppResponse& response) {
    TerminalCall asked = Asked();
    AppNaming naming;
    RETURN_IF_ERROR(ReadNameReceptionApp(request, call, backend_.audit_key, asked, naming));
    ASSIGN_OR_RETURN(
        const NamedApps named,
        kakunin::NameReceptionApp(backend_.database, backend_.apps, asked, naming, call.deadline));
    WriteNameReceptionApp(named, response);
    return absl::OkStatus();
  }

  absl::Status ListNamedReceptionApps(const Call& call,
                                      const v1::ListNamedReceptionAppsRequest& request,
                                      v1::ListNamedReceptionAppsResponse& response) {
    TerminalCall asked = Asked();
    RETURN_IF_ERROR(ReadListNamedReceptionApps(request, call, backend_.audit_key, asked));
    ASSIGN_OR_RETURN(
        const NamedApps named,
        kakunin::ListNamedReceptionApps(backend_.database, backend_.apps, asked, call.deadline));
    WriteListNamedReceptionApps(named, response);
    return absl::OkStatus();
  }

  TerminalCall Asked() const {
    TerminalCall asked;
    if (backend_.public_url.empty()) asked.refused = Reason::kNotInService;
    return asked;
  }

  const ReceptionLinkBackend backend_;
  ReceptionLinks links_;
  ReceptionLinkRpc rpc_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<QueuedService> MakeReceptionLinkService(const ReceptionLinkBackend& backend) {
  return std::make_unique<ReceptionLinkService>(backend);
}

}  // namespace kakunin
