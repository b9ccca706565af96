#include "server/usecases/link_on_first_use.h"

#include "server/usecases/administrative_write.h"
#include "server/usecases/feed_keys.h"
#include "server/usecases/push_card_links.h"

namespace kakunin {
namespace {

constexpr char kActor[] = "kakunin_job";

CardLinkRow RowOf(const CardCertificateId& card, const CardHolder& holder,
                  const auth::HmacKey& key) {
  CardLinkRow row{.issuer_key_id = card.issuer_key_id,
                  .serial = card.serial,
                  .medium = holder.medium,
                  .individual = HashOf(key, holder.individual_number)};
  if (holder.replaces) {
    row.replaces_issuer_key_id = holder.replaces->issuer_key_id;
    row.replaces_serial = holder.replaces->serial;
  }
  return row;
}

}  // namespace

absl::StatusOr<bool> LinkOnFirstUse(const FirstUseBackend& backend, const CardCertificateId& card,
                                    absl::Time now, MonotonicTime deadline) {
  ASSIGN_OR_RETURN(const auto holder, backend.registry.FindHolder(card));
  if (!holder) return false;
  const CardLinkRow row = RowOf(card, *holder, backend.individual_number_key);
  WriteCall call{.operation = Operation::kLinkOnFirstUse,
                 .actor_kind = ActorKind::kOperator,
                 .actor = kActor,
                 .body_digest = backend.audit_key.Mac(card.issuer_key_id + card.serial),
                 .key_id = backend.audit_key.key_id(),
                 .at = now,
                 .deadline = deadline};
  RETURN_IF_ERROR(AuditedWrite(backend.database, call, [&](Transaction& tx, AuditRecord& record) {
                    return PushCardLinks(tx, record, backend.links, std::span(&row, 1)).status();
                  }).status());
  return true;
}

}  // namespace kakunin
