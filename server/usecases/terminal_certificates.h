#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "auth/peer_certificate.h"
#include "domain/audit_record.h"
#include "storage/registry_store.h"
#include "storage/terminal_certificate_store.h"

namespace kakunin {

// TerminalAuthority is what terminals' certificates must be.
struct TerminalAuthority {
  std::string ca_pem;  // one or more certificates
  std::string trust_domain;
};

// NameOf is the name that the certificate of a request must have.
auth::PeerName NameOf(const CertificateRequest& request, const std::string& trust_domain);

// ApproveCertificateRequest lets a request be signed, within `tx`, by the operator of `record`, who
// read `key` from the facility. Returns CERTIFICATE_REQUEST_NOT_FOUND, what WhyNotApproved says,
// RESTRICTED_TERMINALS_ONLY, or a StoreError. With `validate_only`, here as below, nothing is
// written.
absl::StatusOr<CertificateRequest> ApproveCertificateRequest(
    Transaction& tx, AuditRecord& record, RegistryStore& registry, TerminalCertificateStore& store,
    const CertificateRequestId& id, const Digest32& key, bool validate_only);

// RefuseCertificateRequest ends a request, within `tx`. Returns CERTIFICATE_REQUEST_NOT_FOUND, what
// WhyNotRefused says, or a StoreError.
absl::StatusOr<CertificateRequest> RefuseCertificateRequest(Transaction& tx, AuditRecord& record,
                                                            TerminalCertificateStore& store,
                                                            const CertificateRequestId& id,
                                                            bool validate_only);

// DeliveredCertificate is what a delivery came to.
struct DeliveredTerminalCertificate {
  CertificateRequest request;
  TerminalRow terminal;
  std::optional<absl::Time> overlap_end;  // of a renewal
};

// DeliverCertificate registers the certificate that the authority signed for a request, within
// `tx`. That of a code takes the place of all that the terminal had; beside that of a renewal the
// one before counts until OverlapEnd. A terminal that was suspended stays so. Returns
// CERTIFICATE_REQUEST_NOT_FOUND, what WhyNotDelivered says, a reason each for what is wrong with
// the certificate, CERTIFICATE_REQUEST_OVERTAKEN or TERMINAL_REVOKED for a renewal whose terminal
// has another certificate or none by now, FACILITY_NOT_FOUND, or a StoreError.
absl::StatusOr<DeliveredTerminalCertificate> DeliverCertificate(
    Transaction& tx, AuditRecord& record, RegistryStore& registry, TerminalCertificateStore& store,
    const TerminalAuthority& authority, const CertificateRequestId& id,
    const std::string& certificate_pem, bool validate_only);

}  // namespace kakunin
