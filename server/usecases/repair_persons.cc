#include "server/usecases/repair_persons.h"

#include <algorithm>
#include <set>

#include "auth/encoding.h"
#include "domain/error.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

Digest32 HashIn(const HeldKey& key) {
  Digest32 hash{};
  std::copy_n(key.owner.begin(), std::min(key.owner.size(), hash.size()), hash.begin());
  return hash;
}

// Repairer does one call's work within its transaction.
class Repairer {
 public:
  Repairer(Transaction& tx, AuditRecord& record, const RepairStores& stores)
      : tx_(tx), record_(record), stores_(stores) {}

  absl::StatusOr<PersonRepair> RepairOf(const MergeWish& wish) {
    PersonRepair repair{.kind = RepairKind::kMerge};
    ASSIGN_OR_RETURN(repair.person, Required(wish.stays));
    ASSIGN_OR_RETURN(repair.other, Required(wish.given_up));
    if (repair.other == repair.person) return MakeError(Reason::kRepairOnePerson);
    return repair;
  }

  absl::StatusOr<PersonRepair> RepairOf(const SplitWish& wish) {
    PersonRepair repair{.kind = RepairKind::kSplit,
                        .undoes = wish.undoes,
                        .named = wish.named,
                        .only_named = wish.only_named};
    ASSIGN_OR_RETURN(repair.person, Required(wish.person));
    std::set<PersonId> others;
    for (const NamedRow& named : wish.named) {
      if (named.key.kind != HeldKind::kNumber) continue;
      ASSIGN_OR_RETURN(const auto holder, stores_.repairs.PersonOf(tx_, HashIn(named.key)));
      if (holder && *holder != repair.person) others.insert(*holder);
    }
    if (wish.undoes) {
      ASSIGN_OR_RETURN(const auto merge, stores_.repairs.Find(tx_, *wish.undoes, /*lock=*/false));
      if (!merge || merge->kind != RepairKind::kMerge || merge->state != RepairState::kApplied ||
          merge->person != repair.person) {
        return MakeError(Reason::kRepairNotFound);
      }
      others.insert(*merge->other);
    }
    if (others.size() > 1) return MakeError(Reason::kRepairTwoPersons);
    repair.other = others.empty() ? PersonId{auth::RandomArray<16>()} : *others.begin();
    return repair;
  }

  absl::StatusOr<PersonRepair> RepairOf(const NumberChange& wish) {
    PersonRepair repair{.kind = RepairKind::kReplaceNumber, .number = wish};
    ASSIGN_OR_RETURN(repair.person, Required(PersonSubject(wish.from)));
    ASSIGN_OR_RETURN(const auto holder, stores_.repairs.PersonOf(tx_, wish.to.hash));
    if (holder && *holder != repair.person) return MakeError(Reason::kRepairTwoPersons);
    return repair;
  }

  // Plan tells what `repair` does as things stand.
  absl::Status Plan(RepairTold& told) {
    const PersonRepair& repair = told.repair;
    if (repair.kind == RepairKind::kReplaceNumber) return absl::OkStatus();
    const bool merge = repair.kind == RepairKind::kMerge;
    ASSIGN_OR_RETURN(const auto held,
                     stores_.repairs.Held(tx_, merge ? *repair.other : repair.person, record_.at));
    if (merge) {
      told.moves = PlanMerge(held);
      return absl::OkStatus();
    }
    SplitChoice choice{.only_named = repair.only_named};
    std::vector<RowMove> added;
    RETURN_IF_ERROR(Choose(repair, choice, added));
    if (!choice.named.empty() || repair.undoes) {
      ASSIGN_OR_RETURN(told.moves, PlanSplit(held, choice));
    }
    SetStays(held, told);
    told.moves.insert(told.moves.end(), added.begin(), added.end());
    return absl::OkStatus();
  }

  absl::Status OpenCase(PersonRepair& repair) {
    if (repair.kind == RepairKind::kReplaceNumber) return absl::OkStatus();
    const bool merge = repair.kind == RepairKind::kMerge;
    repair.case_id = CaseId{auth::RandomArray<16>()};
    IdentityCase opened{.id = *repair.case_id,
                        .kind = merge ? IdentityCaseKind::kTwoAreOne : IdentityCaseKind::kOneIsTwo,
                        .reason = merge ? "MERGE_PROPOSED" : "SPLIT_PROPOSED",
                        .opened = record_.at,
                        .opened_by_kind = record_.actor_kind,
                        .opened_by = record_.actor,
                        .persons = {repair.person, *repair.other}};
    return stores_.cases.Open(tx_, std::span(&opened, 1));
  }

