#include "server/bench/card_workload.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "auth/private_key.h"
#include "domain/error.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "kakunin/v1/record_service.pb.h"
#include "server/bench/call_loop.h"
#include "server/bench/request_files.h"
#include "server/dev/sandbox_paths.h"
#include "server/text_file.h"

namespace kakunin::bench {
namespace {

using std::chrono::steady_clock;

// A challenge lives 60 s; the run itself needs a few.
constexpr auto kPreparedWithin = std::chrono::seconds(48);
constexpr size_t kReadInFull = 64;
// Signed before they are sent, well within a challenge's life on a slow machine, too.
constexpr size_t kConsentsAtOnce = 4000;
// validity VALID, then card_verdict ACCEPTED.
constexpr std::string_view kAccepted("\x08\x01\x10\x01", 4);

// Prepared is one call to be: its card, and the challenge once it was fetched.
struct Prepared {
  size_t card = 0;
  size_t channel = 0;
  std::string to_be_signed;
  std::string request;
};

class CardLoad : public Workload {
 public:
  CardLoad(std::vector<Prepared> calls, size_t channels) : calls_(std::move(calls)) {
    by_channel_.resize(channels);
    for (size_t i = 0; i < calls_.size(); ++i) by_channel_[calls_[i].channel].push_back(i);
  }

  const std::string& method() const override { return method_; }
  size_t size() const override { return calls_.size(); }

  std::optional<Request> Next(size_t channel) override {
    std::vector<size_t>& left = by_channel_[channel];
    if (left.empty()) return std::nullopt;
    const size_t i = left.back();
    left.pop_back();
    return Request{calls_[i].request, i};
  }

  bool IsRight(size_t, std::string_view answer) override {
    if (!answer.starts_with(kAccepted)) return false;
    if (++judged_ % kReadInFull != 0) return true;
    return response_.ParseFromArray(answer.data(), static_cast<int>(answer.size())) &&
           response_.coverages_size() == 1 && !response_.patient_handle().empty() &&
           !response_.audit_id().empty();
  }

 protected:
  const Prepared& call(size_t ticket) const { return calls_[ticket]; }

 private:
  const std::string method_ = "/kakunin.v1.EligibilityService/ConfirmByCard";
  const std::vector<Prepared> calls_;
  std::vector<std::vector<size_t>> by_channel_;
  size_t judged_ = 0;
  v1::ConfirmByCardResponse response_;
};

// Keeps whom each channel's desk may ask about from now on: a file of PatientKey messages a
// channel.
class ConsentLoad final : public CardLoad {
 public:
  ConsentLoad(std::vector<Prepared> calls, std::vector<std::string>& patients)
      : CardLoad(std::move(calls), patients.size()), patients_(patients) {}

  bool IsRight(size_t ticket, std::string_view answer) override {
    if (!answer.starts_with(kAccepted) ||
        !response_.ParseFromArray(answer.data(), static_cast<int>(answer.size())) ||
        response_.patient_handle().empty()) {
      return false;
    }
    patient_.set_patient_handle(response_.patient_handle());
    AppendDelimited(patient_, patients_[call(ticket).channel]);
    return true;
  }

