#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "domain/delivered_certificate.h"
#include "domain/feed_kind.h"
#include "storage/postgres/binary_array.h"

namespace kakunin {

// Certificates that are delivered by themselves stand with their coverage (migration 0022) as flat
// objects: `kind`, the number of their FeedKind, `name`, and their own members.

// AddDelivered reads those of a coverage, in front of its others; false when the text is not what
// this binary writes.
bool AddDelivered(std::string_view json, Coverage& coverage);

// kCertificateColumns names the columns of staged certificates, for INSERT.
inline constexpr int kCertificateColumnCount = 3;
inline constexpr char kCertificateColumns[] = "reference, coverage_reference, certificate";

// CertificateParameters is "$first::text[], ..." for the arrays of CertificateArrays.
std::string CertificateParameters(int first);

// CertificateArrays collects certificates of one kind as one array a column, to be handed to a
// statement as parameters. Not thread-safe.
class CertificateArrays {
 public:
  void Begin(size_t count);
  void Add(const DeliveredElderly& delivered);
  void Add(const DeliveredLimit& delivered);
  void Add(const DeliveredDisease& delivered);
  std::span<const BinaryArray> arrays() const { return arrays_; }

 private:
  template <class Certificate>
  void Add(FeedKind kind, const Delivered<Certificate>& delivered);

  std::array<BinaryArray, kCertificateColumnCount> arrays_;
};

}  // namespace kakunin
