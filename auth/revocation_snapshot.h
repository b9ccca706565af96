#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "auth/digest.h"
#include "auth/serial_number.h"
#include "auth/trust_store.h"

namespace kakunin::auth {

// kDefaultCrlMaxAge is our own limit beside nextUpdate: CRLs are renewed daily (jpki.md 1.5).
inline constexpr absl::Duration kDefaultCrlMaxAge = absl::Hours(26);

// RevocationState is the answer of a look-up. Only kGood lets a card pass.
enum class RevocationState {
  kGood,
  kRevoked,
  kMissing,  // no CRL of this key for this partition
  kStale,    // held, but before thisUpdate, at or past nextUpdate, or older than the limit
};

// PartitionId names a partition in a few octets: what is kept beside a serial that will be looked
// up again when its certificate is no longer at hand.
using PartitionId = uint64_t;

// PartitionIdOf is the id of the partition with this encoded name (empty: a full CRL): the first
// octets of its SHA-256.
PartitionId PartitionIdOf(std::string_view name);

// CrlPartition is the content of one verified CRL: immutable and shared between snapshots.
struct CrlPartition {
  IssuerKeyId issuer;
  std::string name;         // encoded GeneralName of the distribution point; empty for a full CRL
  int64_t this_update = 0;  // seconds since the epoch
  int64_t next_update = 0;
  SerialNumber crl_number;
  Sha256Digest digest;                     // of the whole CRL
  std::vector<uint64_t> serials;           // sorted, of at most 8 octets
  std::vector<SerialNumber> long_serials;  // sorted, the longer ones

  size_t entries() const { return serials.size() + long_serials.size(); }
  bool Contains(const SerialNumber& serial) const;
};

// RevocationSnapshot is what is known about revocation at one moment. Immutable once shared as
// std::shared_ptr<const RevocationSnapshot>; const calls are safe from any thread.
class RevocationSnapshot {
 public:
  // Lookup answers for one certificate of `issuer` whose distribution point has this encoded name
  // (empty: none). A listed serial is revoked even by a stale CRL and whatever its revocation date
  // (jpki.md 6 row 17): a revocation is never lifted.
  RevocationState Lookup(const IssuerKeyId& issuer, std::string_view partition,
                         const SerialNumber& serial, absl::Time now,
                         absl::Duration max_age = kDefaultCrlMaxAge) const;

  // LookupAgain answers as Lookup does for a certificate of which only the partition's id was kept.
  RevocationState LookupAgain(const IssuerKeyId& issuer, PartitionId partition,
                              const SerialNumber& serial, absl::Time now,
                              absl::Duration max_age = kDefaultCrlMaxAge) const;

  // Find returns the partition or nullptr.
  std::shared_ptr<const CrlPartition> Find(const IssuerKeyId& issuer,
                                           std::string_view partition) const;

  // partitions lists everything held, for gauges (age, number, entries).
  std::vector<std::shared_ptr<const CrlPartition>> partitions() const;
  size_t entries() const;

  // SourceFile remembers what a directory's file gave, so that a reload skips unchanged files.
  struct SourceFile {
    uint64_t inode = 0;
    uint64_t size = 0;
    int64_t modified_ns = 0;
    IssuerKeyId issuer{};
  };

  // Put adds or replaces one partition, Remember a file; for loaders, before the snapshot is
  // shared.
  void Put(std::shared_ptr<const CrlPartition> partition);
  void Remember(std::string file, const SourceFile& source);

  // Source returns what a file gave at the last load, or nullptr.
  const SourceFile* Source(const std::string& file) const;

 private:
  struct KeyView {
    const IssuerKeyId* issuer;
    std::string_view name;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const KeyView& key) const;
    size_t operator()(const std::shared_ptr<const CrlPartition>& p) const {
      return (*this)(KeyView{&p->issuer, p->name});
    }
  };
  struct Equal {
    using is_transparent = void;
    static KeyView View(const KeyView& key) { return key; }
    static KeyView View(const std::shared_ptr<const CrlPartition>& p) {
      return {&p->issuer, p->name};
    }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      const KeyView x = View(a), y = View(b);
      return *x.issuer == *y.issuer && x.name == y.name;
    }
  };
  std::unordered_set<std::shared_ptr<const CrlPartition>, Hash, Equal> partitions_;
  std::map<std::pair<IssuerKeyId, PartitionId>, std::shared_ptr<const CrlPartition>> by_id_;
  std::map<std::string, SourceFile> sources_;
};

}  // namespace kakunin::auth
