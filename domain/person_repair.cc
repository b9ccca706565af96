#include "domain/person_repair.h"

#include <algorithm>
#include <set>

#include "domain/error.h"

namespace kakunin {
namespace {

using Keys = std::set<HeldKey>;

Keys KeysOf(std::span<const HeldRow> held) {
  Keys keys;
  for (const HeldRow& row : held) keys.insert(row.key);
  return keys;
}

bool IsConsent(const HeldRow& row) { return row.key.kind == HeldKind::kConsent; }
bool IsEnd(const HeldRow& row) { return row.key.kind == HeldKind::kConsentEnd; }

// The rows that were named, that a merge had brought and that look like a named coverage; consents
// follow from them.
absl::StatusOr<Keys> Chosen(std::span<const HeldRow> held, const SplitChoice& choice) {
  const Keys there = KeysOf(held);
  Keys going;
  for (const HeldKey& key : choice.named) {
    if (!there.contains(key)) return MakeError(Reason::kRepairRowNotHeld);
    going.insert(key);
  }
  std::set<int> identities;
  for (const HeldRow& row : held) {
    if (row.identity != 0 && going.contains(row.key)) identities.insert(row.identity);
  }
  for (const HeldRow& row : held) {
    if (!choice.only_named && identities.contains(row.identity)) going.insert(row.key);
  }
  for (const HeldKey& key : choice.merged) {
    if (there.contains(key)) going.insert(key);
  }
  if (going.empty()) return MakeError(Reason::kRepairRowNotHeld);
  return going;
}

// Whether `end` may have closed `consent`: the same facility, form of care and booking.
bool SameScope(const HeldRow& end, const HeldRow& consent) {
  return end.facility_code == consent.facility_code && end.form_of_care == consent.form_of_care &&
         (!end.appointment_day || end.appointment_day == consent.appointment_day);
}

}  // namespace

HeldKey ConsentKey(HeldKind kind, const AuditId& id) {
  return {kind, std::string(id.stream.octets.begin(), id.stream.octets.end()),
          std::to_string(id.number)};
}

std::vector<RowMove> PlanMerge(std::span<const HeldRow> held) {
  std::vector<RowMove> moves;
  moves.reserve(held.size());
  for (const HeldRow& row : held) {
    moves.push_back({row, IsEnd(row) ? MoveEffect::kCopy : MoveEffect::kMove});
  }
  return moves;
}

absl::StatusOr<std::vector<RowMove>> PlanSplit(std::span<const HeldRow> held,
                                               const SplitChoice& choice) {
  absl::StatusOr<Keys> chosen = Chosen(held, choice);
  if (!chosen.ok()) return chosen.status();
  const Keys there = KeysOf(held);
  std::vector<RowMove> moves;
  std::vector<const HeldRow*> consents;  // that go
  for (const HeldRow& row : held) {
    if (IsEnd(row)) continue;
    const bool goes = chosen->contains(row.key);
    if (row.key.kind == HeldKind::kReferenceNumber) {
      if (goes) {
        moves.push_back({row, MoveEffect::kMove});
      } else if (row.at >= choice.merged_at) {
        moves.push_back({row, MoveEffect::kEnd});
      }
      continue;
    }
    if (!IsConsent(row)) {
      if (goes) moves.push_back({row, MoveEffect::kMove});
      continue;
    }
    const HeldKey card{HeldKind::kCard, row.issuer_key_id, row.serial};
    if (goes || chosen->contains(card)) {
      moves.push_back({row, MoveEffect::kMove});
      consents.push_back(&row);
    } else if (row.running && row.kinds != 0 && !there.contains(card)) {
      moves.push_back({row, MoveEffect::kEnd});
    }
  }
  for (const HeldRow& row : held) {
    if (!IsEnd(row)) continue;
    const bool of_a_consent = std::ranges::any_of(
        consents, [&](const HeldRow* consent) { return SameScope(row, *consent); });
    if (of_a_consent || chosen->contains(row.key)) moves.push_back({row, MoveEffect::kCopy});
  }
  return moves;
}

}  // namespace kakunin
