#include "server/usecases/push_card_links.h"

#include "domain/error.h"
#include "server/usecases/administrative_write.h"

namespace kakunin {

absl::StatusOr<CardLinkCounts> PushCardLinks(Transaction& tx, AuditRecord& record,
                                             CardLinkStore& links,
                                             std::span<const CardLinkRow> rows) {
  ASSIGN_OR_RETURN(const CardLinkCounts counts, links.Put(tx, rows, record.at));
  AddDetail(record, "linked", counts.linked);
  AddDetail(record, "superseded", counts.superseded);
  AddDetail(record, "unchanged", counts.unchanged);
  return counts;
}

}  // namespace kakunin
