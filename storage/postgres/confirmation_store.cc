#include "storage/postgres/confirmation_store.h"

#include <array>

#include "absl/container/flat_hash_set.h"
#include "domain/error.h"
#include "storage/postgres/audit_columns.h"
#include "storage/postgres/confirmation_lane_store.h"
#include "storage/postgres/confirmation_statements.h"
#include "storage/postgres/lane_challenges.h"
#include "storage/postgres/lane_relations.h"
#include "storage/postgres/lane_truth.h"

namespace kakunin {
namespace {

using enum ElementType;

constexpr size_t kOfAllRows = 2;  // stream and key id

}  // namespace

BinaryArray* PostgresConfirmationStore::FillConfirmations(
    BinaryArray* next, std::span<const Confirmation> confirmations) {
  using Row = Confirmation;
  Column(next, kUuid, confirmations, [](BinaryArray& a, const Row& r) { a.Uuid(r.person); });
  Column(next, kInstant, confirmations, [](BinaryArray& a, const Row& r) { a.Instant(r.at); });
  Column(next, kInt8, confirmations,
         [](BinaryArray& a, const Row& r) { a.Int8(r.audit_id.number); });
  Column(next, kText, confirmations,
         [](BinaryArray& a, const Row& r) { a.Octets(r.facility_code); });
  Column(next, kDay, confirmations, [](BinaryArray& a, const Row& r) { a.Day(r.day); });
  Column(next, kInt2, confirmations,
         [](BinaryArray& a, const Row& r) { a.Int2(static_cast<int>(r.validity)); });
  Column(next, kUuid, confirmations, [](BinaryArray& a, const Row& r) { a.Uuid(r.answer_digest); });
  Column(next, kUuid, confirmations, [](BinaryArray& a, const Row& r) {
    if (!r.view.key) return a.Null();
    a.Uuid(*r.view.key);
  });
  Column(next, kInt2, confirmations,
         [](BinaryArray& a, const Row& r) { a.Int2(OpenedBits(r.view)); });
  Column(next, kBool, confirmations, [](BinaryArray& a, const Row& r) {
    if (!r.own_act) return a.Null();
    a.Bool(true);
  });
  return next;
}

BinaryArray* PostgresConfirmationStore::FillConsents(BinaryArray* next,
                                                     std::span<const ConsentAct> consents) {
  using Row = ConsentAct;
  const auto number = [&](auto value) {
    Column(next, kInt2, consents, [&](BinaryArray& a, const Row& r) { a.Int2(value(r)); });
  };
  // Given orally there is no certificate.
  const auto certificate = [&](std::string Row::*field) {
    Column(next, kOctets, consents, [&](BinaryArray& a, const Row& r) {
      if (r.issuer_key_id.empty()) return a.Null();
      a.Octets(r.*field);
    });
  };
  Column(next, kUuid, consents, [](BinaryArray& a, const Row& r) { a.Uuid(r.person); });
  Column(next, kInstant, consents, [](BinaryArray& a, const Row& r) { a.Instant(r.begin); });
  Column(next, kInt8, consents, [](BinaryArray& a, const Row& r) { a.Int8(r.audit_id.number); });
  Column(next, kText, consents, [](BinaryArray& a, const Row& r) { a.Octets(r.facility_code); });
  number([](const Row& r) { return static_cast<int>(r.form_of_care); });
  Column(next, kDay, consents, [](BinaryArray& a, const Row& r) { a.Day(r.appointment_day); });
  number([](const Row& r) { return r.decisions.Bits(Decision::kAgreed); });
  number([](const Row& r) { return r.decisions.Bits(Decision::kDeclined); });
  number([](const Row& r) { return static_cast<int>(r.method); });
  Column(next, kInstant, consents, [](BinaryArray& a, const Row& r) { a.Instant(r.end); });
  certificate(&Row::issuer_key_id);
  certificate(&Row::serial);
  Column(next, kInt8, consents, [](BinaryArray& a, const Row& r) {
    if (!r.crl_partition) return a.Null();
    a.Int8(static_cast<int64_t>(*r.crl_partition));
  });
  Column(next, kInstant, consents, [](BinaryArray& a, const Row& r) {
    if (!r.certificate_not_after) return a.Null();
    a.Instant(*r.certificate_not_after);
  });
  Column(next, kUuid, consents, [](BinaryArray& a, const Row& r) {
    if (r.link == LinkId{}) return a.Null();
    a.Uuid(r.link);
  });
  return next;
}

BinaryArray* PostgresConfirmationStore::FillHeld(BinaryArray* next,
                                                 std::span<const Confirmation> held) {
  using Row = Confirmation;
  Column(next, kUuid, held, [](BinaryArray& a, const Row& r) { a.Uuid(r.person); });
  Column(next, kInt8, held, [](BinaryArray& a, const Row& r) { a.Int8(*r.held_ends); });
  Column(next, kBool, held, [](BinaryArray& a, const Row&) { a.Bool(false); });
  return next;
}

BinaryArray* PostgresConfirmationStore::FillNoMatches(BinaryArray* next,
                                                      std::span<const NoMatch> no_matches) {
  using Row = NoMatch;
  Column(next, kText, no_matches, [](BinaryArray& a, const Row& r) { a.Octets(r.insurer_number); });
  Column(next, kUuid, no_matches, [](BinaryArray& a, const Row& r) { a.Uuid(r.key); });
  Column(next, kInstant, no_matches, [](BinaryArray& a, const Row& r) { a.Instant(r.at); });
  Column(next, kInt8, no_matches, [](BinaryArray& a, const Row& r) { a.Int8(r.audit_id.number); });
  Column(next, kText, no_matches, [](BinaryArray& a, const Row& r) { a.Octets(r.facility_code); });
  Column(next, kDay, no_matches, [](BinaryArray& a, const Row& r) { a.Day(r.day); });
  return next;
}

BinaryArray* PostgresConfirmationStore::FillChallenges(BinaryArray* next,
                                                       std::span<const Challenge> challenges) {
  using Row = Challenge;
  Column(next, kUuid, challenges, [](BinaryArray& a, const Row& r) { a.Uuid(r.id); });
  Column(next, kText, challenges, [](BinaryArray& a, const Row& r) { a.Octets(r.facility_code); });
  Column(next, kText, challenges, [](BinaryArray& a, const Row& r) { a.Octets(r.terminal_id); });
  Column(next, kInt2, challenges, [](BinaryArray& a, const Row& r) { a.Int2(r.purpose); });
  Column(next, kInt2, challenges,
         [](BinaryArray& a, const Row& r) { a.Int2(static_cast<int>(r.form_of_care)); });
  Column(next, kInstant, challenges, [](BinaryArray& a, const Row& r) { a.Instant(r.expires); });
  return next;
}

absl::StatusOr<LaneResult> PostgresConfirmationStore::RunFilled(ConfirmationStatement statement,
                                                                const BinaryArray* end,
                                                                MonotonicTime deadline) {
  std::array<std::string_view, std::tuple_size_v<decltype(arrays_)>> parameters;
  const size_t count = end - arrays_.data();
  for (size_t i = 0; i < count; ++i) parameters[i] = arrays_[i].octets();
  return connection_.Run(ConfirmationStatements()[statement], std::span(parameters).first(count),
                         deadline);
}

absl::Status PostgresConfirmationStore::RunWrite(ConfirmationStatement statement,
                                                 std::span<const AuditRecord> audit,
                                                 const BinaryArray* end, MonotonicTime deadline) {
  const AuditRecord& first = audit.front();
  const BinaryScalar stream(first.id.stream);
  std::array<std::string_view, kOfAllRows + std::tuple_size_v<decltype(arrays_)>> parameters = {
      stream.octets(), first.key_id};
  size_t count = kOfAllRows;
  for (const BinaryArray* array = arrays_.data(); array != end; ++array) {
    parameters[count++] = array->octets();
  }
  connection_.WillWrite(audit.back());
  return connection_
      .Run(ConfirmationStatements()[statement], std::span(parameters).first(count), deadline)
      .status();
}

absl::Status PostgresConfirmationStore::IssueChallenges(std::span<const Challenge> challenges,
                                                        std::span<const AuditRecord> audit,
                                                        MonotonicTime deadline) {
  return RunWrite(kIssue, audit,
                  FillChallenges(FillAuditColumns(arrays_.data(), audit), challenges), deadline);
}

absl::Status PostgresConfirmationStore::Write(std::span<const AuditRecord> audit,
                                              std::span<const Confirmation> confirmations,
                                              std::span<const ConsentAct> consents,
                                              std::span<const NoMatch> no_matches,
                                              MonotonicTime deadline) {
  BinaryArray* next = FillAuditColumns(arrays_.data(), audit);
  if (confirmations.empty() && consents.empty() && no_matches.empty()) {
    return RunWrite(kAudit, audit, next, deadline);
  }
  next = FillConfirmations(next, confirmations);
  std::vector<Confirmation> held;
  for (const Confirmation& one : confirmations) {
    if (one.held_ends) held.push_back(one);
  }
  if (consents.empty() && held.empty()) {
    if (no_matches.empty()) return RunWrite(kConfirm, audit, next, deadline);
    return RunWrite(kNoMatch, audit, FillNoMatches(next, no_matches), deadline);
  }
  next = FillConsents(next, consents);
  if (held.empty() && no_matches.empty()) return RunWrite(kConsent, audit, next, deadline);
  next = FillHeld(next, held);
  if (no_matches.empty()) return RunWrite(kHeld, audit, next, deadline);
  return RunWrite(kHeldNoMatch, audit, FillNoMatches(next, no_matches), deadline);
}

absl::StatusOr<std::vector<ChallengeOutcome>> PostgresConfirmationStore::ConsumeChallenges(
    std::span<const ChallengeUse> uses, absl::Time now, MonotonicTime deadline) {
  const std::span<const LaneStatement> statements = ConfirmationStatements();
  return LaneConsumeChallenges(connection_, statements[kConsume], statements[kConsumed], uses, now,
                               std::span(arrays_).first(kChallengeUseArrays), deadline);
}

absl::StatusOr<absl::flat_hash_set<PersonId>> PostgresConfirmationStore::FindInCases(
    const LaneResult& read, MonotonicTime deadline) {
  arrays_[0].Begin(kUuid, static_cast<size_t>(read.rows()));
  for (int row = 0; row < read.rows(); ++row) arrays_[0].Octets(read.Cell(row, 2));
  ASSIGN_OR_RETURN(const LaneResult found, RunFilled(kFindInCases, &arrays_[1], deadline));
  absl::flat_hash_set<PersonId> persons;
  for (int row = 0; row < found.rows(); ++row) {
    persons.insert(UuidFrom<PersonId>(found.Cell(row, 0)));
  }
  return persons;
}

absl::StatusOr<std::vector<PersonAnswer>> PostgresConfirmationStore::AnswersIn(
    const LaneResult& read, MonotonicTime deadline) {
  std::vector<PersonAnswer> answers(static_cast<size_t>(read.rows()));
  if (read.rows() == 0) return answers;
  const std::span<const LaneStatement> statements = ConfirmationStatements();
  RETURN_IF_ERROR(protected_.CatchUp(Int8From(read.Cell(0, 6)), connection_,
                                     statements[kReadProtected], deadline));
  RETURN_IF_ERROR(in_cases_.CatchUp(Int8From(read.Cell(0, 7)), connection_,
                                    statements[kReadInCases], deadline));
  RETURN_IF_ERROR(with_numbers_.CatchUp(Int8From(read.Cell(0, 8)), connection_,
                                        statements[kReadFacilities], deadline));
  absl::flat_hash_set<PersonId> found_in_cases;
  if (in_cases_.Overflows()) {
    ASSIGN_OR_RETURN(found_in_cases, FindInCases(read, deadline));
  }
  for (int row = 0; row < read.rows(); ++row) {
    PersonAnswer& answer = answers[static_cast<size_t>(row)];
    answer.person = UuidFrom<PersonId>(read.Cell(row, 2));
    if (!read.IsNull(row, 3)) {
      answer.format = Int2From(read.Cell(row, 3));
      answer.octets = read.Cell(row, 4);
    }
    answer.hide_address = protected_.Has(answer.person);
    answer.in_case = in_cases_.Has(answer.person) || found_in_cases.contains(answer.person);
  }
  return answers;
}

absl::StatusOr<BatchAnswers> PostgresConfirmationStore::Read(std::span<const KeyHash> keys,
                                                             std::span<const CardKey> cards,
                                                             MonotonicTime deadline) {
  BatchAnswers answers{.by_key = std::vector<std::vector<PersonAnswer>>(keys.size()),
                       .by_card = std::vector<CardAnswer>(cards.size())};
  if (keys.empty() && cards.empty()) return answers;
  BinaryArray* next = arrays_.data();
  if (!keys.empty()) {
    Column(next, kUuid, keys, [](BinaryArray& a, const KeyHash& key) { a.Uuid(key); });
  }
  if (!cards.empty()) {
    Column(next, kOctets, cards,
           [](BinaryArray& a, const CardKey& c) { a.Octets(c.issuer_key_id); });
    Column(next, kOctets, cards, [](BinaryArray& a, const CardKey& c) { a.Octets(c.serial); });
  }
  const ConfirmationStatement statement = cards.empty()  ? kReadKeys
                                          : keys.empty() ? kReadCards
                                                         : kReadBoth;
  absl::StatusOr<LaneResult> result = RunFilled(statement, next, deadline);
  if (!result.ok()) return result.status();
  read_ = *std::move(result);
  ASSIGN_OR_RETURN(const std::vector<PersonAnswer> found, AnswersIn(read_, deadline));
  for (int row = 0; row < read_.rows(); ++row) {
    const auto index = static_cast<size_t>(Int8From(read_.Cell(row, 0)) - 1);
    const PersonAnswer& answer = found[static_cast<size_t>(row)];
    if (read_.IsNull(row, 1)) {
      answers.by_key[index].push_back(answer);
    } else {
      answers.by_card[index] = {.linked = true,
                                .superseded = read_.Cell(row, 1)[0] != 0,
                                .medium = Int2From(read_.Cell(row, 5)),
                                .answer = answer};
    }
  }
  return answers;
}

absl::StatusOr<std::vector<std::vector<std::string>>>
PostgresConfirmationStore::ReadReferenceNumbers(std::span<const ReferenceQuestion> questions,
                                                MonotonicTime deadline) {
  std::vector<std::vector<std::string>> numbers(questions.size());
  std::vector<size_t> asked;
  for (size_t i = 0; i < questions.size(); ++i) {
    if (with_numbers_.Has(questions[i].facility_code)) asked.push_back(i);
  }
  if (asked.empty()) return numbers;
  BinaryArray* next = arrays_.data();
  Column(next, kUuid, std::span<const size_t>(asked),
         [&](BinaryArray& a, size_t i) { a.Uuid(questions[i].person); });
  Column(next, kText, std::span<const size_t>(asked),
         [&](BinaryArray& a, size_t i) { a.Octets(questions[i].facility_code); });
  ASSIGN_OR_RETURN(const LaneResult found, RunFilled(kReadNumbers, next, deadline));
  for (int row = 0; row < found.rows(); ++row) {
    const auto place = static_cast<size_t>(Int8From(found.Cell(row, 0)) - 1);
    numbers[asked[place]].emplace_back(found.Cell(row, 1));
  }
  return numbers;
}

absl::StatusOr<std::vector<PersonAnswer>> PostgresConfirmationStore::ReadPersons(
    std::span<const PersonId> persons, MonotonicTime deadline) {
  BinaryArray* next = arrays_.data();
  Column(next, kUuid, persons, [](BinaryArray& a, const PersonId& person) { a.Uuid(person); });
  absl::StatusOr<LaneResult> result = RunFilled(kReadPersons, next, deadline);
  if (!result.ok()) return result.status();
  read_persons_ = *std::move(result);
  ASSIGN_OR_RETURN(const std::vector<PersonAnswer> found, AnswersIn(read_persons_, deadline));
  std::vector<PersonAnswer> answers(persons.size());
  for (int row = 0; row < read_persons_.rows(); ++row) {
    answers[static_cast<size_t>(Int8From(read_persons_.Cell(row, 0)) - 1)] =
        found[static_cast<size_t>(row)];
  }
  return answers;
}

absl::StatusOr<std::vector<RelationRows>> PostgresConfirmationStore::ReadRelations(
    std::span<const RelationQuestion> questions, MonotonicTime deadline) {
  return LaneReadRelations(connection_, ConfirmationStatements()[kReadRelations], questions,
                           std::span(arrays_).first(kRelationArrays), deadline);
}

absl::StatusOr<std::vector<Coverage>> PostgresConfirmationStore::ReadTruth(const PersonId& person,
                                                                           MonotonicTime deadline) {
  return LaneReadTruth(connection_, ConfirmationStatements()[kReadTruth], person, deadline);
}

absl::StatusOr<bool> PostgresConfirmationStore::AuditRowExists(const AuditId& id,
                                                               MonotonicTime deadline) {
  return LaneAuditRowExists(connection_, ConfirmationStatements()[kExists], id, deadline);
}

std::unique_ptr<ConfirmationStore> MakeConfirmationStore(const std::string& conninfo,
                                                         const std::string& role,
                                                         const std::string& application_name,
                                                         AuditFence* fence) {
  return std::make_unique<PostgresConfirmationStore>(
      ConnectionParametersFor(conninfo, role, application_name), fence);
}

}  // namespace kakunin
