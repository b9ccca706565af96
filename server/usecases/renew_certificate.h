#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "server/usecases/terminal_call.h"
#include "storage/registry_store.h"
#include "storage/terminal_certificate_store.h"

namespace kakunin {

// RenewalState is how a terminal's last renewal stands.
struct RenewalState {
  bool asked = true;  // false: it never asked for one
  CertificateRequest request;
  AuditId audit_id;
};

// RenewCertificate asks for a terminal's next certificate, audited, over the certificate with the
// fingerprint `shown`. It is approved by that; the authority still signs. The same request again
// gives the same answer. Refused: what the door said; RENEWAL_OF_FORMER for a certificate that was
// renewed already; RENEWAL_TOO_EARLY; RENEWAL_OPEN while another waits; a reason each for what is
// wrong with the request; or a StoreError.
absl::StatusOr<RenewalState> RenewCertificate(Database& database, RegistryStore& registry,
                                              TerminalCertificateStore& store,
                                              const TerminalCall& call, const Digest32& shown,
                                              std::string_view request_pem, MonotonicTime deadline);

// GetRenewedCertificate tells how the terminal's last renewal stands, audited. Refused: what the
// door said; or a StoreError.
absl::StatusOr<RenewalState> GetRenewedCertificate(Database& database,
                                                   TerminalCertificateStore& store,
                                                   const TerminalCall& call,
                                                   MonotonicTime deadline);

}  // namespace kakunin
