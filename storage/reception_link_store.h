#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/actor.h"
#include "domain/facility_terms.h"
#include "domain/reception_link.h"
#include "storage/database.h"

namespace kakunin {

// LinkPosition is a place in a facility's list of links, the latest first.
struct LinkPosition {
  absl::Time created;
  LinkId id;
};

// LinkRange is what of the list is read: those before `after` in time when there is one.
struct LinkRange {
  std::optional<LinkPosition> after;
  // Only links that are open at this instant; empty: every one.
  std::optional<absl::Time> open_at;
  int limit = 0;
};

// FoundLink is a link as a token leads to it, and whose it is.
struct FoundLink {
  ReceptionLink link;
  std::string facility_name;
  FacilityType facility_type = FacilityType::kClinic;
  // Since when the facility names the app that asked; empty: no app did.
  std::optional<absl::Time> app_named;
  FacilityTerms terms;
};

// ReceptionLinkStore keeps the links of facilities, as the terminals' role. Results are a
// StoreError when they fail. Thread-safe.
class ReceptionLinkStore {
 public:
  virtual ~ReceptionLinkStore() = default;
  virtual absl::Status Add(Transaction& tx, const ReceptionLink& link,
                           const LinkTokenHash& token) = 0;
  // Find reads one link of a facility and holds it until the end of the transaction; empty: there
  // is none.
  virtual absl::StatusOr<std::optional<ReceptionLink>> Find(Transaction& tx,
                                                            std::string_view facility_code,
                                                            const LinkId& id) = 0;
  virtual absl::StatusOr<std::vector<ReceptionLink>> List(Transaction& tx,
                                                          std::string_view facility_code,
                                                          const LinkRange& range) = 0;
  // Renew stores `renewed` and `expires` of a link that was found, and `token` in place of the one
  // that worked.
  virtual absl::Status Renew(Transaction& tx, const ReceptionLink& link,
                             const LinkTokenHash& token) = 0;
  // Revoke stores `revoked` of a link that was found; its token is nobody's from then on.
  virtual absl::Status Revoke(Transaction& tx, const ReceptionLink& link) = 0;
  // Open finds whose a token is; empty: nobody's, of a facility that is not active or, where an app
  // asks (`app_id` not empty), of one that did not name it. Whether the link is over the caller
  // decides.
  virtual absl::StatusOr<std::optional<FoundLink>> Open(Transaction& tx, const LinkTokenHash& token,
                                                        std::string_view app_id) = 0;
};

}  // namespace kakunin