  absl::StatusOr<RepairTold> FindWaiting(const RepairId& id) {
    ASSIGN_OR_RETURN(auto repair, stores_.repairs.Find(tx_, id, /*lock=*/true));
    if (!repair) return MakeError(Reason::kRepairNotFound);
    Note(*repair);
    if (repair->state != RepairState::kProposed) return MakeError(Reason::kRepairDecided);
    return RepairTold{.repair = *std::move(repair)};
  }

  absl::Status Apply(RepairTold& told) {
    absl::Time at = record_.at;
    if (told.repair.kind == RepairKind::kReplaceNumber) {
      ASSIGN_OR_RETURN(const auto outcomes,
                       stores_.numbers.Change(tx_, std::span(&*told.repair.number, 1), at));
      if (outcomes[0] == NumberChangeOutcome::kTwoPersons) {
        return MakeError(Reason::kRepairTwoPersons);
      }
      if (outcomes[0] > NumberChangeOutcome::kUnchanged) {
        return MakeError(Reason::kRepairNumberReplaced);
      }
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const RepairDone done,
                     stores_.repairs.Apply(tx_, told.repair, told.moves, at, stores_.build));
    told.exposures = done.exposures;
    applied_ = done.at;
    AddDetail(record_, "moved", static_cast<int64_t>(told.moves.size()));
    AddDetail(record_, "exposed", done.exposures);
    return absl::OkStatus();
  }

  // Last of all: whoever opens or ends a case waits for whoever did before.
  absl::Status Decide(PersonRepair& repair, RepairState state, const std::string& by) {
    repair.state = state;
    repair.decided =
        RepairName{.actor = record_.actor, .name = by, .at = applied_.value_or(record_.at)};
    RETURN_IF_ERROR(stores_.repairs.Decide(tx_, repair));
    if (!repair.case_id) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto opened, stores_.cases.Find(tx_, *repair.case_id, /*lock=*/true));
    if (!opened || opened->state != IdentityCaseState::kOpen) return absl::OkStatus();
    return stores_.cases.End(tx_, *repair.case_id, IdentityCaseState::kClosed,
                             {.at = record_.at,
                              .actor_kind = record_.actor_kind,
                              .actor = record_.actor,
                              .decided_by = by});
  }

  void Note(const PersonRepair& repair) {
    record_.person = PseudonymOf(stores_.audit_key, repair.person);
    AddDetail(record_, "repair", auth::HexEncode(repair.id.octets));
    AddDetail(record_, "kind", static_cast<int64_t>(repair.kind));
    if (repair.other) {
      AddDetail(record_, "other",
                auth::HexEncode(PseudonymOf(stores_.audit_key, *repair.other).octets));
    }
  }

 private:
  absl::StatusOr<PersonId> Required(const PersonSubject& name) {
    std::optional<PersonId> person;
    if (const auto* number = std::get_if<IndividualNumberHash>(&name)) {
      ASSIGN_OR_RETURN(person, stores_.repairs.PersonOf(tx_, number->hash));
    } else {
      const auto& coverage = std::get<CoverageName>(name);
      ASSIGN_OR_RETURN(person,
                       stores_.repairs.PersonOf(tx_, coverage.insurer_number, coverage.reference));
    }
    if (!person) return MakeError(Reason::kPersonNotFound);
    return *person;
  }

  // What a proposal named, as it stands: a number that is the person's goes, one that nobody has is
  // the other's from now on, and the other's own only tells who that is.
  absl::Status Choose(const PersonRepair& repair, SplitChoice& choice,
                      std::vector<RowMove>& added) {
    for (const NamedRow& named : repair.named) {
      if (named.key.kind == HeldKind::kNumber) {
        ASSIGN_OR_RETURN(const auto holder, stores_.repairs.PersonOf(tx_, HashIn(named.key)));
        if (!holder) added.push_back({{.key = named.key}, MoveEffect::kAdd});
        if (holder && *holder != repair.person && *holder != *repair.other) {
          return MakeError(Reason::kRepairTwoPersons);
        }
        if (holder != repair.person) continue;
      }
      choice.named.push_back(named.key);
    }
    if (repair.undoes) {
      ASSIGN_OR_RETURN(const auto moves, stores_.repairs.Moves(tx_, *repair.undoes));
      for (const RowMove& move : moves) choice.merged.push_back(move.row.key);
      ASSIGN_OR_RETURN(const auto merge, stores_.repairs.Find(tx_, *repair.undoes, /*lock=*/false));
      if (merge && merge->decided) choice.merged_at = merge->decided->at;
    }
    return absl::OkStatus();
  }

  static void SetStays(std::span<const HeldRow> held, RepairTold& told) {
    std::set<HeldKey> moved;
    for (const RowMove& move : told.moves) moved.insert(move.row.key);
    for (const HeldRow& row : held) {
      if (!moved.contains(row.key)) told.stays.push_back(row);
    }
  }

  Transaction& tx_;
  AuditRecord& record_;
  std::optional<absl::Time> applied_;  // the instant from which it is known
  const RepairStores& stores_;
};

