#include "server/bench/bare_limits.h"

#include <fcntl.h>
#include <unistd.h>

#include <random>

#include "auth/digest.h"
#include "auth/hash_function.h"
#include "auth/key_file.h"
#include "domain/error.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "server/bench/process_usage.h"
#include "server/bench/request_files.h"
#include "server/clock.h"
#include "server/rpc/convert_eligibility.h"
#include "storage/postgres/confirmation_store.h"

namespace kakunin::bench {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

constexpr size_t kBatch = 64;
constexpr auto kBound = std::chrono::seconds(5);

absl::StatusOr<std::vector<KeyHash>> LookUpKeys(const BenchInstallation& place) {
  ASSIGN_OR_RETURN(const auto requests,
                   RequestList::Load(RequestFolder(place.directory()).numbers()));
  ASSIGN_OR_RETURN(const auth::HmacKey key,
                   auth::LoadSecretKey(dev::SandboxPaths(place.directory()).secret("lookup")));
  Call call;
  call.actor = Terminal{};
  call.at = SystemClock().Now();
  std::vector<KeyHash> keys;
  v1::ConfirmByInsuredNumberRequest request;
  for (size_t i = 0; i < requests.size(); ++i) {
    request.ParseFromArray(requests[i].data(), static_cast<int>(requests[i].size()));
    Inquiry inquiry;
    RETURN_IF_ERROR(ReadByNumber(request, call, key, inquiry));
    keys.push_back(std::get<KeyQuestion>(inquiry.question).key);
  }
  return keys;
}

// Batch is the rows of one lane round, alike but for what makes them rows of their own.
class Batch {
 public:
  Batch() : chain_(StreamId{auth::RandomArray<16>()}, auth::kSha256) {
    AuditRecord record;
    record.at = SystemClock().Now();
    record.operation = static_cast<int>(Operation::kConfirmByInsuredNumber);
    record.actor_kind = ActorKind::kTerminal;
    record.actor = "1310000003/T1";
    record.role = static_cast<int>(Role::kGeneral);
    record.details = "bench";
    record.key_id = "bench";
    audit_.assign(kBatch, record);
    confirmations_.resize(kBatch);
  }

  absl::Status WriteFor(const BatchAnswers& answers, ConfirmationStore& store) {
    for (size_t i = 0; i < kBatch; ++i) {
      chain_.Link(audit_[i]);
      Confirmation& row = confirmations_[i];
      if (answers.by_key[i].empty()) return absl::InternalError("a person is not there");
      row = {.person = answers.by_key[i].front().person,
             .day = absl::CivilDay(2026, 1, 1),
             .facility_code = "1310000003",
             .at = audit_[i].at,
             .validity = Validity::kValid,
             .audit_id = audit_[i].id};
    }
    return store.Write(audit_, confirmations_, {}, {}, steady_clock::now() + kBound);
  }

 private:
  AuditChain chain_;
  std::vector<AuditRecord> audit_;
  std::vector<Confirmation> confirmations_;
};

}  // namespace

absl::StatusOr<LoadOutcome> MeasureStore(const BenchInstallation& place, double seconds) {
  ASSIGN_OR_RETURN(const std::vector<KeyHash> all, LookUpKeys(place));
  const auto store = MakeConfirmationStore("host=" + place.socket_folder() + " dbname=kakunin",
                                           "kakunin_terminal", "kakunin bench");
  RETURN_IF_ERROR(store->Reconnect(steady_clock::now() + kBound));
  Batch batch;
  std::mt19937_64 random(std::random_device{}());
  std::uniform_int_distribution<size_t> any(0, all.size() - 1);
  std::vector<KeyHash> keys(kBatch);
  std::vector<float> took;
  LoadOutcome outcome;
  const auto began = steady_clock::now();
  const auto own = CpuOfProcess(getpid());
  const auto postgres = CpuOfCluster(place.postmaster());
  while (outcome.seconds < seconds) {
    for (KeyHash& key : keys) key = all[any(random)];
    const auto from = steady_clock::now();
    ASSIGN_OR_RETURN(const BatchAnswers answers,
                     store->Read(keys, {}, steady_clock::now() + kBound));
    RETURN_IF_ERROR(batch.WriteFor(answers, *store));
    const auto now = steady_clock::now();
    took.push_back(duration<float, std::milli>(now - from).count());
    outcome.seconds = duration<double>(now - began).count();
    outcome.requests += kBatch;
  }
  const auto rows = static_cast<double>(outcome.requests);
  outcome.server_us = duration<double, std::micro>(CpuOfProcess(getpid()) - own).count() / rows;
  outcome.postgres_us =
      duration<double, std::micro>(CpuOfCluster(place.postmaster()) - postgres).count() / rows;
  outcome.p50_ms = Quantile(took, 0.50);
  outcome.p99_ms = Quantile(took, 0.99);
  return outcome;
}

absl::StatusOr<LoadOutcome> MeasureFdatasync(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "fdatasync";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return absl::InternalError("cannot write " + path.string());
  const std::string block(8192, 'x');
  constexpr off_t kFileSize = 16 << 20;
  // PostgreSQL's log files have their size before they are written.
  bool well = posix_fallocate(file, 0, kFileSize) == 0 && fsync(file) == 0;
  std::vector<float> took;
  const auto began = steady_clock::now();
  for (off_t at = 0; at < kFileSize && well; at += static_cast<off_t>(block.size())) {
    const auto from = steady_clock::now();
    well = pwrite(file, block.data(), block.size(), at) == static_cast<ssize_t>(block.size()) &&
           fdatasync(file) == 0;
    took.push_back(duration<float, std::milli>(steady_clock::now() - from).count());
  }
  LoadOutcome outcome;
  outcome.seconds = duration<double>(steady_clock::now() - began).count();
  close(file);
  std::filesystem::remove(path);
  if (!well) return absl::InternalError("cannot write " + path.string());
  outcome.requests = static_cast<int64_t>(took.size());
  outcome.p50_ms = Quantile(took, 0.50);
  outcome.p99_ms = Quantile(took, 0.99);
  return outcome;
}

}  // namespace kakunin::bench
