#include "server/usecases/register_terminal.h"

#include "domain/error.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/register_certificate.h"

namespace kakunin {

absl::StatusOr<RegisteredTerminal> RegisterTerminal(Transaction& tx, AuditRecord& record,
                                                    RegistryStore& registry,
                                                    const TerminalToRegister& terminal,
                                                    bool validate_only) {
  const auth::PeerName expected{.kind = auth::PeerKind::kTerminal,
                                .facility_code = terminal.facility_code,
                                .id = terminal.terminal_id};
  ASSIGN_OR_RETURN(const auth::PeerCertificate certificate,
                   ReadCertificateToRegister(terminal.certificate_pem, expected, record.at));
  ASSIGN_OR_RETURN(const auto facility, registry.FindFacility(tx, terminal.facility_code));
  if (!facility) return MakeError(Reason::kFacilityNotFound);
  if (!MayHaveTerminal(facility->terms, terminal.kind)) {
    return MakeError(Reason::kRestrictedTerminalsOnly);
  }
  ASSIGN_OR_RETURN(const auto known,
                   registry.FindTerminal(tx, terminal.facility_code, terminal.terminal_id));
  RETURN_IF_ERROR(CheckMayBeBound(tx, registry, certificate,
                                  terminal.facility_code + "/" + terminal.terminal_id));

  TerminalRow row{.facility_code = terminal.facility_code,
                  .terminal_id = terminal.terminal_id,
                  .kind = terminal.kind,
                  .fingerprint = certificate.fingerprint,
                  .not_before = certificate.not_before,
                  .not_after = FirstInstantAfter(certificate),
                  .key_fingerprint = certificate.key_fingerprint};
  if (known) {
    row.suspended_at = known->suspended_at;
    row.suspension_reason = known->suspension_reason;
    row.label = known->label;
  }
  AddDetail(record, "terminal", row.facility_code + "/" + row.terminal_id);
  AddDetail(record, "created", known ? 0 : 1);
  if (!validate_only) {
    // It takes the place of all that the terminal has, overlaps included.
    ASSIGN_OR_RETURN(const int ended, registry.EndFormers(tx, row.facility_code, row.terminal_id,
                                                          record.at, /*revoked=*/false));
    if (ended > 0) AddDetail(record, "ended", ended);
    RETURN_IF_ERROR(registry.PutTerminal(tx, row));
  }
  return RegisteredTerminal{row, !known.has_value()};
}

}  // namespace kakunin
