#include "server/commands/audit_walk.h"

#include <fmt/format.h>

#include <algorithm>

namespace kakunin {

void StreamWalk::See(const AuditRecord& record) {
  ++rows_;
  const int64_t number = record.id.number;
  if (number == last_ + 1) {
    if (record.previous_hash != last_hash_) {
      Report(number, "does not hold the hash of the row before it: one of the two was changed");
    }
  } else if (number <= last_) {
    Report(number, "stands there more than once");
  } else {
    Report(last_ + 1, number == last_ + 2
                          ? std::string("is missing")
                          : fmt::format("and all up to {} are missing", number - 1));
  }
  octets_.clear();
  AppendCanonicalOctets(record, octets_);
  if (hash_(octets_) != record.hash) Report(number, "was changed: its hash does not fit it");
  last_ = std::max(last_, number);
  last_hash_ = record.hash;
}

void StreamWalk::End(const StreamHead& head) {
  if (last_ < head.number) {
    Report(last_ + 1, "was there when the check began and is missing now");
  }
}

void StreamWalk::Report(int64_t number, std::string what) {
  ++fault_count_;
  if (faults_.size() < kMostFaults) faults_.push_back({{stream_, number}, std::move(what)});
}

Digest32 HeadsDigest(const std::vector<StreamHead>& heads, HashFunction hash) {
  std::string octets;
  for (const StreamHead& head : heads) {
    octets.append(reinterpret_cast<const char*>(head.stream.octets.data()),
                  head.stream.octets.size());
    for (int shift = 56; shift >= 0; shift -= 8) {
      octets.push_back(static_cast<char>(static_cast<uint64_t>(head.number) >> shift));
    }
    octets.append(reinterpret_cast<const char*>(head.hash.data()), head.hash.size());
  }
  return hash(octets);
}

}  // namespace kakunin
