#include "server/joining_jobs.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "domain/applicant.h"
#include "domain/error.h"
#include "server/usecases/remind_of_ground_end.h"

namespace kakunin {
namespace {

constexpr auto kEvery = std::chrono::seconds(30);
constexpr auto kBound = std::chrono::seconds(5);
constexpr int kPage = 500;
constexpr int kBatch = 1'000;
constexpr int kMostMailsInRound = 1'000;
// So many that cannot be sent end the round: the folder is full or gone.
constexpr int kMostUnsent = 20;
constexpr char kSubject[] = "オンライン資格確認等システム: お知らせ";

std::string MailText(const WaitingMail& mail) {
  return fmt::format(
      "{} 様\n\n{}\n\nくわしくは、ログインしてお知らせを確かめてください。\n"
      "このメールには返信できません。\n",
      mail.facility_name, mail.text);
}

}  // namespace

JoiningJobs::JoiningJobs(JoiningJobsBackend backend)
    : backend_(std::move(backend)), thread_([this] { Run(); }) {}

JoiningJobs::~JoiningJobs() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

absl::Status JoiningJobs::Round() {
  absl::Status first = Remind();
  first.Update(Mail());
  first.Update(DeleteUnconfirmed());
  return first;
}

absl::Status JoiningJobs::Remind() {
  const absl::Time now = backend_.clock.Now();
  std::string after;
  std::vector<FacilityOnGround> page;
  absl::Status first;
  do {
    const absl::Status read = backend_.database.Read(
        std::chrono::steady_clock::now() + kBound, [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(page, backend_.jobs.FacilitiesOnGrounds(tx, after, kPage));
          return absl::OkStatus();
        });
    if (!read.ok()) return Failed(read, "read which facilities are on grounds");
    for (const FacilityOnGround& facility : page) {
      after = facility.facility_code;
      const auto reminder = ReminderFor(facility, backend_.grounds, now);
      if (!reminder) continue;
      const absl::Status status =
          backend_.database.Write(std::chrono::steady_clock::now() + kBound, [&](Transaction& tx) {
            return RemindOfGroundEnd(tx, backend_.jobs, backend_.applications,
                                     facility.facility_code, *reminder, now)
                .status();
          });
      if (!status.ok()) first.Update(Failed(status, "remind a facility of its ground's end"));
      if (stop_) return first;
    }
  } while (page.size() == kPage);
  return first;
}

absl::Status JoiningJobs::Mail() {
  int64_t dropped = 0;
  const absl::Status old = backend_.database.Write(
      std::chrono::steady_clock::now() + kBound, [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(
            dropped, backend_.jobs.DropMailBefore(tx, backend_.clock.Now() - kMailWaits, kBatch));
        return absl::OkStatus();
      });
  if (!old.ok()) return Failed(old, "drop mail that nobody could send");
  if (backend_.mail == nullptr) return absl::OkStatus();
  if (dropped > 0) spdlog::warn("{} mails were given up unsent after 30 days", dropped);
  absl::Status first;
  int unsent = 0;
  for (int i = 0; i < kMostMailsInRound && unsent < kMostUnsent && !stop_; ++i) {
    bool none = false;
    absl::Status sent;
    const absl::Status status = backend_.database.Write(
        std::chrono::steady_clock::now() + kBound, [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(const auto mail, backend_.jobs.HoldMail(tx, unsent));
          none = !mail.has_value();
          if (none) return absl::OkStatus();
          sent = backend_.mail->Send({.id = fmt::format("{}-{}", mail->account, mail->number),
                                      .from = backend_.mail_from,
                                      .to = mail->to,
                                      .subject = kSubject,
                                      .text = MailText(*mail),
                                      .at = mail->at});
          if (!sent.ok()) return absl::OkStatus();
          return backend_.jobs.DropMail(tx, *mail);
        });
    if (!status.ok()) return Failed(status, "take mail off the list");
    if (none) break;
    if (!sent.ok()) {
      ++unsent;
      first.Update(Failed(sent, "send mail"));
    }
  }
  return first;
}

absl::Status JoiningJobs::DeleteUnconfirmed() {
  int64_t deleted = kBatch;
  while (deleted == kBatch && !stop_) {
    const absl::Status status = backend_.database.Write(
        std::chrono::steady_clock::now() + kBound, [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(deleted, backend_.jobs.DeleteUnconfirmed(
                                        tx, backend_.clock.Now() - kRegistrationWaits, kBatch));
          return absl::OkStatus();
        });
    if (!status.ok()) return Failed(status, "delete accounts that nobody confirmed");
  }
  return absl::OkStatus();
}

absl::Status JoiningJobs::Failed(const absl::Status& status, const char* what) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  spdlog::warn("the jobs of joining could not {}, the next round repeats it: {}", what,
               std::string(status.message()));
  return status;
}

void JoiningJobs::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kEvery, [this] { return stop_.load(); })) {
    lock.unlock();
    Round().IgnoreError();  // it has logged what failed
    lock.lock();
  }
}

}  // namespace kakunin
