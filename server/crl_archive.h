#pragma once

#include "auth/crl_memory.h"
#include "storage/crl_memory_store.h"

namespace kakunin {

// DatabaseCrlArchive keeps what CRLs listed as rows that all servers share. Thread-safe.
class DatabaseCrlArchive final : public auth::CrlArchive {
 public:
  // Both outlive the archive.
  DatabaseCrlArchive(Database& database, CrlMemoryStore& store)
      : database_(database), store_(store) {}

  // Update returns a StoreError, or the change's error. Takes at most 30 s.
  absl::Status Update(const auth::IssuerKeyId& issuer, std::string_view partition,
                      const Change& change) override;

 private:
  Database& database_;
  CrlMemoryStore& store_;
};

}  // namespace kakunin
