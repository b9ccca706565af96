#include "server/usecases/terminal_certificates.h"

#include "auth/encoding.h"
#include "auth/terminal_issuance.h"
#include "auth/uuid.h"
#include "domain/error.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/register_certificate.h"

namespace kakunin {
namespace {

absl::StatusOr<CertificateRequest> Hold(Transaction& tx, AuditRecord& record,
                                        TerminalCertificateStore& store,
                                        const CertificateRequestId& id) {
  AddDetail(record, "request", auth::UuidText(id.octets));
  ASSIGN_OR_RETURN(const auto request, store.HoldRequest(tx, id));
  if (!request) return MakeError(Reason::kCertificateRequestNotFound);
  AddDetail(record, "terminal", request->facility_code + "/" + request->terminal_id);
  AddDetail(record, "key", auth::HexEncode(request->key_fingerprint));
  return *request;
}

Reason RefusalOf(auth::IssuedFault fault) {
  switch (fault) {
    case auth::IssuedFault::kMalformed:
    case auth::IssuedFault::kUse:
      return Reason::kCertificateWrongUse;
    case auth::IssuedFault::kIssuer:
      return Reason::kCertificateWrongIssuer;
    case auth::IssuedFault::kKey:
      return Reason::kCertificateWrongKey;
    case auth::IssuedFault::kName:
      return Reason::kCertificateWrongName;
  }
  return Reason::kInternal;
}

// What the terminal's row becomes by a certificate of a code: a new right.
TerminalRow NewRow(const CertificateRequest& request, const std::optional<TerminalRow>& known) {
  TerminalRow row{.facility_code = request.facility_code,
                  .terminal_id = request.terminal_id,
                  .kind = request.kind,
                  .label = request.label};
  if (known) {
    row.suspended_at = known->suspended_at;
    row.suspension_reason = known->suspension_reason;
  }
  return row;
}

// Why a renewal no longer fits the terminal; empty: it does.
std::optional<Reason> WhyOvertaken(const CertificateRequest& request,
                                   const std::optional<TerminalRow>& known) {
  if (!known || known->fingerprint != *request.renewed_fingerprint) {
    return Reason::kCertificateRequestOvertaken;
  }
  if (known->revoked_at) return Reason::kTerminalRevoked;
  return std::nullopt;
}

// Replace writes the certificate beside the one before, or in its place.
absl::Status Replace(Transaction& tx, AuditRecord& record, RegistryStore& registry,
                     const std::optional<TerminalRow>& before,
                     const DeliveredTerminalCertificate& done) {
  const TerminalRow& row = done.terminal;
  if (done.overlap_end) {
    RETURN_IF_ERROR(registry.PutFormer(tx, {.facility_code = row.facility_code,
                                            .terminal_id = row.terminal_id,
                                            .fingerprint = before->fingerprint,
                                            .not_before = before->not_before,
                                            .not_after = *done.overlap_end}));
  } else {
    ASSIGN_OR_RETURN(const int ended, registry.EndFormers(tx, row.facility_code, row.terminal_id,
                                                          record.at, /*revoked=*/false));
    if (ended > 0) AddDetail(record, "ended", ended);
  }
  return registry.PutTerminal(tx, row);
}

}  // namespace

auth::PeerName NameOf(const CertificateRequest& request, const std::string& trust_domain) {
  return {.kind = auth::PeerKind::kTerminal,
          .trust_domain = trust_domain,
          .facility_code = request.facility_code,
          .id = request.terminal_id};
}

absl::StatusOr<CertificateRequest> ApproveCertificateRequest(
    Transaction& tx, AuditRecord& record, RegistryStore& registry, TerminalCertificateStore& store,
    const CertificateRequestId& id, const Digest32& key, bool validate_only) {
  ASSIGN_OR_RETURN(CertificateRequest request, Hold(tx, record, store, id));
  if (const auto why = WhyNotApproved(request, record.actor, key)) return MakeError(*why);
  ASSIGN_OR_RETURN(const auto facility, registry.FindFacility(tx, request.facility_code));
  if (facility && !MayHaveTerminal(facility->terms, request.kind)) {
    return MakeError(Reason::kRestrictedTerminalsOnly);
  }
  request.state = CertificateRequestState::kApproved;
  request.decided = record.at;
  request.decided_by = record.actor;
  if (!validate_only) RETURN_IF_ERROR(store.UpdateRequest(tx, request));
  return request;
}

absl::StatusOr<CertificateRequest> RefuseCertificateRequest(Transaction& tx, AuditRecord& record,
                                                            TerminalCertificateStore& store,
                                                            const CertificateRequestId& id,
                                                            bool validate_only) {
  ASSIGN_OR_RETURN(CertificateRequest request, Hold(tx, record, store, id));
  if (const auto why = WhyNotRefused(request)) return MakeError(*why);
  request.state = CertificateRequestState::kRefused;
  request.decided = record.at;
  request.decided_by = record.actor;
  if (!validate_only) RETURN_IF_ERROR(store.UpdateRequest(tx, request));
  return request;
}

absl::StatusOr<DeliveredTerminalCertificate> DeliverCertificate(
    Transaction& tx, AuditRecord& record, RegistryStore& registry, TerminalCertificateStore& store,
    const TerminalAuthority& authority, const CertificateRequestId& id,
    const std::string& certificate_pem, bool validate_only) {
  DeliveredTerminalCertificate done;
  ASSIGN_OR_RETURN(done.request, Hold(tx, record, store, id));
  CertificateRequest& request = done.request;
  if (const auto why = WhyNotDelivered(request)) return MakeError(*why);
  const auth::CheckedCertificate checked =
      auth::CheckTerminalCertificate(certificate_pem, authority.ca_pem, request.key_fingerprint,
                                     NameOf(request, authority.trust_domain), record.at);
  if (checked.fault) return MakeError(RefusalOf(*checked.fault));
  const absl::Time ends = FirstInstantAfter(checked.peer);
  if (!HasRightDates(checked.peer.not_before, ends, record.at)) {
    return MakeError(Reason::kCertificateWrongDates);
  }
  ASSIGN_OR_RETURN(const auto facility, registry.FindFacility(tx, request.facility_code));
  if (!facility) return MakeError(Reason::kFacilityNotFound);
  if (!MayHaveTerminal(facility->terms, request.kind)) {
    return MakeError(Reason::kRestrictedTerminalsOnly);
  }
  ASSIGN_OR_RETURN(const auto known,
                   registry.FindTerminal(tx, request.facility_code, request.terminal_id));
  RETURN_IF_ERROR(CheckMayBeBound(tx, registry, checked.peer,
                                  request.facility_code + "/" + request.terminal_id));
  const bool renewal = request.origin == CertificateRequestOrigin::kRenewal;
  if (renewal) {
    if (const auto why = WhyOvertaken(request, known)) return MakeError(*why);
    done.overlap_end = OverlapEnd(known->not_after, record.at);
  } else if (known && known->revoked_at && request.submitted < *known->revoked_at) {
    // What was asked for before a terminal was revoked does not bring it back.
    return MakeError(Reason::kTerminalRevoked);
  }
  done.terminal = renewal ? *known : NewRow(request, known);
  done.terminal.fingerprint = checked.peer.fingerprint;
  done.terminal.not_before = checked.peer.not_before;
  done.terminal.not_after = ends;
  request.state = CertificateRequestState::kDelivered;
  request.delivered = record.at;
  request.delivered_by = record.actor;
  request.certificate_der = checked.der;
  request.issuer_der = checked.issuer_der;
  AddDetail(record, "certificate", auth::HexEncode(checked.peer.fingerprint));
  if (validate_only) return done;
  RETURN_IF_ERROR(Replace(tx, record, registry, known, done));
  RETURN_IF_ERROR(store.UpdateRequest(tx, request));
  return done;
}

}  // namespace kakunin
