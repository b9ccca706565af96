#include "server/usecases/reception_links.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/encoding.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/audited_call.h"

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
    return Done();
  };
  return RunAudited<MadeLink>(database_, call, deadline, act);
}

absl::StatusOr<LinkPage> ReceptionLinks::List(const TerminalCall& call, const LinkRange& range,
                                              MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       LinkPage& page) -> absl::StatusOr<std::optional<Reason>> {
    LinkRange wider = range;
    ++wider.limit;
    ASSIGN_OR_RETURN(page.links, store_.List(tx, call.facility_code, wider));
    if (CutPage(page.links, range.limit)) {
      page.next = LinkPosition{page.links.back().created, page.links.back().id};
    }
    AddDetail(record, "links", static_cast<int64_t>(page.links.size()));
    return Done();
  };
  return RunAudited<LinkPage>(database_, call, deadline, act);
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
    return Done();
  };
  return RunAudited<MadeLink>(database_, call, deadline, act);
}

absl::StatusOr<MadeLink> ReceptionLinks::Revoke(const TerminalCall& call, const LinkId& id,
                                                MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       MadeLink& made) -> absl::StatusOr<std::optional<Reason>> {
    AddDetail(record, "link", IdText(id));
    ASSIGN_OR_RETURN(const auto found, store_.Find(tx, call.facility_code, id));
    if (!found) return std::optional(Reason::kReceptionLinkNotFound);
    made.link = *found;
    if (found->revoked) return Done();
    made.link.revoked = record.at;
    RETURN_IF_ERROR(store_.Revoke(tx, made.link));
    return Done();
  };
  return RunAudited<MadeLink>(database_, call, deadline, act);
}

}  // namespace kakunin
