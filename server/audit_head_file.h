#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/audit_fence.h"

namespace kakunin {

// Acceptance is that an operator told this server to serve a database without what it had seen.
struct Acceptance {
  absl::Time at;
  int64_t given_up = 0;  // heads that the database lacked
  std::string by;        // one word
  std::string reason;    // one line
};

// KeptAuditHead is what a server knows of the audit outside the database: the rows that it last saw
// committed, the newest first, and what operators accepted, in order.
struct KeptAuditHead {
  std::vector<SeenHead> heads;
  std::vector<Acceptance> accepted;
};

// AuditHeadText is the file's content: lines, the last one a digest of those before it.
std::string AuditHeadText(const KeptAuditHead& kept);

// ParseAuditHead reads it. DATA_LOSS when a line is wrong or the digest is not theirs.
absl::StatusOr<KeptAuditHead> ParseAuditHead(std::string_view text);

// ReadAuditHead reads the file; nothing is kept while there is none. FAILED_PRECONDITION, with what
// to do, when it cannot be read: nobody knows then what the database must have.
absl::StatusOr<KeptAuditHead> ReadAuditHead(const std::filesystem::path& path);

// WriteAuditHead replaces the file durably.
absl::Status WriteAuditHead(const std::filesystem::path& path, const KeptAuditHead& kept);

// AuditHeadLock keeps a file to one process: two would overwrite what the other saw. It ends with
// the process, however that ends.
class AuditHeadLock {
 public:
  // FAILED_PRECONDITION when another process has it.
  static absl::StatusOr<AuditHeadLock> Take(const std::filesystem::path& path);
  ~AuditHeadLock();
  AuditHeadLock(AuditHeadLock&& other) noexcept;
  AuditHeadLock& operator=(AuditHeadLock&&) = delete;

 private:
  explicit AuditHeadLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace kakunin
