#include "server/rpc/admission.h"

#include <algorithm>

namespace kakunin {
namespace {

// A desk that opens asks for everybody who waits.
constexpr double kSecondsOfACertificate = 2;
// What is admitted at once waits in the lanes: no longer than this.
constexpr double kSecondsOfAll = 0.05;
// A bucket of less would refuse calls that happen to come together.
constexpr double kLeastAtOnce = 16;
constexpr size_t kForgetAtLeastAt = 4096;

// The part of the process's bucket that each precedence leaves to those above it.
double LeftByEach(Precedence precedence) {
  switch (precedence) {
    case Precedence::kRecords:
      return 0.25;
    case Precedence::kLists:
      return 0.5;
    case Precedence::kFeeds:
      return 0.75;
    default:
      return 0;
  }
}

double CapacityOfAll(const AdmissionLimits& limits) {
  return std::max(kLeastAtOnce, limits.calls_per_second * kSecondsOfAll);
}

double CapacityOfACertificate(const AdmissionLimits& limits) {
  return std::max(kLeastAtOnce, limits.calls_per_certificate * kSecondsOfACertificate);
}

}  // namespace

void Admission::Bucket::Fill(double per_second, double capacity, Instant now) {
  const double since = std::chrono::duration<double>(now - filled).count();
  if (since <= 0) return;
  tokens = std::min(capacity, tokens + since * per_second);
  filled = now;
}

Admission::Admission(const AdmissionLimits& limits)
    : limits_(limits), all_{.tokens = CapacityOfAll(limits)}, forget_at_(kForgetAtLeastAt) {}

Admission::Verdict Admission::Admit(Precedence precedence, const Digest32& certificate,
                                    Instant now) {
  if (precedence == Precedence::kUncounted) return Verdict::kAdmitted;
  const std::lock_guard lock(mutex_);
  if (limits_.calls_per_certificate > 0 && !TakeOf(certificate, now)) {
    ++refused_by_certificate_;
    return Verdict::kCertificateOver;
  }
  if (limits_.calls_per_second == 0 || precedence == Precedence::kAlways) {
    return Verdict::kAdmitted;
  }
  const double capacity = CapacityOfAll(limits_);
  all_.Fill(limits_.calls_per_second, capacity, now);
  if (all_.tokens - 1 < LeftByEach(precedence) * capacity) {
    ++refused_by_all_[static_cast<size_t>(precedence)];
    return Verdict::kAllOver;
  }
  all_.tokens -= 1;
  return Verdict::kAdmitted;
}

bool Admission::TakeOf(const Digest32& certificate, Instant now) {
  const double capacity = CapacityOfACertificate(limits_);
  if (certificates_.size() >= forget_at_) ForgetTheSilent(now);
  Bucket& bucket = certificates_.try_emplace(certificate, Bucket{capacity, now}).first->second;
  bucket.Fill(limits_.calls_per_certificate, capacity, now);
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

void Admission::ForgetTheSilent(Instant now) {
  const double capacity = CapacityOfACertificate(limits_);
  absl::erase_if(certificates_, [&](auto& entry) {
    entry.second.Fill(limits_.calls_per_certificate, capacity, now);
    return entry.second.tokens >= capacity;
  });
  forget_at_ = std::max(kForgetAtLeastAt, 2 * certificates_.size());
}

int64_t Admission::RefusedByCertificate() const {
  const std::lock_guard lock(mutex_);
  return refused_by_certificate_;
}

size_t Admission::Remembered() const {
  const std::lock_guard lock(mutex_);
  return certificates_.size();
}

int64_t Admission::RefusedByAll(Precedence precedence) const {
  const std::lock_guard lock(mutex_);
  return refused_by_all_[static_cast<size_t>(precedence)];
}

}  // namespace kakunin
