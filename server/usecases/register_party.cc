#include "server/usecases/register_party.h"

#include <string_view>

#include "domain/error.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/register_certificate.h"

namespace kakunin {
namespace {

// What differs from one kind of party to the next; insurers are the rest.
struct PartyWords {
  auth::PeerKind peer;
  std::string_view detail;  // of the audit
};

PartyWords WordsOf(ActorKind kind) {
  if (kind == ActorKind::kClaimsReviewer) return {auth::PeerKind::kClaimsReviewer, "reviewer"};
  if (kind == ActorKind::kCardLinkProvider) {
    return {auth::PeerKind::kCardLinkProvider, "card_link_provider"};
  }
  return {auth::PeerKind::kInsurer, "insurer"};
}

}  // namespace

absl::StatusOr<RegisteredParty> RegisterParty(Transaction& tx, AuditRecord& record,
                                              RegistryStore& registry, const PartyToRegister& party,
                                              bool validate_only) {
  const PartyWords words = WordsOf(party.kind);
  const auth::PeerName expected{.kind = words.peer, .id = party.number};
  ASSIGN_OR_RETURN(const auth::PeerCertificate certificate,
                   ReadCertificateToRegister(party.certificate_pem, expected, record.at));
  ASSIGN_OR_RETURN(const auto known, registry.FindParty(tx, party.kind, party.number));
  RETURN_IF_ERROR(CheckMayBeBound(tx, registry, certificate, party.number));

  const PartyRow row{.kind = party.kind,
                     .name = party.number,
                     .display_name = party.name,
                     .fingerprint = certificate.fingerprint,
                     .not_before = certificate.not_before,
                     .not_after = FirstInstantAfter(certificate),
                     .key_fingerprint = certificate.key_fingerprint};
  AddDetail(record, words.detail, row.name);
  AddDetail(record, "created", known ? 0 : 1);
  if (!validate_only) RETURN_IF_ERROR(registry.PutParty(tx, row));
  return RegisteredParty{row, !known.has_value()};
}

}  // namespace kakunin
