#include "server/rpc/convert_identity_case.h"

#include <string>

#include "auth/uuid.h"
#include "domain/resident_identity.h"
#include "server/rpc/convert_date.h"
#include "server/usecases/feed_row.h"

namespace kakunin {

void SetIdentityCase(const IdentityCase& told, v1::IdentityCase& out) {
  out.set_case_id(auth::UuidText(told.id.octets));
  out.set_kind(static_cast<v1::IdentityCaseKind>(told.kind));
  out.set_reason(told.reason);
  out.set_message(std::string(MessageOfFinding(told.reason)));
  for (int bit = 0; bit < kIdentityFieldCount; ++bit) {
    if ((told.fields & (1 << bit)) != 0) out.add_fields(static_cast<v1::IdentityField>(bit + 1));
  }
  if (told.row) {
    out.set_coverage_reference(told.row->reference);
    out.set_feed_id(auth::UuidText(told.row->feed.octets));
    out.set_chunk_number(told.row->chunk);
    out.set_row_index(told.row->row_index);
  }
  *out.mutable_open_time() = TimeToProto(told.opened);
  out.set_state(static_cast<v1::IdentityCaseState>(told.state));
  if (told.end) {
    *out.mutable_end_time() = TimeToProto(told.end->at);
    out.set_ended_by(told.end->actor);
    out.set_decided_by(told.end->decided_by);
  }
}

}  // namespace kakunin
