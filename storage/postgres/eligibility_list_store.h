#pragma once

#include "storage/eligibility_list_store.h"

namespace kakunin {

// PostgresEligibilityListStore is used with the role kakunin_terminal.
class PostgresEligibilityListStore final : public EligibilityListStore {
 public:
  absl::StatusOr<std::vector<ConsentedRow>> ListConsented(Transaction& tx,
                                                          std::string_view facility_code,
                                                          const ConsentedRange& range) override;
  absl::StatusOr<PastAnswers> ListPast(Transaction& tx, std::string_view facility_code,
                                       const PastRange& range) override;
};

}  // namespace kakunin
