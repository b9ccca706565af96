#pragma once

#include "storage/reception_app_store.h"

namespace kakunin {

// PostgresReceptionAppStore is used with the roles kakunin_operator and kakunin_terminal.
class PostgresReceptionAppStore final : public ReceptionAppStore {
 public:
  absl::StatusOr<std::optional<ReceptionApp>> Find(Transaction& tx,
                                                   std::string_view app_id) override;
  absl::StatusOr<std::optional<ReceptionApp>> Hold(Transaction& tx,
                                                   std::string_view app_id) override;
  absl::StatusOr<bool> IsKeyOfAnother(Transaction& tx, const ReceptionApp& app) override;
  absl::Status Put(Transaction& tx, const ReceptionApp& app) override;
  absl::StatusOr<std::vector<ReceptionApp>> List(Transaction& tx) override;
  absl::Status Name(Transaction& tx, std::string_view facility_code, std::string_view app_id,
                    absl::Time at) override;
  absl::Status Drop(Transaction& tx, std::string_view facility_code,
                    std::string_view app_id) override;
  absl::StatusOr<std::vector<NamedApp>> ListNamed(Transaction& tx,
                                                  std::string_view facility_code) override;
};

}  // namespace kakunin
