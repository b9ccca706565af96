#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/file_lock.h"
#include "storage/audit_fence.h"

namespace kakunin {

// Acceptance is that an operator told this server to serve a database without what it had seen.
struct Acceptance {
  absl::Time at;
  int64_t given_up = 0;  // heads that the database lacked; 0: none, the alarm alone was ended
  std::string by;        // one word
  std::string reason;    // one line
};

// KeptAuditHead is what a server knows of the audit outside the database: the rows that it last saw
// committed, the newest first, and what operators accepted, in order.
struct KeptAuditHead {
  std::vector<SeenHead> heads;
  std::vector<Acceptance> accepted;
  bool alarm = false;     // a database lacked some of it, and nobody has accepted that since
  bool is_there = false;  // whether there was a file; not of its content
};

// AuditHeadText is the file's content: lines, the last one a digest of those before it.
std::string AuditHeadText(const KeptAuditHead& kept);

// ParseAuditHead reads it. DATA_LOSS when a line is wrong or the digest is not theirs.
absl::StatusOr<KeptAuditHead> ParseAuditHead(std::string_view text);

// ReadAuditHead reads the file; nothing is kept while there is none. FAILED_PRECONDITION, with what
// to do, when it cannot be read: nobody knows then what the database must have.
absl::StatusOr<KeptAuditHead> ReadAuditHead(const std::filesystem::path& path);

// WriteAuditHead replaces the file durably. The caller holds its turn.
absl::Status WriteAuditHead(const std::filesystem::path& path, const KeptAuditHead& kept);

// TakeAuditHeadTurn lets one at a time read the file and write it anew: a server writes what it
// saw, an operator's command what was accepted, and neither may lose the other's. UNAVAILABLE when
// another has it, unless told to `wait`; FAILED_PRECONDITION when there cannot be a lock.
absl::StatusOr<FileLock> TakeAuditHeadTurn(const std::filesystem::path& path, bool wait);

// KeepAuditHead keeps a file to one server: two would overwrite what the other saw.
// FAILED_PRECONDITION when another has it.
absl::StatusOr<FileLock> KeepAuditHead(const std::filesystem::path& path);

}  // namespace kakunin
