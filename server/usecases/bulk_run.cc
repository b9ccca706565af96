#include "server/usecases/bulk_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "domain/error.h"
#include "domain/retroactive_notice.h"
#include "server/usecases/terminal_audit.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

// How far back a facility's last answer counts as "last time": more months would have to be looked
// through for every row.
constexpr absl::Duration kLooksBack = absl::Hours(24 * 400);

// Attaching gives the store the answers of whatever is about to be written. Of a batch in which a
// row could not be looked up nothing is written: it is asked again as a whole.
class Attaching final : public ConfirmationWitness {
 public:
  Attaching(BulkLaneStore& store, const BulkCodec& codec, const BulkInquiryRow& list,
            absl::Time now, std::span<const Inquiry> inquiries, std::span<const BulkQuestion> rows)
      : store_(store),
        codec_(codec),
        list_(list),
        now_(now),
        inquiries_(inquiries),
        rows_(rows),
        changes_(rows.size(), BulkChange::kUnknown) {}

  absl::Status WillWrite(std::span<const Seen> batch, MonotonicTime deadline) override {
    if (std::ranges::any_of(batch, [](const Seen& seen) { return seen.failed; })) {
      return StoreError(StoreFailure::kUnavailable);
    }
    if (!compared_) {  // the whole batch
      RETURN_IF_ERROR(CompareWithLastTime(batch, deadline));
      compared_ = true;
    }
    std::vector<BulkOutcome> outcomes;
    outcomes.reserve(batch.size());
    BulkAnswers answers;
    for (const Seen& seen : batch) {
      const size_t index = IndexOf(seen);
      outcomes.push_back({.row = &rows_[index],
                          .row_number = list_.answered + 1 + static_cast<int64_t>(index),
                          .confirmed = seen.confirmed,
                          .change = changes_[index],
                          .form_of_care = list_.header.form_of_care});
      if (!seen.confirmed->status.ok()) {
        ++answers.errors;
      } else if (seen.confirmed->validity == Validity::kNotFound) {
        ++answers.not_found;
      }
    }
    answers.piece = {.first_row = outcomes.front().row_number,
                     .rows = static_cast<int>(outcomes.size()),
                     .octets = codec_.results(outcomes)};
    store_.Attach(list_.id, std::move(answers));
    return absl::OkStatus();
  }

 private:
  size_t IndexOf(const Seen& seen) const {
    return static_cast<size_t>(seen.inquiry - inquiries_.data());
  }