 private:
  std::vector<std::string>& patients_;
  v1::ConfirmByCardResponse response_;
  v1::PatientKey patient_;
};

absl::StatusOr<std::vector<auth::PrivateKey>> CardKeys(const LoadPlan& plan) {
  const dev::SandboxPaths paths(plan.directory);
  std::vector<auth::PrivateKey> keys;
  std::ifstream file(RequestFolder(plan.directory).card_keys());
  ASSIGN_OR_RETURN(const auto pool, auth::OpenKeyPool(paths.card_keys(), 64));
  for (size_t index = 0; file >> index;) {
    if (index >= pool.size()) return absl::InternalError("a card's key is not in the pool");
    keys.push_back(pool[index]);
  }
  return keys;
}

absl::Status FetchChallenges(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                             const RequestList& cards, std::vector<Prepared>& calls) {
  const std::unique_ptr<Workload> begin = MakeBeginLoad();
  CallLoop loop(channels, *begin, 64);
  v1::BeginCardAuthenticationResponse challenge;
  v1::ConfirmByCardRequest request;
  size_t started = 0;
  for (size_t ended = 0; ended < calls.size();) {
    while (started < calls.size() && loop.Start(steady_clock::now())) ++started;
    const auto ending = loop.Wait(steady_clock::now() + std::chrono::seconds(15));
    if (!ending || !ending->right)
      return absl::InternalError("no challenge: " + loop.first_error());
    challenge.ParseFromArray(ending->answer.data(), static_cast<int>(ending->answer.size()));
    Prepared& call = calls[ended++];
    call.channel = ending->channel;
    call.to_be_signed = challenge.to_be_signed();
    const std::string_view card = cards[call.card];
    request.ParseFromArray(card.data(), static_cast<int>(card.size()));
    request.set_challenge_id(challenge.challenge_id());
    call.request = request.SerializeAsString();
  }
  return absl::OkStatus();
}

void SignAll(const std::vector<auth::PrivateKey>& keys, std::vector<Prepared>& calls) {
  std::atomic<size_t> next{0};
  const auto sign = [&] {
    v1::ConfirmByCardRequest signature;
    for (size_t i = next++; i < calls.size(); i = next++) {
      signature.set_signature(keys[calls[i].card].Sign(calls[i].to_be_signed));
      // Serialised messages may be put one behind the other: the fields add up.
      calls[i].request += signature.SerializeAsString();
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) threads.emplace_back(sign);
  sign();
  for (std::thread& thread : threads) thread.join();
}

// CardFiles is what an installation has of its cards.
struct CardFiles {
  RequestList cards;
  std::vector<auth::PrivateKey> keys;
};

absl::StatusOr<CardFiles> OpenCardFiles(const LoadPlan& plan) {
  CardFiles files;
  ASSIGN_OR_RETURN(files.cards, RequestList::Load(RequestFolder(plan.directory).cards()));
  ASSIGN_OR_RETURN(files.keys, CardKeys(plan));
  if (files.keys.size() != files.cards.size()) {
    return absl::InternalError("cards and keys do not match");
  }
  return files;
}

// Prepare makes `count` calls of the cards from `first` on, beginning again after the last.
absl::StatusOr<std::vector<Prepared>> Prepare(
    const CardFiles& files, const std::vector<std::shared_ptr<grpc::Channel>>& channels,
    size_t first, size_t count) {
  std::vector<Prepared> calls(count);
  for (size_t i = 0; i < count; ++i) calls[i].card = (first + i) % files.cards.size();
  const auto began = steady_clock::now();
  RETURN_IF_ERROR(FetchChallenges(channels, files.cards, calls));
  SignAll(files.keys, calls);
  if (steady_clock::now() - began > kPreparedWithin) {
    return absl::FailedPreconditionError(
        "signing took too long for the challenges' life: ask for fewer cards");
  }
  return calls;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Workload>> MakeCardLoad(
    const LoadPlan& plan, const std::vector<std::shared_ptr<grpc::Channel>>& channels) {
  ASSIGN_OR_RETURN(const CardFiles files, OpenCardFiles(plan));
  ASSIGN_OR_RETURN(std::vector<Prepared> calls,
                   Prepare(files, channels, 0, static_cast<size_t>(plan.cards)));
  return std::make_unique<CardLoad>(std::move(calls), channels.size());
}

absl::StatusOr<LoadOutcome> GiveConsents(
    const LoadPlan& plan, const std::vector<std::shared_ptr<grpc::Channel>>& channels) {
  ASSIGN_OR_RETURN(const CardFiles files, OpenCardFiles(plan));
  std::vector<std::string> patients(channels.size());
  LoadOutcome outcome;
  for (size_t first = 0; first < files.cards.size(); first += kConsentsAtOnce) {
    const size_t count = std::min(kConsentsAtOnce, files.cards.size() - first);
    ASSIGN_OR_RETURN(std::vector<Prepared> calls, Prepare(files, channels, first, count));
    ConsentLoad load(std::move(calls), patients);
    CallLoop loop(channels, load, plan.streams);
    while (loop.Start(steady_clock::now())) {
    }
    while (loop.under_way() > 0) {
      const auto ending = loop.Wait(steady_clock::now() + std::chrono::seconds(15));
      if (!ending || !ending->right) {
        return absl::InternalError("no consent: " + loop.first_error());
      }
      ++outcome.requests;
      loop.Start(steady_clock::now());
    }
  }
  for (size_t channel = 0; channel < patients.size(); ++channel) {
    RETURN_IF_ERROR(
        ReplaceTextFile(RequestFolder(plan.directory).patients(channel), patients[channel]));
  }
  return outcome;
}

}  // namespace kakunin::bench
