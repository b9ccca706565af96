#include "server/crl_archive.h"

#include <chrono>
#include <string>
#include <vector>

#include "domain/error.h"

namespace kakunin {
namespace {

constexpr auto kBound = std::chrono::seconds(30);

std::vector<ForgottenRevocation> RowsOf(const std::vector<auth::ForgottenSerial>& forgotten) {
  std::vector<ForgottenRevocation> rows;
  rows.reserve(forgotten.size());
  for (const auth::ForgottenSerial& one : forgotten) {
    const auto octets = one.serial.bytes();
    rows.push_back({.serial = std::string(octets.begin(), octets.end()),
                    .until = absl::FromUnixSeconds(one.until)});
  }
  return rows;
}

}  // namespace

absl::Status DatabaseCrlArchive::Update(const auth::IssuerKeyId& issuer, std::string_view partition,
                                        const Change& change) {
  const std::string_view key(reinterpret_cast<const char*>(issuer.data()), issuer.size());
  const std::string superseded = auth::SupersededPointOf(partition);
  return database_.Write(std::chrono::steady_clock::now() + kBound,
                         [&](Transaction& tx) -> absl::Status {
                           // The partition's own row first, always: two servers wait, and none for
                           // the other.
                           Kept kept;
                           ASSIGN_OR_RETURN(kept.memory, store_.Lock(tx, key, partition));
                           ASSIGN_OR_RETURN(kept.superseded, store_.Lock(tx, key, superseded));
                           ASSIGN_OR_RETURN(const Kept next, change(kept));
                           if (next.memory != kept.memory) {
                             RETURN_IF_ERROR(store_.Put(tx, key, partition, next.memory));
                           }
                           if (next.superseded != kept.superseded) {
                             RETURN_IF_ERROR(store_.Put(tx, key, superseded, next.superseded));
                           }
                           return store_.KeepForgotten(tx, key, RowsOf(next.forgotten));
                         });
}

}  // namespace kakunin
