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
  kSuperseded,  // of LookupAgain alone: listed, with "superseded" as the only reason
  kMissing,     // no CRL of this key for this partition
  kStale,       // held, but before thisUpdate, at or past nextUpdate, or older than the limit
};

// PartitionId names a partition in a few octets: what is kept beside a serial that will be looked
// up again when its certificate is no longer at hand.
using PartitionId = uint64_t;

// PartitionIdOf is the id of the partition with this encoded name (empty: a full CRL): the first
// octets of its SHA-256.
PartitionId PartitionIdOf(std::string_view name);

// FormerList holds serials and, beside each, the nextUpdate (seconds since the epoch) of the first
// CRL that no longer listed it: 12 octets for a serial of at most 8.
template <typename Serial>
struct FormerList {
  std::vector<Serial> serials;  // sorted
  std::vector<uint32_t> until;
};

// FormerSerials are what a partition's CRLs once listed and no longer do (crl_memory.h).
struct FormerSerials {
  FormerList<uint64_t> serials;           // of at most 8 octets
  FormerList<SerialNumber> long_serials;  // the longer ones

  size_t entries() const { return serials.serials.size() + long_serials.serials.size(); }
};

// SerialSet is a set of serials, each kind sorted.
struct SerialSet {
  std::vector<uint64_t> serials;           // of at most 8 octets
  std::vector<SerialNumber> long_serials;  // the longer ones

  bool empty() const { return serials.empty() && long_serials.empty(); }
  bool Contains(const SerialNumber& serial) const;
  void Add(const SerialNumber& serial);  // at the end: sort afterwards
};

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
  FormerSerials former;                    // filled in by the loader
  // Those of both whose holder has a new certificate in their place: the CRL that listed them last
  // gave CRLReason superseded (RFC 5280 5.3.1) and no other. By themselves, for they are the fewer:
  // what most serials do not have costs them nothing.
  SerialSet superseded;
  std::vector<uint64_t> samples;  // every 64th of `serials`, by Index

  // Index makes Contains quick, once `serials` are complete: without it the whole is searched.
  void Index();

  size_t entries() const { return serials.size() + long_serials.size(); }
  bool Contains(const SerialNumber& serial) const;
  // ContainedBefore tells whether an earlier CRL listed the serial of a certificate whose last
  // second is `not_after`, and did so up to its end: the first CRL that no longer did spoke for a
  // time (up to its nextUpdate) that the certificate did not live to see. One that vanished earlier
  // was on hold and was released.
  bool ContainedBefore(const SerialNumber& serial, int64_t not_after) const;
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

  // LookupAgain answers as Lookup does for a certificate of which only the partition's id was kept,
  // and tells kSuperseded apart, which no card passes by: what was signed before it stands. Whether
  // a certificate is superseded and nothing worse only a CRL that is fresh can tell: else kStale.
  RevocationState LookupAgain(const IssuerKeyId& issuer, PartitionId partition,
                              const SerialNumber& serial, absl::Time now,
                              absl::Duration max_age = kDefaultCrlMaxAge) const;

  // Holds tells whether there is any CRL of `issuer`.
  bool Holds(const IssuerKeyId& issuer) const;

  // WasRevoked tells of a certificate that has expired whether it was revoked at its end, although
  // the CRL held lists it no more; `not_after` is its last second since the epoch. Within its
  // validity Lookup alone counts.
  bool WasRevoked(const IssuerKeyId& issuer, std::string_view partition, const SerialNumber& serial,
                  int64_t not_after) const;

  // WasRevokedAgain answers as WasRevoked does for a certificate of which only the partition's id
  // was kept.
  bool WasRevokedAgain(const IssuerKeyId& issuer, PartitionId partition, const SerialNumber& serial,
                       int64_t not_after) const;

  // WasSupersededAgain tells of a certificate that WasRevokedAgain whether it was superseded and
  // nothing worse.
  bool WasSupersededAgain(const IssuerKeyId& issuer, PartitionId partition,
                          const SerialNumber& serial) const;

  // Find returns the partition or nullptr.
  std::shared_ptr<const CrlPartition> Find(const IssuerKeyId& issuer,
                                           std::string_view partition) const;

  // partitions lists everything held, for gauges (age, number, entries).
  std::vector<std::shared_ptr<const CrlPartition>> partitions() const;
  size_t entries() const;
  size_t former_entries() const;

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