  absl::Status CompareWithLastTime(std::span<const Seen> batch, MonotonicTime deadline) {
    std::vector<PersonId> persons;
    std::vector<const Seen*> found;
    for (const Seen& seen : batch) {
      if (seen.person == nullptr || !seen.confirmed->status.ok()) continue;
      persons.push_back(*seen.person);
      found.push_back(&seen);
    }
    if (persons.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto told, store_.LastTold(persons, list_.header.facility_code,
                                                      now_ - kLooksBack, deadline));
    for (size_t i = 0; i < found.size(); ++i) {
      ASSIGN_OR_RETURN(changes_[IndexOf(*found[i])], ChangeOf(*found[i], told[i], deadline));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<BulkChange> ChangeOf(const Seen& seen,
                                      const std::optional<BulkLaneStore::Told>& told,
                                      MonotonicTime deadline) {
    if (!told) return BulkChange::kFirstTime;
    const absl::CivilDay day = seen.inquiry->day;
    const KeyHash& key = std::get<KeyQuestion>(seen.inquiry->question).key_without_branch;
    // Another number was asked by, or by itself the answer is another.
    if ((told->key && *told->key != key) || told->validity != seen.confirmed->validity) {
      return BulkChange::kChanged;
    }
    if (!told->known_since && !seen.coverages.empty() &&
        IsSameOnBothDays(seen.coverages, key, told->day, day)) {
      return BulkChange::kSame;
    }
    const auto before = store_.KnownAt(*seen.person, told->at, deadline);
    // One row of the past that cannot be read must not hold everybody up.
    if (StoreFailureOf(before.status()) == StoreFailure::kBroken) return BulkChange::kUnknown;
    RETURN_IF_ERROR(before.status());
    ASSIGN_OR_RETURN(const std::vector<Coverage> after,
                     store_.Confirmations().ReadTruth(*seen.person, deadline));
    const auto opened = [](const auto& by, auto decisions) {
      return by && ((*by).*decisions).Agreed(ConsentKind::kLimitCertificate);
    };
    const bool limit =
        told->limit_certificate && (opened(seen.confirmed->consent, &ConsentAct::decisions) ||
                                    opened(seen.confirmed->relation, &HomeRelation::open));
    return DiffersAtReception({*before, told->day}, {after, day}, key, limit) ? BulkChange::kChanged
                                                                              : BulkChange::kSame;
  }

  BulkLaneStore& store_;
  const BulkCodec& codec_;
  const BulkInquiryRow& list_;
  const absl::Time now_;
  const std::span<const Inquiry> inquiries_;
  const std::span<const BulkQuestion> rows_;
  bool compared_ = false;
  std::vector<BulkChange> changes_;
};

}  // namespace

BulkRun::BulkRun(BulkLaneStore& store, Backend backend)
    : store_(store),
      backend_(std::move(backend)),
      guard_(std::make_unique<UncountedInquiries>()),
      confirm_(store_.Confirmations(), *guard_, backend_.keys, backend_.rules, backend_.build,
               backend_.hash, nullptr, backend_.delays) {}

BulkRun::Step BulkRun::Failed() {
  last_.reset();
  return Step::kFailed;
}

BulkRun::Step BulkRun::Stop(const BulkId& id, Reason reason, absl::Time now,
                            MonotonicTime deadline) {
  const absl::Status stopped = store_.Stop(id, FactsOf(reason).name, now, deadline);
  return stopped.ok() ? Step::kEnded : Step::kFailed;
}

BulkRun::Step BulkRun::Answer(const BulkId& id, size_t most, absl::Time now,
                              MonotonicTime deadline) {
  if (!Connect(deadline)) return Failed();
  const auto work = store_.Next(id, deadline);
  if (!work.ok()) return Failed();
  if (!*work || (*work)->inquiry.state != BulkState::kRunning) return Step::kEnded;
  const BulkInquiryRow& inquiry = (*work)->inquiry;
  const BulkPiece& piece = (*work)->piece;
  // A round that was answered and not written would be asked again for ever.
  const auto place = std::pair(id, inquiry.answered);
  if (last_ == place) return Failed();
  last_ = place;
  const auto counts =
      store_.CountsOf(inquiry.header.facility_code, now - kBulkCountedFor, deadline);
  if (!counts.ok()) return Failed();
  if (SearchesRatherThanAsks(*counts)) return Stop(id, Reason::kInquiryLimit, now, deadline);
  if (piece.rows == 0) return Stop(id, Reason::kInternal, now, deadline);
  const absl::StatusOr<Terminal> terminal = backend_.terminal(inquiry.header, now);
  if (!terminal.ok()) {
    const Reason reason = *ReasonOf(terminal.status());
    return FactsOf(reason).retryable ? Failed() : Stop(id, reason, now, deadline);
  }
  const auto questions = backend_.codec.questions(piece.octets);
  const auto before = static_cast<size_t>(inquiry.answered + 1 - piece.first_row);
  if (!questions.ok() || questions->size() != static_cast<size_t>(piece.rows) ||
      before >= questions->size()) {
    return Stop(id, Reason::kInternal, now, deadline);
  }

  const std::span<const BulkQuestion> rows =
      std::span(*questions).subspan(before, std::min(most, questions->size() - before));
  const std::string actor_name =
      fmt::format("{}/{}", terminal->facility_code, terminal->terminal_id);
  std::vector<Inquiry> inquiries(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    Inquiry& asked = inquiries[i];
    asked.terminal = &*terminal;
    asked.actor_name = actor_name;
    asked.day = inquiry.header.day;
    asked.form_of_care = inquiry.header.form_of_care;
    asked.request_id = inquiry.header.request_id;
    if (rows[i].question) {
      asked.question = *rows[i].question;
      asked.request_digest = KeyedDigest(
          backend_.keys.audit, {reinterpret_cast<const char*>(rows[i].question->key.octets.data()),
                                rows[i].question->key.octets.size()});
    } else {
      asked.question = KeyQuestion{.in_bulk = true};
      asked.refused = Reason::kInvalidFields;
    }
  }
  Attaching witness(store_, backend_.codec, inquiry, now, inquiries, rows);
  const std::vector<Confirmed> confirmed =
      confirm_.Confirm(inquiries, backend_.cards(), now, deadline, &witness);
  for (const Confirmed& one : confirmed) {
    if (ReasonOf(one.status) == Reason::kDatabaseUnavailable) return Failed();
  }
  return Step::kAnswered;
}

}  // namespace kakunin
