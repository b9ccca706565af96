#include "tests/faults/crowd.h"

#include <sys/resource.h>

#include <algorithm>
#include <stdexcept>

#include "auth/uuid.h"
#include "server/dev/api_channel.h"
#include "server/synth/facility_table.h"
#include "server/synth/test_persons.h"
#include "tests/faults/clients.h"

namespace kakunin::faults {
namespace {

using std::chrono::steady_clock;

struct Asked {
  grpc::ClientContext context;
  grpc::Status status;
  v1::ConfirmByInsuredNumberResponse answer;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::ConfirmByInsuredNumberResponse>> call;
};

}  // namespace

Crowd::Crowd(Installation& installation, size_t server, int desks) {
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  // A connection, and what connecting and gRPC need beside it.
  constexpr rlim_t kEach = 3;
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);
  if (descriptors.rlim_max < static_cast<rlim_t>(desks) * kEach) {
    throw std::runtime_error("too few descriptors for so many desks");
  }
  const std::string party =
      dev::TerminalName(synth::test_facility::kClinic, synth::test_facility::kDesk);
  for (int i = 0; i < desks; ++i) {
    const auto channel = dev::OpenChannel(installation.sandbox().paths(), party,
                                          installation.ports(server).terminal);
    if (!channel.ok()) throw std::runtime_error("no channel");
    desks_.push_back(v1::EligibilityService::NewStub(*channel));
  }
  const absl::CivilDay today = installation.sandbox().sandbox().nation_day();
  request_ = NumberRequest(synth::FindTestPerson(today, "TP01"), today);
}

std::vector<double> Crowd::AskAll() {
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<Asked>> calls(desks_.size());
  const auto began = steady_clock::now();
  const auto until = began + std::chrono::minutes(1);
  const auto ask = [&](size_t desk) {
    calls[desk] = std::make_unique<Asked>();
    Asked& asked = *calls[desk];
    dev::PrepareCall(asked.context, absl::FromChrono(until - steady_clock::now()));
    asked.context.set_wait_for_ready(true);
    asked.context.AddMetadata("kakunin-role", "GENERAL");
    request_.set_request_id(auth::RandomUuid());
    asked.call = desks_[desk]->AsyncConfirmByInsuredNumber(&asked.context, request_, &queue);
    asked.call->Finish(&asked.answer, &asked.status, reinterpret_cast<void*>(desk));
  };
  for (size_t desk = 0; desk < calls.size(); ++desk) ask(desk);
  std::vector<double> served;
  for (size_t ended = 0; ended < calls.size();) {
    void* tag = nullptr;
    bool ok = false;
    if (!queue.Next(&tag, &ok)) break;
    const auto desk = reinterpret_cast<size_t>(tag);
    const auto now = steady_clock::now();
    // A desk learns by asking that its connection is gone.
    if (calls[desk]->status.error_code() == grpc::StatusCode::UNAVAILABLE && now < until) {
      ask(desk);
      continue;
    }
    ++ended;
    if (!calls[desk]->status.ok() || calls[desk]->answer.validity() != v1::VALIDITY_VALID) continue;
    served.push_back(std::chrono::duration<double>(now - began).count());
  }
  queue.Shutdown();
  return served;
}

}  // namespace kakunin::faults
