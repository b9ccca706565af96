#pragma once

#include <string>
#include <string_view>

#include "domain/audit_record.h"

namespace kakunin {

// HashFunction is SHA-256; handed in so that the rules need no cryptographic library.
using HashFunction = Digest32 (*)(std::string_view);

// AuditChain numbers and chains the rows of one stream: one writer, one connection. Not
// thread-safe.
class AuditChain {
 public:
  // Place is a point in the chain to return to when a transaction rolls back.
  struct Place {
    int64_t number = 0;
    Digest32 hash{};
  };

  AuditChain(const StreamId& stream, HashFunction hash) : stream_(stream), hash_(hash) {}

  // Link gives `record` its id, the hash of the row before it, and its own.
  void Link(AuditRecord& record);

  Place place() const { return place_; }
  void ReturnTo(const Place& place) { place_ = place; }
  const StreamId& stream() const { return stream_; }

 private:
  StreamId stream_;
  HashFunction hash_;
  Place place_;
  std::string octets_;  // reused
};

}  // namespace kakunin
