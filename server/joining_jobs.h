#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "domain/restricted_grounds.h"
#include "server/clock.h"
#include "server/mail_sender.h"
#include "storage/application_store.h"
#include "storage/joining_job_store.h"

namespace kakunin {

// JoiningJobsBackend is what they work with; the references outlive them.
struct JoiningJobsBackend {
  Database& database;
  JoiningJobStore& jobs;
  ApplicationStore& applications;
  const Clock& clock;
  RestrictedGroundRules grounds;
  MailSender* mail = nullptr;  // null: nothing is mailed
  std::string mail_from;
};

// JoiningJobs does what is due for facilities that join, from a thread of its own: it reminds of
// the end of a ground of the restricted type, mails news, and deletes accounts that nobody
// confirmed within kRegistrationWaits. Several servers may run it at once.
class JoiningJobs {
 public:
  explicit JoiningJobs(JoiningJobsBackend backend);
  ~JoiningJobs();

  // Round does all of it once; the thread does so every 30 s. What fails is logged and counted, and
  // the next round repeats it. Returns the first failure.
  absl::Status Round();

  // Remind makes news of what is due. One transaction a facility.
  absl::Status Remind();
  // Mail sends what waits, the oldest first, each in a transaction of its own: what was sent is
  // taken off the list with its commit, and sent again under the same id should that fail. A
  // message that cannot be sent holds no other up. The news stay whatever becomes of the mail; mail
  // that nobody could send for kMailWaits is given up.
  absl::Status Mail();
  // DeleteUnconfirmed deletes accounts that lapsed.
  absl::Status DeleteUnconfirmed();

  int64_t Failures() const { return failures_.load(std::memory_order_relaxed); }

  static constexpr absl::Duration kMailWaits = absl::Hours(24 * 30);

 private:
  void Run();
  absl::Status Failed(const absl::Status& status, const char* what);

  const JoiningJobsBackend backend_;
  std::atomic<int64_t> failures_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace kakunin
