#include "server/commands/operator_bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "absl/strings/ascii.h"
#include "auth/encoding.h"
#include "auth/peer_certificate.h"
#include "domain/access_policy.h"
#include "domain/error.h"
#include "server/commands/database_options.h"
#include "storage/postgres/registry_store.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

constexpr auto kBound = std::chrono::seconds(10);

// One spelling a body, as the schema has it: two that look alike must not pass for two.
bool IsBody(std::string_view body) {
  constexpr size_t kMost = 40;
  return body.size() >= 2 && body.size() <= kMost && body.front() != '-' &&
         std::ranges::all_of(body, [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
         });
}

absl::StatusOr<PartyRow> RowOf(const OperatorToBootstrap& op, absl::Time now) {
  if (!op.body.empty() && !IsBody(op.body)) {
    return absl::InvalidArgumentError(
        "--body takes 2 to 40 of a-z, 0-9 and -, the same for everybody of one body, as in "
        "\"payment-fund\"");
  }
  ASSIGN_OR_RETURN(const auth::PeerCertificate certificate,
                   auth::ReadPeerCertificate(op.certificate_pem));
  const auto name = certificate.Name();
  if (!name.ok() || name->kind != auth::PeerKind::kOperator || name->id != op.name) {
    return absl::InvalidArgumentError(
        fmt::format("the certificate does not name operator {}: its one URI must end in "
                    "/operator/{}; issue another",
                    op.name, op.name));
  }
  if (!certificate.client_auth || !certificate.IsValidAt(now)) {
    return absl::InvalidArgumentError(
        "the certificate is not valid now, or not for TLS clients: issue another");
  }
  return PartyRow{.kind = ActorKind::kOperator,
                  .name = op.name,
                  .display_name = op.name,
                  .fingerprint = certificate.fingerprint,
                  .not_before = certificate.not_before,
                  // The certificate names the last second, the registry the first one after it.
                  .not_after = certificate.not_after + absl::Seconds(1),
                  .key_fingerprint = certificate.key_fingerprint,
                  .body = op.body};
}

AuditRecord RecordOf(const PartyRow& row, bool created, absl::Time now) {
  AuditRecord record;
  record.at = now;
  record.operation = static_cast<int>(Operation::kBootstrapOperator);
  record.actor_kind = ActorKind::kOperator;
  record.actor = "kakunin_migrate";
  record.details =
      fmt::format("operator={};created={};body={}", row.name, created ? 1 : 0, row.body);
  return record;
}

}  // namespace

absl::StatusOr<BootstrappedOperator> BootstrapOperator(const std::string& conninfo,
                                                       const OperatorToBootstrap& op,
                                                       absl::Time now, bool commit) {
  ASSIGN_OR_RETURN(const PartyRow row, RowOf(op, now));
  const auto database = OpenPool(conninfo, "kakunin migrate operator");
  PostgresRegistryStore registry;
  BootstrappedOperator done;
  done.fingerprint = auth::HexEncode(row.fingerprint);
  const auto act = [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto known, registry.FindParty(tx, row.kind, row.name));
    ASSIGN_OR_RETURN(const bool revoked, registry.FingerprintRevoked(tx, row.fingerprint));
    if (revoked) {
      return absl::AlreadyExistsError(
          "the certificate was revoked and never comes back: issue another");
    }
    ASSIGN_OR_RETURN(const bool in_use, registry.FingerprintInUse(tx, row.fingerprint, row.name));
    if (in_use) {
      return absl::AlreadyExistsError(
          "the certificate is registered for somebody else: issue another");
    }
    // One key under two names could approve what it has proposed.
    ASSIGN_OR_RETURN(const bool key_in_use,
                     registry.FingerprintInUse(tx, *row.key_fingerprint, row.name));
    if (key_in_use) {
      return absl::AlreadyExistsError(
          "the certificate's key is or was somebody else's, or was given up: let this operator "
          "make a "
          "key of their own, and issue a certificate for it");
    }
    done.created = !known.has_value();
    if (!commit) return absl::OkStatus();
    RETURN_IF_ERROR(registry.PutParty(tx, row));
    ASSIGN_OR_RETURN(const AuditId id, tx.AppendAudit(RecordOf(row, done.created, now)));
    done.audit_id = AuditIdText(id);
    return absl::OkStatus();
  };
  const auto deadline = std::chrono::steady_clock::now() + kBound;
  const absl::Status status =
      commit ? database->Write(deadline, act) : database->Read(deadline, act);
  if (status.ok()) return done;
  if (absl::IsAlreadyExists(status)) return status;
  return absl::Status(
      status.code(),
      fmt::format(
          "the database did not take it (SQLSTATE {}): is it up, migrated (`kakunin migrate "
          "up`), and is the role kakunin_migrate?",
          SqlStateOf(status).empty() ? "none" : SqlStateOf(status)));
}

}  // namespace kakunin
