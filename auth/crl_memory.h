#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/revocation_snapshot.h"

namespace kakunin::auth {

// CrlMemory is what the CRLs of one partition listed, up to the newest that was seen: a CA may drop
// a certificate from its CRL once that has expired (RFC 5280 3.3), and grace would forget it.
struct CrlMemory {
  int64_t this_update = 0;                 // of the newest CRL, seconds since the epoch
  std::vector<uint64_t> serials;           // that it lists; sorted
  std::vector<SerialNumber> long_serials;  // likewise, above 8 octets
  FormerSerials former;                    // that it does not list any more
};

// ForgottenSerial is a former serial that a memory has let go: no card of it can be used any more,
// but what was signed with one may still be asked about.
struct ForgottenSerial {
  SerialNumber serial;
  int64_t until = 0;  // seconds since the epoch: as in FormerList
};

// Remember is `memory` after `crl` was seen; a CRL older than the newest one changes nothing. What
// `crl` no longer lists is remembered until no certificate that had ended by its nextUpdate can be
// in grace any more (by thisUpdate: the CA's clock, not ours); what it lists again is current. What
// is let go is added to `forgotten`, unless that is null.
CrlMemory Remember(CrlMemory memory, const CrlPartition& crl,
                   std::vector<ForgottenSerial>* forgotten = nullptr);

// IsRolledBack tells of a CRL that is older than one that was seen. A memory of what is still to
// come at `now` tells nothing: the clock was set back, as only a sandbox's may be.
bool IsRolledBack(const CrlPartition& crl, const CrlMemory& memory, absl::Time now);

// Complete adds to a CRL that is older than `memory` what that lists, and what it listed once: a
// card that was revoked since stays revoked on a server that holds the older one alone.
void Complete(CrlPartition& crl, const CrlMemory& memory);

// StillSuperseded is which serials are superseded after a CRL that is newer than all before: those
// that it lists so, and of `before` those that have vanished and are remembered. `crl` holds its
// former serials.
SerialSet StillSuperseded(const SerialSet& before, const CrlPartition& crl);

// SupersededMemory is which of a partition's serials are superseded, those of its former CRLs too,
// by the CRL that was the newest when it was made. It counts beside the CrlMemory of that CRL
// alone: a server of an earlier version writes CrlMemory and not this, and what it saw may have
// said worse of any of them.
struct SupersededMemory {
  int64_t this_update = 0;  // of that CRL, seconds since the epoch
  SerialSet serials;
};

// SupersededPointOf is the name under which an archive keeps the SupersededMemory of the partition
// of that name: no encoded name ends so. Apart from CrlMemory, whose form servers of an earlier
// version read, and whose CRLs they would refuse without it.
std::string SupersededPointOf(std::string_view partition);

// EncodeSuperseded is the form in which it is kept, empty when it has no serials; DecodeSuperseded
// reads it, nullopt when it is not such octets.
std::string EncodeSuperseded(const SupersededMemory& memory);
std::optional<SupersededMemory> DecodeSuperseded(std::string_view octets);

// EncodeCrlMemory is the form in which it is kept; DecodeCrlMemory reads it, nullopt when it is not
// such octets.
std::string EncodeCrlMemory(const CrlMemory& memory);
std::optional<CrlMemory> DecodeCrlMemory(std::string_view octets);

// CrlArchive keeps what is known of a partition's CRLs beyond the life of a process, for all
// servers.
class CrlArchive {
 public:
  // Kept is what is kept of one partition, each empty when nothing is.
  struct Kept {
    std::string memory;      // EncodeCrlMemory
    std::string superseded;  // EncodeSuperseded
    // Of what a Change returns: revoked, not superseded, and in neither any more. They are kept for
    // good, but no Change gets them.
    std::vector<ForgottenSerial> forgotten;
  };
  // Change gets what is kept and returns what to keep.
  using Change = std::function<absl::StatusOr<Kept>(const Kept& kept)>;

  virtual ~CrlArchive() = default;

  // Update changes what is kept of one partition, one server after the other: all of it or, with an
  // error, nothing. `change` may run again. Returns its error, or why nothing can be kept.
  virtual absl::Status Update(const IssuerKeyId& issuer, std::string_view partition,
                              const Change& change) = 0;
};

}  // namespace kakunin::auth
