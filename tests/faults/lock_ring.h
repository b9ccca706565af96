#pragma once

#include <string>

#include "tests/faults/installation.h"

namespace kakunin::faults {

// ConflictLog has PostgreSQL look for deadlocks soon and write the SQLSTATE of every error, for as
// long as it lives, so that a test can tell what really happened.
class ConflictLog {
 public:
  explicit ConflictLog(const Installation& installation);
  ~ConflictLog();
  ConflictLog(const ConflictLog&) = delete;
  ConflictLog& operator=(const ConflictLog&) = delete;

  // Count is how many errors of this SQLSTATE PostgreSQL has written since this began.
  int Count(const std::string& sqlstate) const;

 private:
  const Installation& installation_;
  const std::filesystem::path log_;
  const size_t before_;  // octets of it
};

// CloseRing takes two tables of the schema in the other order than the servers do: `second` against
// writers, and when a writer that has `first` waits for it, `first`. Nobody can go on, and
// PostgreSQL ends every writer in the ring (40P01), never this session. Throws when no writer comes
// for 30 s.
void CloseRing(const Installation& installation, const std::string& first,
               const std::string& second);

}  // namespace kakunin::faults
