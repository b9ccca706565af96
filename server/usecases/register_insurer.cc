#include "server/usecases/register_insurer.h"

#include "domain/error.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/register_certificate.h"

namespace kakunin {

absl::StatusOr<RegisteredInsurer> RegisterInsurer(Transaction& tx, AuditRecord& record,
                                                  RegistryStore& registry,
                                                  const InsurerToRegister& insurer,
                                                  bool validate_only) {
  const auth::PeerName expected{.kind = auth::PeerKind::kInsurer, .id = insurer.insurer_number};
  ASSIGN_OR_RETURN(const auth::PeerCertificate certificate,
                   ReadCertificateToRegister(insurer.certificate_pem, expected, record.at));
  ASSIGN_OR_RETURN(const auto known,
                   registry.FindParty(tx, ActorKind::kInsurer, insurer.insurer_number));
  RETURN_IF_ERROR(CheckMayBeBound(tx, registry, certificate, insurer.insurer_number));

  const PartyRow row{.kind = ActorKind::kInsurer,
                     .name = insurer.insurer_number,
                     .display_name = insurer.name,
                     .fingerprint = certificate.fingerprint,
                     .not_before = certificate.not_before,
                     .not_after = FirstInstantAfter(certificate)};
  AddDetail(record, "insurer", row.name);
  AddDetail(record, "created", known ? 0 : 1);
  if (!validate_only) RETURN_IF_ERROR(registry.PutParty(tx, row));
  return RegisteredInsurer{row, !known.has_value()};
}

}  // namespace kakunin
