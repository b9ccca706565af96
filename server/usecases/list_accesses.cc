#include "server/usecases/list_accesses.h"

#include <fmt/format.h>

#include "server/usecases/batch_write.h"
#include "server/usecases/card_act.h"
#include "server/usecases/seen_rows.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// One more than a page tells whether others follow.
AccessRange WithOneMore(AccessRange range) {
  ++range.limit;
  return range;
}

}  // namespace

// Case is one question on its way; open until it is refused or has failed.
struct ListAccesses::Case {
  AuditRecord record;
  ListedAccesses result;
  std::optional<RecordAccess> access;
  bool stripped = false;

  bool open() const { return result.status.ok(); }

  void Refuse(Reason reason, std::string_view exact) {
    result.status = MakeError(reason);
    record.code = static_cast<int>(result.status.code());
    record.reason = exact;
  }
  void Refuse(Reason reason) { Refuse(reason, FactsOf(reason).name); }
  void Fail(const absl::Status& status) {
    result = {};
    result.status = status;
    record.code = static_cast<int>(status.code());
    record.reason = FactsOf(*ReasonOf(status)).name;
    access.reset();
  }
  // Strip leaves nothing but an audit row that says that this question could not be written.
  void Strip() {
    Fail(MakeError(Reason::kInternal));
    stripped = true;
    result.failed_alone = true;
    record.reason = "ROW_REFUSED";
    record.user.clear();
    record.person.reset();
    record.answer_digest = {};
    record.details.clear();
  }
};

ListAccesses::ListAccesses(AccessLogStore& store, const auth::HmacKey& audit_key,
                           const ConfirmationRules& rules, HashFunction hash,
                           UnlinkedCards* unlinked)
    : store_(store),
      audit_key_(audit_key),
      rules_(rules),
      unlinked_(unlinked),
      stream_(store, hash) {}

ListedAccesses ListAccesses::OfFacility(const FacilityListing& asked, MonotonicTime deadline) {
  if (!Connect(deadline)) return {.status = MakeError(Reason::kDatabaseUnavailable)};
  Case c{.record = asked.listing.record};
  const AccessRange& range = asked.listing.range;
  if (asked.listing.refused) {
    c.Refuse(*asked.listing.refused);
    return Finish(c, deadline);
  }
  std::optional<absl::Time> copied_through;
  const SeesOnly& sees_only = asked.listing.sees_only;
  auto found = ReadSeen<Access>(
      sees_only, WithOneMore(range), deadline,
      [&](const AccessRange& part) -> absl::StatusOr<std::vector<Access>> {
        ASSIGN_OR_RETURN(auto read, RepeatedOnConflict([&] {
                           return store_.ReadFacility(asked.facility_code, part, deadline);
                         }));
        // Of the first part: what is copied while the others are read may stand before it.
        if (!copied_through) copied_through = read.copied_through;
        return std::move(read.accesses);
      },
      [&](const Access& access) { return SeesRowOf(sees_only, access.person); },
      [](const Access& access, AccessRange& part) {
        part.before = AccessPosition{access.at, access.audit_id};
      });
  if (!found.ok()) {
    c.Fail(AsAnswer(found.status()));
    return Finish(c, deadline);
  }
  if (copied_through) {
    // What commits later than its instant is copied later, too.
    c.result.complete_until = *copied_through - kAccessCopyOverlap;
  }
  Show(c, *std::move(found), range.limit);
  return Finish(c, deadline);
}

ListedAccesses ListAccesses::OfPatient(const PatientListing& asked, const CardTrust& cards,
                                       MonotonicTime deadline) {
  if (!Connect(deadline)) return {.status = MakeError(Reason::kDatabaseUnavailable)};
  Case c{.record = asked.listing.record};
  const AccessRange& range = asked.listing.range;
  if (asked.listing.refused) {
    c.Refuse(*asked.listing.refused);
  } else if (const auto* act = std::get_if<CardAct>(&asked.patient)) {
    Identify(c, *act, cards, deadline);
  } else if (Sees(asked.listing.sees_only, std::get<PersonId>(asked.patient))) {
    c.result.person = std::get<PersonId>(asked.patient);
  } else {
    // The page of a list that was begun before the operation test.
    c.Refuse(Reason::kChallengeRefused);
  }
  if (!c.open() || !c.result.person) return Finish(c, deadline);

  const PersonId person = *c.result.person;
  c.record.person = PseudonymOf(audit_key_, person);
  // The list names the facilities of whoever else the person may be.
  const auto in_question =
      RepeatedOnConflict([&] { return store_.IsInQuestion(person, deadline); });
  if (!in_question.ok()) {
    c.Fail(AsAnswer(in_question.status()));
    return Finish(c, deadline);
  }
  if (*in_question) {
    c.Refuse(Reason::kIdentityInQuestion);
    return Finish(c, deadline);
  }
  auto found =
      RepeatedOnConflict([&] { return store_.ReadPatient(person, WithOneMore(range), deadline); });
  if (!found.ok()) {
    c.Fail(AsAnswer(found.status()));
    return Finish(c, deadline);
  }
  Show(c, *std::move(found), range.limit);
  if (!asked.facility_code.empty()) {
    c.access = RecordAccess{.person = person,
                            .at = c.record.at,
                            .facility_code = asked.facility_code,
                            .user = c.record.user,
                            .operation = c.record.operation};
  }
  return Finish(c, deadline);
}

void ListAccesses::Identify(Case& c, const CardAct& act, const CardTrust& cards,
                            MonotonicTime deadline) {
  const CardIdentity found = IdentifyByCard(store_, act, CardPurpose::kListAccess, c.record, cards,
                                            rules_, unlinked_, deadline);
  if (!found.status.ok()) {
    if (found.exact.empty()) return c.Fail(found.status);
    c.result.status = found.status;
    c.record.code = static_cast<int>(found.status.code());
    c.record.reason = found.exact;
    return;
  }
  c.result.person = found.person;
  if (!found.person) c.record.details += ";verdict=NOT_REGISTERED";
}

void ListAccesses::Show(Case& c, std::vector<Access> accesses, int limit) {
  if (accesses.size() > static_cast<size_t>(limit)) {
    accesses.resize(static_cast<size_t>(limit));
    c.result.next = AccessPosition{accesses.back().at, accesses.back().audit_id};
  }
  c.record.details += fmt::format(";accesses={}", accesses.size());
  std::string shown;
  for (const Access& access : accesses) shown += AuditIdText(access.audit_id) + '\n';
  c.record.answer_digest = KeyedDigest(audit_key_, shown);
  c.result.accesses = std::move(accesses);
}

ListedAccesses ListAccesses::Finish(Case& c, MonotonicTime deadline) {
  Case* only = &c;
  const auto once = [&](std::span<Case*>) {
    return stream_.Write([&](AuditChain& chain) {
      chain.Link(c.record);
      c.result.audit_id = c.record.id;
      c.result.at = c.record.at;
      if (c.access) c.access->audit_id = c.record.id;
      return store_.Write(c.record, c.access, deadline);
    });
  };
  const auto exists = [&](const AuditId& id) { return stream_.Exists(id, deadline); };
  WriteBatch(std::span<Case*>(&only, 1), once, exists);
  return std::move(c.result);
}

}  // namespace kakunin
