#include "server/usecases/card_link_rows.h"

#include <utility>

namespace kakunin {

Judged<DeliveredCardLink> JudgeCardLinks(std::vector<IncomingCardLink> rows, int64_t chunk,
                                         const FeedKeys& keys) {
  return JudgeEach(std::move(rows), chunk, keys, &DeliveredCardLink::reference,
                   [](IncomingCardLink& row) {
                     if (!row.individual_number) {
                       row.AddFault(RowFault::kFieldMissing, "individual_number");
                     }
                     const DeliveredCardLink& link = row.record;
                     if (!link.serial.empty() && link.replaces_serial == link.serial &&
                         link.replaces_issuer_key_id == link.issuer_key_id) {
                       row.AddFault(RowFault::kCardReplacesItself, "replaces_serial");
                     }
                   });
}

}  // namespace kakunin
