#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "server/usecases/feed_row.h"

namespace kakunin {

// CheckCertificateDays tells of an impossible order of the days of a certificate.
template <class Certificate>
void CheckCertificateDays(Incoming<Delivered<Certificate>>& row) {
  const Certificate& certificate = row.record.certificate;
  if (certificate.valid_from && certificate.valid_through &&
      *certificate.valid_through < *certificate.valid_from) {
    row.AddFault(RowFault::kDateOrderImpossible, "certificate.valid_through");
  }
}

// JudgeCertificates decides each certificate by itself. Whose it is can only be told by the number
// and the coverage together, so that a row without a number is refused and not hidden.
template <class Certificate>
Judged<Delivered<Certificate>> JudgeCertificates(std::vector<Incoming<Delivered<Certificate>>> rows,
                                                 int64_t chunk, const FeedKeys& keys) {
  return JudgeEach(std::move(rows), chunk, keys, &Delivered<Certificate>::reference,
                   [](Incoming<Delivered<Certificate>>& row) {
                     if (!row.individual_number) {
                       row.AddFault(RowFault::kFieldMissing, "individual_number");
                     }
                     CheckCertificateDays(row);
                   });
}

}  // namespace kakunin
