#pragma once

#include "storage/reception_link_store.h"

namespace kakunin {

// PostgresReceptionLinkStore is used with the role kakunin_terminal.
class PostgresReceptionLinkStore final : public ReceptionLinkStore {
 public:
  absl::Status Add(Transaction& tx, const ReceptionLink& link, const LinkTokenHash& token) override;
  absl::StatusOr<std::optional<ReceptionLink>> Find(Transaction& tx, std::string_view facility_code,
                                                    const LinkId& id) override;
  absl::StatusOr<std::vector<ReceptionLink>> List(Transaction& tx, std::string_view facility_code,
                                                  const LinkRange& range) override;
  absl::Status Renew(Transaction& tx, const ReceptionLink& link,
                     const LinkTokenHash& token) override;
  absl::Status Revoke(Transaction& tx, const ReceptionLink& link) override;
  absl::StatusOr<std::optional<FoundLink>> Open(Transaction& tx, const LinkTokenHash& token,
                                                std::string_view app_id) override;
};

}  // namespace kakunin
