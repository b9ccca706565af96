#include "server/usecases/reception_links.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/encoding.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/refusal.h"

namespace kakunin {
namespace {

constexpr size_t kTokenOctets = 16;

std::string IdText(const LinkId& id) { return auth::HexEncode(id.octets); }

}  // namespace

LinkTokenHash HashOfLinkToken(const auth::HmacKey& key, std::string_view token) {
  const auto mac = key.Mac("kakunin reception link\n" + std::string(token));
  LinkTokenHash hash;
  std::copy_n(mac.begin(), hash.octets.size(), hash.octets.begin());
  return hash;
}

// Audited runs `act` (Transaction&, AuditRecord&, MadeLink&) -> optional<Reason>; a refusal is
// audited like an act, and nothing else of it is written.
template <class Act>
absl::StatusOr<MadeLink> ReceptionLinks::Audited(const TerminalCall& call, MonotonicTime deadline,
                                                 Act&& act) {
  MadeLink made;
  std::optional<Reason> refused;
  RETURN_IF_ERROR(database_.Write(deadline, [&](Transaction& tx) -> absl::Status {
    made = {};
    refused = call.refused;
    AuditRecord record = call.record;
    if (!refused) {
      ASSIGN_OR_RETURN(refused, act(tx, record, made));
    }
    if (refused) AddRefusal(MakeError(*refused), record);
    ASSIGN_OR_RETURN(made.audit_id, tx.AppendAudit(record));
    return absl::OkStatus();
  }));
  if (refused) return MakeError(*refused);
  return made;
}

absl::StatusOr<MadeLink> ReceptionLinks::Create(const TerminalCall& call, const LinkToMake& wanted,
                                                MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       MadeLink& made) -> absl::StatusOr<std::optional<Reason>> {
    made.token = auth::HexEncode(auth::RandomArray<kTokenOctets>());
    made.link = {.facility_code = call.facility_code,
                 .id = {auth::RandomArray<16>()},
                 .form_of_care = wanted.form_of_care,
                 .appointment_day = wanted.appointment_day,
                 .booking_name = wanted.booking_name,
                 .created = record.at,
                 .expires = ReceptionLinkEnd(wanted.appointment_day, record.at)};
    AddDetail(record, "link", IdText(made.link.id));
    RETURN_IF_ERROR(store_.Add(tx, made.link, HashOfLinkToken(key_, made.token)));
    return std::optional<Reason>();
  };
  return Audited(call, deadline, act);
}

absl::StatusOr<LinkPage> ReceptionLinks::List(const TerminalCall& call, const LinkRange& range,
                                              MonotonicTime deadline) {
  LinkPage page;
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       MadeLink&) -> absl::StatusOr<std::optional<Reason>> {
    page = {};
    // One more than a page tells whether others follow.
    LinkRange wider = range;
    ++wider.limit;
    ASSIGN_OR_RETURN(page.links, store_.List(tx, call.facility_code, wider));
    if (page.links.size() > static_cast<size_t>(range.limit)) {
      page.links.resize(static_cast<size_t>(range.limit));
      page.next = LinkPosition{page.links.back().created, page.links.back().id};
    }
    AddDetail(record, "links", static_cast<int64_t>(page.links.size()));
    return std::optional<Reason>();
  };
  ASSIGN_OR_RETURN(const MadeLink done, Audited(call, deadline, act));
  page.audit_id = done.audit_id;
  return page;
}

absl::StatusOr<MadeLink> ReceptionLinks::Renew(const TerminalCall& call, const LinkId& id,
                                               MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       MadeLink& made) -> absl::StatusOr<std::optional<Reason>> {
    AddDetail(record, "link", IdText(id));
    ASSIGN_OR_RETURN(const auto found, store_.Find(tx, call.facility_code, id));
    const bool over = !found || found->revoked ||
                      ReceptionLinkEnd(found->appointment_day, record.at) <= record.at;
    if (over) return std::optional(Reason::kReceptionLinkNotFound);
    made.token = auth::HexEncode(auth::RandomArray<kTokenOctets>());
    made.link = *found;
    made.link.renewed = record.at;
    made.link.expires = ReceptionLinkEnd(found->appointment_day, record.at);
    RETURN_IF_ERROR(store_.Renew(tx, made.link, HashOfLinkToken(key_, made.token)));
    return std::optional<Reason>();
  };
  return Audited(call, deadline, act);
}

absl::StatusOr<MadeLink> ReceptionLinks::Revoke(const TerminalCall& call, const LinkId& id,
                                                MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       MadeLink& made) -> absl::StatusOr<std::optional<Reason>> {
    AddDetail(record, "link", IdText(id));
    ASSIGN_OR_RETURN(const auto found, store_.Find(tx, call.facility_code, id));
    if (!found) return std::optional(Reason::kReceptionLinkNotFound);
    made.link = *found;
    if (found->revoked) return std::optional<Reason>();
    made.link.revoked = record.at;
    RETURN_IF_ERROR(store_.Revoke(tx, made.link));
    return std::optional<Reason>();
  };
  return Audited(call, deadline, act);
}

}  // namespace kakunin
