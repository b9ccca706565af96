#pragma once

#include <optional>
#include <string>

#include "auth/digest.h"
#include "kakunin/v1/operations_service.pb.h"
#include "server/rpc/fields.h"
#include "server/usecases/repair_persons.h"

namespace kakunin {

// ReadRepairWish reads what a proposal wishes; `today` (JST) bounds the day of a new number. Empty
// when something is wrong, which `errors` then says. WipeNumbers does away with the request's own
// copies of individual numbers.
std::optional<RepairWish> ReadRepairWish(FieldErrors& errors,
                                         const v1::ProposePersonRepairRequest& request,
                                         const auth::HmacKey& number_key, absl::CivilDay today);
void WipeNumbers(v1::ProposePersonRepairRequest& request);

void SetRepair(const PersonRepair& repair, v1::PersonRepair& out);
void SetHeldRow(const HeldRow& row, v1::HeldRow& out);

// SetRepairTold sets what the answers of several calls have alike.
template <class Response>
void SetRepairTold(const RepairTold& told, Response& out) {
  SetRepair(told.repair, *out.mutable_repair());
  for (const RowMove& move : told.moves) {
    v1::RepairMove& one = *out.add_moves();
    SetHeldRow(move.row, *one.mutable_row());
    one.set_effect(static_cast<v1::MoveEffect>(move.effect));
  }
  for (const HeldRow& row : told.stays) SetHeldRow(row, *out.add_stays());
}

}  // namespace kakunin
