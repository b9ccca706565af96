#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "domain/audit_record.h"
#include "domain/error.h"
#include "server/usecases/terminal_call.h"
#include "storage/reception_link_store.h"

namespace kakunin {

// HashOfLinkToken is what is stored of a token: a keyed hash, so that a copy of the table opens no
// link. `key` is the installation's look-up key.
LinkTokenHash HashOfLinkToken(const auth::HmacKey& key, std::string_view token);

// LinkToMake is what a facility asks for.
struct LinkToMake {
  FormOfCare form_of_care = FormOfCare::kHomeVisit;
  std::optional<absl::CivilDay> appointment_day;
  std::string booking_name;
};

// MadeLink is a link and its token, which is told this once; empty where a call makes none.
struct MadeLink {
  ReceptionLink link;
  std::string token;  // 128 random bits as 32 hexadecimal digits
  AuditId audit_id;
};

// LinkPage is one page of a facility's links, the latest first.
struct LinkPage {
  std::vector<ReceptionLink> links;
  std::optional<LinkPosition> next;  // others follow
  AuditId audit_id;
};

// ReceptionLinks makes, lists, renews and ends a facility's links; each with its audit row in the
// same commit. Every call returns the reason of a refusal, or a StoreError. Thread-safe.
class ReceptionLinks {
 public:
  // All references outlive the object.
  ReceptionLinks(Database& database, ReceptionLinkStore& store, const auth::HmacKey& look_up_key)
      : database_(database), store_(store), key_(look_up_key) {}

  absl::StatusOr<MadeLink> Create(const TerminalCall& call, const LinkToMake& wanted,
                                  MonotonicTime deadline);
  absl::StatusOr<LinkPage> List(const TerminalCall& call, const LinkRange& range,
                                MonotonicTime deadline);
  // Renew replaces the token; the one before opens nothing once this has returned. A link that is
  // revoked, another facility's, unknown, or of a booking whose day is over:
  // RECEPTION_LINK_NOT_FOUND.
  absl::StatusOr<MadeLink> Renew(const TerminalCall& call, const LinkId& id,
                                 MonotonicTime deadline);
  // Revoke ends a link; one that is revoked stays as it is.
  absl::StatusOr<MadeLink> Revoke(const TerminalCall& call, const LinkId& id,
                                  MonotonicTime deadline);

 private:
  Database& database_;
  ReceptionLinkStore& store_;
  const auth::HmacKey& key_;
};

}  // namespace kakunin
