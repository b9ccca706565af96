#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/audit_chain.h"
#include "domain/audit_record.h"
#include "storage/audit_store.h"

namespace kakunin {

// AuditFault is one place where the audit is not what its writer wrote.
struct AuditFault {
  AuditId at;
  std::string what;
};

// StreamWalk checks one stream: numbers from 1, or from the row after the last one that was dropped
// with its month, without gaps, every row holding the hash of the one before it and its own. It
// goes on behind a fault, so that one changed row gives one fault. Keeps at most kMostFaults of
// them. One thread.
class StreamWalk {
 public:
  static constexpr size_t kMostFaults = 100;

  // The first row follows `start` (AuditStore::Start).
  StreamWalk(const StreamId& stream, HashFunction hash, const AuditChain::Place& start = {})
      : stream_(stream), hash_(hash), last_(start.number), last_hash_(start.hash) {}

  // See takes the next row.
  void See(const AuditRecord& record);
  // End compares with the head that was read before the walk began: rows up to it must be there.
  void End(const StreamHead& head);

  int64_t rows() const { return rows_; }
  int64_t fault_count() const { return fault_count_; }
  const std::vector<AuditFault>& faults() const { return faults_; }

 private:
  void Report(int64_t number, std::string what);

  const StreamId stream_;
  const HashFunction hash_;
  int64_t rows_ = 0;
  int64_t last_;
  Digest32 last_hash_;
  int64_t fault_count_ = 0;
  std::vector<AuditFault> faults_;
  std::string octets_;
};

// HeadsDigest is the installation's audit head: SHA-256 over stream, number (8 octets, big endian)
// and hash of every head, in the order given (AuditStore::Heads: by stream).
Digest32 HeadsDigest(const std::vector<StreamHead>& heads, HashFunction hash);

}  // namespace kakunin
