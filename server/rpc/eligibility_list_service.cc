#include "server/rpc/eligibility_list_service.h"

#include <utility>

#include "domain/error.h"
#include "kakunin/v1/eligibility_list_service.grpc.pb.h"
#include "server/rpc/convert_eligibility_lists.h"
#include "server/rpc/feed_worker.h"
#include "server/rpc/worker_call.h"

namespace kakunin {
namespace {

constexpr char kConsented[] = "/kakunin.v1.EligibilityListService/ListConsentedPatients";
constexpr char kConfirmations[] = "/kakunin.v1.EligibilityListService/ListConfirmations";
constexpr int kThreads = 1;  // one connection of its own, as a lane has
constexpr size_t kMostQueued = 64;

class EligibilityListService final : public v1::EligibilityListService::CallbackService {
 public:
  explicit EligibilityListService(const EligibilityListBackend& backend)
      : backend_(backend), worker_(kThreads, kMostQueued) {}

  grpc::ServerUnaryReactor* ListConsentedPatients(
      grpc::CallbackServerContext* context, const v1::ListConsentedPatientsRequest* request,
      v1::ListConsentedPatientsResponse* response) override {
    return Serve(*context, kConsented, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      ConsentedQuestion question;
      RETURN_IF_ERROR(
          ReadListConsentedPatients(*request, call, backend_.audit_key, asked, question));
      ASSIGN_OR_RETURN(
          const ConsentedPage page,
          kakunin::ListConsentedPatients(backend_.database, backend_.lists, backend_.confirm, asked,
                                         question, call.deadline));
      return WriteListConsentedPatients(page, question.range.form_of_care, *response);
    });
  }

  grpc::ServerUnaryReactor* ListConfirmations(grpc::CallbackServerContext* context,
                                              const v1::ListConfirmationsRequest* request,
                                              v1::ListConfirmationsResponse* response) override {
    return Serve(*context, kConfirmations, [=, this](const Call& call) -> absl::Status {
      TerminalCall asked;
      PastRange range;
      RETURN_IF_ERROR(ReadListConfirmations(*request, call, backend_.audit_key, asked, range));
      ASSIGN_OR_RETURN(const PastPage page,
                       kakunin::ListConfirmations(backend_.database, backend_.lists,
                                                  backend_.audit_key, asked, range, call.deadline));
      WriteListConfirmations(page, asked, backend_.handle_key, *response);
      return absl::OkStatus();
    });
  }

 private:
  template <class Act>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, const char* method,
                                  Act act) {
    return ServeOnWorker(backend_.dispatch, worker_, context, method, std::move(act));
  }

  const EligibilityListBackend backend_;
  FeedWorker worker_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeEligibilityListService(const EligibilityListBackend& backend) {
  return std::make_unique<EligibilityListService>(backend);
}

}  // namespace kakunin
