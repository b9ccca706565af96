#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "domain/audit_record.h"
#include "domain/error.h"
#include "server/usecases/terminal_call.h"
#include "storage/bulk_store.h"
#include "storage/database.h"

namespace kakunin {

// AuditedBulk is a list as a call left it, and the call's audit id.
struct AuditedBulk {
  BulkInquiryRow inquiry;
  AuditId audit_id;
};

// BulkIntake takes one list from one stream. A chunk is durable when Take returns; what was stored
// before, by another stream or server, is found again. Not thread-safe.
class BulkIntake {
 public:
  // The references outlive the object.
  BulkIntake(Database& database, BulkStore& store, const auth::HmacKey& key)
      : database_(database), store_(store), key_(key) {}

  // Begin begins the list of `header` as `id`, or goes on with it. REQUEST_ID_REUSED: that list has
  // another header or sender, or was deleted. BULK_LIMIT: the facility has too many, or too much.
  absl::Status Begin(const BulkHeader& header, const BulkId& id, absl::Time at,
                     MonotonicTime deadline);

  // LearnRowIds reads which row ids the list has already, once, before the first IsNew; `row_ids`
  // reads them off stored rows.
  absl::Status LearnRowIds(
      MonotonicTime deadline,
      const std::function<std::vector<std::string>(std::string_view)>& row_ids);

  // IsNew notes a row's id; false: another row of the list has it.
  bool IsNew(std::string_view row_id);

  // Take stores a chunk of `rows` (already encoded, a string a round) behind the last one, or finds
  // that it was stored. FEED_CHUNK_GAP with the expected number, FEED_CHUNK_DIFFERS, BULK_CLOSED,
  // BULK_NOT_FOUND, FEED_CHUNK_TOO_LARGE when the list would grow beyond kMostBulkRows.
  absl::Status Take(int64_t number, const PersonPseudonym& digest, std::vector<BulkPiece> pieces,
                    absl::Time at, MonotonicTime deadline);

  // AlreadyTaken tells whether a chunk of that number was stored: then its rows are known already.
  bool AlreadyTaken(int64_t number) const { return number <= inquiry_.chunks; }
  int64_t rows() const { return inquiry_.rows; }

  // End closes the list, which runs from then on; repeating it answers the same. BULK_INCOMPLETE
  // when it has not what the sender counted.
  absl::StatusOr<AuditedBulk> End(const TerminalCall& call, int64_t chunks, int64_t rows,
                                  MonotonicTime deadline);

 private:
  Database& database_;
  BulkStore& store_;
  const auth::HmacKey& key_;
  BulkInquiryRow inquiry_;
  bool learned_ = false;
  // Keyed digests: a million of the ids themselves would be much.
  absl::flat_hash_set<PersonPseudonym> row_ids_;
};

// BulkIdOf is the id of a facility's list by the facility's own name of it.
BulkId BulkIdOf(const auth::HmacKey& audit_key, std::string_view facility_code,
                const RequestId& request_id);

// FindBulk, CancelBulk and DeleteBulk serve the calls of those names, each with its audit row in
// one commit. BULK_NOT_FOUND: the facility has no such list. BULK_RUNNING: it cannot be deleted
// yet.
absl::StatusOr<AuditedBulk> FindBulk(Database& database, BulkStore& store, const TerminalCall& call,
                                     const BulkId& id, MonotonicTime deadline);
absl::StatusOr<AuditedBulk> CancelBulk(Database& database, BulkStore& store,
                                       const TerminalCall& call, const BulkId& id,
                                       MonotonicTime deadline);
absl::StatusOr<AuditId> DeleteBulk(Database& database, BulkStore& store, const TerminalCall& call,
                                   const BulkId& id, MonotonicTime deadline);

}  // namespace kakunin
