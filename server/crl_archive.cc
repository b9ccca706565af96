#include "server/crl_archive.h"

#include <chrono>

#include "domain/error.h"

namespace kakunin {
namespace {

constexpr auto kBound = std::chrono::seconds(30);

}  // namespace

absl::Status DatabaseCrlArchive::Update(const auth::IssuerKeyId& issuer, std::string_view partition,
                                        const Change& change) {
  const std::string_view key(reinterpret_cast<const char*>(issuer.data()), issuer.size());
  return database_.Write(
      std::chrono::steady_clock::now() + kBound, [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const std::string kept, store_.Lock(tx, key, partition));
        ASSIGN_OR_RETURN(const std::string next, change(kept));
        return next == kept ? absl::OkStatus() : store_.Put(tx, key, partition, next);
      });
}

}  // namespace kakunin
