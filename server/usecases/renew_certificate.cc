#include "server/usecases/renew_certificate.h"

#include "auth/certificate_request.h"
#include "auth/digest.h"
#include "auth/encoding.h"
#include "auth/uuid.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/audited_call.h"
#include "server/usecases/enrol_terminal.h"

namespace kakunin {
namespace {

bool IsOpen(const CertificateRequest& request) {
  return request.state == CertificateRequestState::kSubmitted ||
         request.state == CertificateRequestState::kApproved;
}

}  // namespace

absl::StatusOr<RenewalState> RenewCertificate(Database& database, RegistryStore& registry,
                                              TerminalCertificateStore& store,
                                              const TerminalCall& call, const Digest32& shown,
                                              std::string_view request_pem,
                                              MonotonicTime deadline) {
  const auth::CheckedRequest checked = auth::CheckCertificateRequestPem(request_pem);
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       RenewalState& state) -> absl::StatusOr<std::optional<Reason>> {
    if (checked.fault) return std::optional(RefusalOf(*checked.fault));
    AddDetail(record, "key", auth::HexEncode(checked.key_fingerprint));
    ASSIGN_OR_RETURN(const auto last, store.LastRenewal(tx, call.facility_code, call.terminal_id));
    if (last && last->request_der == checked.der) {
      AddDetail(record, "repeat", 1);
      state.request = AsTold(*last, record.at);
      return Done();
    }
    ASSIGN_OR_RETURN(const auto terminal,
                     registry.ReadTerminal(tx, call.facility_code, call.terminal_id));
    if (!terminal) return std::optional(Reason::kTerminalNotFound);
    if (terminal->fingerprint != shown) return std::optional(Reason::kRenewalOfFormer);
    if (!IsRenewable(terminal->not_after, record.at)) {
      return std::optional(Reason::kRenewalTooEarly);
    }
    // One whose certificate is another by now will never be delivered.
    if (last && IsOpen(*last) && last->renewed_fingerprint == shown) {
      return std::optional(Reason::kRenewalOpen);
    }
    ASSIGN_OR_RETURN(const bool fresh, store.TakeKey(tx, checked.key_fingerprint, record.at));
    if (!fresh) return std::optional(Reason::kCertificateRequestKeyReused);
    CertificateRequest& request = state.request;
    request = {.id = {auth::RandomArray<16>()},
               .origin = CertificateRequestOrigin::kRenewal,
               .facility_code = call.facility_code,
               .terminal_id = call.terminal_id,
               .kind = terminal->kind,
               .request_der = checked.der,
               .key_fingerprint = checked.key_fingerprint,
               .submitted = record.at,
               .renewed_fingerprint = shown,
               .state = CertificateRequestState::kApproved,
               .decided = record.at,
               .decided_by = std::string(kApprovedByPolicy)};
    AddDetail(record, "request", auth::UuidText(request.id.octets));
    RETURN_IF_ERROR(store.PutRequest(tx, request));
    return Done();
  };
  return RunAudited<RenewalState>(database, call, deadline, act);
}

absl::StatusOr<RenewalState> GetRenewedCertificate(Database& database,
                                                   TerminalCertificateStore& store,
                                                   const TerminalCall& call,
                                                   MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       RenewalState& state) -> absl::StatusOr<std::optional<Reason>> {
    ASSIGN_OR_RETURN(const auto last, store.LastRenewal(tx, call.facility_code, call.terminal_id));
    state.asked = last.has_value();
    if (!last) return Done();
    AddDetail(record, "request", auth::UuidText(last->id.octets));
    AddDetail(record, "state", static_cast<int>(last->state));
    state.request = AsTold(*last, record.at);
    return Done();
  };
  return RunAudited<RenewalState>(database, call, deadline, act);
}

}  // namespace kakunin
