#pragma once

#include "storage/bulk_store.h"

namespace kakunin {

// PostgresBulkStore is used with the role kakunin_terminal; DeleteExpired with kakunin_job.
class PostgresBulkStore : public BulkStore {
 public:
  absl::StatusOr<Begun> Begin(Transaction& tx, const BulkHeader& header, const BulkId& id,
                              absl::Time at) override;
  absl::StatusOr<Counts> CountOf(Transaction& tx, std::string_view facility_code) override;
  absl::StatusOr<std::optional<BulkInquiryRow>> Find(Transaction& tx,
                                                     std::string_view facility_code,
                                                     const BulkId& id, bool lock) override;
  absl::Status Append(Transaction& tx, const BulkInquiryRow& inquiry, const BulkChunk& chunk,
                      absl::Time at) override;
  absl::StatusOr<std::optional<PersonPseudonym>> DigestOf(Transaction& tx, const BulkId& id,
                                                          int64_t chunk) override;
  absl::Status SetState(Transaction& tx, const BulkId& id, BulkState state, std::string_view reason,
                        absl::Time at) override;
  absl::StatusOr<std::vector<BulkPiece>> Rows(Transaction& tx, const BulkId& id, int64_t after,
                                              int most_rows) override;
  absl::StatusOr<std::vector<BulkPiece>> Results(Transaction& tx, const BulkId& id, int64_t after,
                                                 int most_rows) override;
  absl::StatusOr<int64_t> DeleteExpired(Transaction& tx, absl::Time at) override;
};

}  // namespace kakunin
