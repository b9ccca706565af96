#pragma once

#include <absl/time/time.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "auth/crl_memory.h"
#include "auth/crl_parser.h"
#include "auth/revocation_snapshot.h"
#include "auth/trust_store.h"

namespace kakunin::auth {

// CrlLimits bounds a load.
struct CrlLimits {
  size_t max_file_bytes = 256u << 20;  // above the largest planned partition (jpki.md 1.5)
  double shrink_alarm_fraction = 0.5;  // alarm when fewer than this part of the entries remain
};

// CrlLoadReport says what a load did, by file name; texts are for operators.
struct CrlLoadReport {
  struct Entry {
    std::string file;
    std::string text;
  };
  int loaded = 0;
  int unchanged = 0;
  std::vector<Entry> refused;  // the last good partition is kept
  std::vector<Entry> alarms;   // loaded all the same, a person must look: shrunk
  // Vanished is a CRL that was loaded although it does not list serials that the one before it
  // did. Right once their certificates have ended (RFC 5280 3.3), which a CRL does not tell; of any
  // other a revocation was lifted, which should never be (jpki.md 1.5).
  struct Vanished {
    std::string file;
    std::string partition;  // PartitionText
    size_t serials = 0;
  };
  std::vector<Vanished> vanished;
};

struct CrlLoadResult {
  std::shared_ptr<const RevocationSnapshot> snapshot;
  CrlLoadReport report;
};

// LoadCrls reads every *.crl file of a directory (DER, or the first PEM block X509 CRL of a text)
// in the order of names and returns a new snapshot that shares unchanged partitions with `previous`
// (may be null).
// Refused beyond ParseCrl: thisUpdate after `now`; a crlNumber lower than the held one or the same
// with other content; a full CRL of a key that has partitions, and a partition of a key that has a
// full CRL; one whose predecessors `archive` cannot tell. What those listed and it does not is kept
// as former serials, by `archive` beyond this process when there is one. A refused, vanished or
// unreadable file leaves the held partition in place: it dies by its own nextUpdate. Partitions
// whose key left the trust store are dropped. Never throws; meant for a side thread.
CrlLoadResult LoadCrls(const std::filesystem::path& directory, const TrustStore& store,
                       const RevocationSnapshot* previous, absl::Time now,
                       const CrlLimits& limits = {}, CrlArchive* archive = nullptr);

}  // namespace kakunin::auth