// Whether a repair as it was planned would do anything.
bool DoesNothing(const RepairTold& told) {
  return told.repair.kind == RepairKind::kSplit &&
         std::ranges::all_of(told.moves,
                             [](const RowMove& move) { return move.effect == MoveEffect::kAdd; });
}

}  // namespace

absl::StatusOr<RepairTold> ProposeRepair(Transaction& tx, AuditRecord& record,
                                         const RepairStores& stores, const RepairWish& wish,
                                         const std::string& proposed_by, bool look_only) {
  Repairer repairer(tx, record, stores);
  RepairTold told;
  ASSIGN_OR_RETURN(told.repair,
                   std::visit([&](const auto& one) { return repairer.RepairOf(one); }, wish));
  told.repair.id = RepairId{auth::RandomArray<16>()};
  told.repair.proposed = {.actor = record.actor, .name = proposed_by, .at = record.at};
  repairer.Note(told.repair);
  const PersonId persons[] = {told.repair.person, told.repair.other.value_or(told.repair.person)};
  ASSIGN_OR_RETURN(const bool waiting, stores.repairs.Waiting(tx, persons));
  if (waiting) return MakeError(Reason::kRepairPending);
  RETURN_IF_ERROR(repairer.Plan(told));
  if (look_only) return told;
  if (DoesNothing(told)) return MakeError(Reason::kRepairRowNotHeld);
  RETURN_IF_ERROR(repairer.OpenCase(told.repair));
  RETURN_IF_ERROR(stores.repairs.Propose(tx, told.repair));
  return told;
}

absl::StatusOr<RepairTold> ApproveRepair(Transaction& tx, AuditRecord& record,
                                         const RepairStores& stores, const RepairId& id,
                                         const std::string& approved_by, bool look_only) {
  Repairer repairer(tx, record, stores);
  ASSIGN_OR_RETURN(RepairTold told, repairer.FindWaiting(id));
  if (told.repair.proposed.actor == record.actor) return MakeError(Reason::kRepairSameOperator);
  if (!look_only && told.repair.kind != RepairKind::kReplaceNumber) {
    const PersonId persons[] = {told.repair.person, *told.repair.other};
    RETURN_IF_ERROR(stores.repairs.Hold(tx, persons));
  }
  RETURN_IF_ERROR(repairer.Plan(told));
  if (DoesNothing(told)) return MakeError(Reason::kRepairRowNotHeld);
  if (look_only) return told;
  RETURN_IF_ERROR(repairer.Apply(told));
  RETURN_IF_ERROR(repairer.Decide(told.repair, RepairState::kApplied, approved_by));
  return told;
}

absl::StatusOr<RepairTold> WithdrawRepair(Transaction& tx, AuditRecord& record,
                                          const RepairStores& stores, const RepairId& id,
                                          const std::string& withdrawn_by, bool look_only) {
  Repairer repairer(tx, record, stores);
  ASSIGN_OR_RETURN(RepairTold told, repairer.FindWaiting(id));
  if (look_only) return told;
  RETURN_IF_ERROR(repairer.Decide(told.repair, RepairState::kWithdrawn, withdrawn_by));
  return told;
}

absl::StatusOr<RepairTold> ShowRepair(Transaction& tx, AuditRecord& record,
                                      const RepairStores& stores, const RepairId& id) {
  Repairer repairer(tx, record, stores);
  ASSIGN_OR_RETURN(auto repair, stores.repairs.Find(tx, id, /*lock=*/false));
  if (!repair) return MakeError(Reason::kRepairNotFound);
  repairer.Note(*repair);
  RepairTold told{.repair = *std::move(repair)};
  if (told.repair.state == RepairState::kProposed) {
    RETURN_IF_ERROR(repairer.Plan(told));
  } else {
    ASSIGN_OR_RETURN(told.moves, stores.repairs.Moves(tx, id));
    ASSIGN_OR_RETURN(told.exposures, stores.repairs.Exposures(tx, id));
  }
  return told;
}

}  // namespace kakunin
