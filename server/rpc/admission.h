#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "domain/audit_record.h"
#include "domain/precedence.h"

namespace kakunin {

// AdmissionLimits bounds what a process takes on. 0: no bound.
struct AdmissionLimits {
  int calls_per_second = 0;       // of everybody together
  int calls_per_certificate = 0;  // a second, of each
};

// Admission says whether a call is served now or refused before anything is done for it, so that
// those admitted are answered in time whatever is offered, and one certificate cannot take
// everybody's share. Two token buckets: one of each certificate, which holds two seconds of calls,
// and one of the process, which holds a twentieth of a second and of which each precedence leaves a
// part to those above it. Some 50 ns a call. Thread-safe.
class Admission {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  enum class Verdict { kAdmitted, kCertificateOver, kAllOver };

  explicit Admission(const AdmissionLimits& limits);

  // Admit counts a call of the certificate with this fingerprint. `now` never goes back by more
  // than threads overtake each other.
  Verdict Admit(Precedence precedence, const Digest32& certificate, Instant now);

  // How many were refused: by their certificate's bound, and by the process's of each precedence.
  int64_t RefusedByCertificate() const;
  int64_t RefusedByAll(Precedence precedence) const;
  // How many certificates are remembered.
  size_t Remembered() const;

 private:
  struct Bucket {
    double tokens = 0;
    Instant filled{};
    // Fill adds what has come since; at most `capacity`.
    void Fill(double per_second, double capacity, Instant now);
  };

  bool TakeOf(const Digest32& certificate, Instant now);
  // Whoever is silent long enough is forgotten: a full bucket is as good as none.
  void ForgetTheSilent(Instant now);

  const AdmissionLimits limits_;
  mutable std::mutex mutex_;
  Bucket all_;
  absl::flat_hash_map<Digest32, Bucket> certificates_;
  size_t forget_at_;
  int64_t refused_by_certificate_ = 0;
  std::array<int64_t, kPrecedences + 1> refused_by_all_{};
};

}  // namespace kakunin
