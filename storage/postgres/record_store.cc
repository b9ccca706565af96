#include "storage/postgres/record_store.h"

#include <array>

#include "domain/civil_day.h"
#include "storage/postgres/audit_columns.h"
#include "storage/postgres/binary_array.h"
#include "storage/postgres/lane_connection.h"
#include "storage/postgres/lane_truth.h"
#include "storage/postgres/record_statements.h"

namespace kakunin {
namespace {

using enum ElementType;

constexpr size_t kAccessArrays = 9;
constexpr size_t kHeldArrays = 3;
constexpr size_t kEndArrays = 10;
constexpr size_t kQuestionArrays = 13;
constexpr size_t kConsentQuestionArrays = 3;

ConsentDecisions DecisionsFrom(int agreed, int declined) {
  ConsentDecisions decisions;
  for (int i = 1; i <= kConsentKinds; ++i) {
    const auto kind = static_cast<ConsentKind>(i);
    if ((agreed & ConsentKindBit(kind)) != 0) decisions.Set(kind, Decision::kAgreed);
    if ((declined & ConsentKindBit(kind)) != 0) decisions.Set(kind, Decision::kDeclined);
  }
  return decisions;
}

class PostgresRecordStore final : public RecordStore {
 public:
  PostgresRecordStore(ConnectionParameters parameters, AuditFence* fence)
      : connection_(std::move(parameters), RecordStatements(), fence) {}

  bool Connected() const override { return connection_.Connected(); }
  absl::Status Reconnect(MonotonicTime deadline) override {
    return connection_.Reconnect(deadline);
  }
  void NoticeLoss() override { connection_.DropIfClosed(); }
  absl::StatusOr<std::vector<std::vector<FoundPerson>>> Read(
      std::span<const RecordQuestion> questions, MonotonicTime deadline) override;
  absl::StatusOr<std::vector<Coverage>> ReadTruth(const PersonId& person,
                                                  MonotonicTime deadline) override {
    return LaneReadTruth(connection_, RecordStatements()[kRecordTruth], person, deadline);
  }
  absl::StatusOr<std::vector<Receipt>> ReadReceipts(const PersonId& person, absl::CivilMonth from,
                                                    absl::CivilMonth through,
                                                    MonotonicTime deadline) override {
    return LaneReadReceipts(connection_, RecordStatements()[kRecordReceipts], person, from, through,
                            deadline);
  }
  absl::StatusOr<std::vector<HealthCheck>> ReadHealthChecks(const PersonId& person,
                                                            absl::CivilMonth from,
                                                            absl::CivilMonth through,
                                                            MonotonicTime deadline) override {
    return LaneReadHealthChecks(connection_, RecordStatements()[kRecordHealthChecks], person, from,
                                through, deadline);
  }
  absl::StatusOr<std::vector<std::vector<FoundPerson>>> ReadConsents(
      std::span<const ConsentQuestion> questions, MonotonicTime deadline) override;
  absl::StatusOr<std::vector<ConsentEnd>> ReadEnds(const EndQuestion& question,
                                                   MonotonicTime deadline) override;
  absl::StatusOr<std::optional<AuditedDecision>> ReadDecision(std::string_view facility_code,
                                                              const AuditId& id,
                                                              MonotonicTime deadline) override;
  absl::Status Write(std::span<const AuditRecord> audit, std::span<const RecordAccess> accesses,
                     std::span<const HeldPerson> held, std::span<const ConsentEnd> ends,
                     MonotonicTime deadline) override;
  absl::StatusOr<bool> AuditRowExists(const AuditId& id, MonotonicTime deadline) override;

 private:
  BinaryArray* FillQuestions(std::span<const RecordQuestion> questions);
  BinaryArray* FillAccesses(BinaryArray* next, std::span<const RecordAccess> accesses);
  BinaryArray* FillHeld(BinaryArray* next, std::span<const HeldPerson> held);
  BinaryArray* FillEnds(BinaryArray* next, std::span<const ConsentEnd> ends);
  // Runs a statement whose rows RecordTag describes, with the first `arrays` arrays.
  template <class Question>
  absl::StatusOr<std::vector<std::vector<FoundPerson>>> Find(RecordStatement statement,
                                                             size_t arrays,
                                                             std::span<const Question> questions,
                                                             MonotonicTime deadline);
  // Takes one row of the last read into the person it is about.
  void Take(int row, std::string_view facility_code, FoundPerson& person) const;
  ConsentAct ActAt(int row, std::string_view facility_code) const;
  ConsentEnd EndAt(int row, std::string_view facility_code) const;

  LaneConnection connection_;
  std::array<BinaryArray, kAuditArrays + kAccessArrays + kHeldArrays + kEndArrays> arrays_;
  LaneResult read_;  // behind the views of the last Read
};

BinaryArray* PostgresRecordStore::FillQuestions(std::span<const RecordQuestion> questions) {
  using Row = RecordQuestion;
  BinaryArray* next = arrays_.data();
  Column(next, kUuid, questions, [](BinaryArray& a, const Row& r) {
    const auto* person = std::get_if<PersonId>(&r.patient);
    person != nullptr ? a.Uuid(*person) : a.Null();
  });
  Column(next, kUuid, questions, [](BinaryArray& a, const Row& r) {
    const auto* key = std::get_if<KeyHash>(&r.patient);
    key != nullptr ? a.Uuid(*key) : a.Null();
  });
  Column(next, kText, questions, [](BinaryArray& a, const Row& r) { a.Octets(r.facility_code); });
  Column(next, kInt2, questions,
         [](BinaryArray& a, const Row& r) { a.Int2(static_cast<int>(r.form_of_care)); });
  Column(next, kDay, questions, [](BinaryArray& a, const Row& r) { a.Day(r.appointment_day); });
  Column(next, kInstant, questions, [](BinaryArray& a, const Row& r) { a.Instant(r.acts_from); });
  Column(next, kInt2, questions, [](BinaryArray& a, const Row& r) { a.Int2(r.kinds.first); });
  Column(next, kInt2, questions, [](BinaryArray& a, const Row& r) { a.Int2(r.kinds.last); });
  Column(next, kDay, questions,
         [](BinaryArray& a, const Row& r) { a.Day(absl::CivilDay(r.from_month)); });
  Column(next, kDay, questions,
         [](BinaryArray& a, const Row& r) { a.Day(absl::CivilDay(r.through_month)); });
  Column(next, kBool, questions, [](BinaryArray& a, const Row& r) { a.Bool(r.answer_row); });
  Column(next, kInt2, questions, [](BinaryArray& a, const Row& r) { a.Int2(r.through_kind); });
  Column(next, kBool, questions, [](BinaryArray& a, const Row& r) { a.Bool(r.without_consent); });
  return next;
}

BinaryArray* PostgresRecordStore::FillAccesses(BinaryArray* next,
                                               std::span<const RecordAccess> accesses) {
  using Row = RecordAccess;
  Column(next, kUuid, accesses, [](BinaryArray& a, const Row& r) { a.Uuid(r.person); });
  Column(next, kInstant, accesses, [](BinaryArray& a, const Row& r) { a.Instant(r.at); });
  Column(next, kInt8, accesses, [](BinaryArray& a, const Row& r) { a.Int8(r.audit_id.number); });
  Column(next, kText, accesses, [](BinaryArray& a, const Row& r) { a.Octets(r.facility_code); });
  Column(next, kText, accesses, [](BinaryArray& a, const Row& r) { a.Octets(r.user); });
  Column(next, kInt2, accesses, [](BinaryArray& a, const Row& r) { a.Int2(r.operation); });
  Column(next, kText, accesses, [](BinaryArray& a, const Row& r) { a.Octets(r.reason); });
  Column(next, kBool, accesses, [](BinaryArray& a, const Row& r) {
    if (!r.own_act) return a.Null();
    a.Bool(true);
  });
  Column(next, kUuid, accesses, [](BinaryArray& a, const Row& r) {
    if (r.view == ViewId{}) return a.Null();
    a.Uuid(r.view);
  });
  return next;
}

BinaryArray* PostgresRecordStore::FillHeld(BinaryArray* next, std::span<const HeldPerson> held) {
  using Row = HeldPerson;
  Column(next, kUuid, held, [](BinaryArray& a, const Row& r) { a.Uuid(r.person); });
  Column(next, kInt8, held, [](BinaryArray& a, const Row& r) { a.Int8(r.stored_ends); });
  Column(next, kBool, held, [](BinaryArray& a, const Row& r) { a.Bool(r.ends_now); });
  return next;
}

BinaryArray* PostgresRecordStore::FillEnds(BinaryArray* next, std::span<const ConsentEnd> ends) {
  using Row = ConsentEnd;
  Column(next, kUuid, ends, [](BinaryArray& a, const Row& r) { a.Uuid(r.person); });
  Column(next, kInstant, ends, [](BinaryArray& a, const Row& r) { a.Instant(r.at); });
  Column(next, kInt8, ends, [](BinaryArray& a, const Row& r) { a.Int8(r.audit_id.number); });
  Column(next, kText, ends, [](BinaryArray& a, const Row& r) { a.Octets(r.facility_code); });
  Column(next, kInt2, ends,
         [](BinaryArray& a, const Row& r) { a.Int2(static_cast<int>(r.form_of_care)); });
  Column(next, kDay, ends, [](BinaryArray& a, const Row& r) { a.Day(r.appointment_day); });
  Column(next, kInt2, ends, [](BinaryArray& a, const Row& r) { a.Int2(r.kinds); });
  Column(next, kInt2, ends,
         [](BinaryArray& a, const Row& r) { a.Int2(static_cast<int>(r.reason)); });
  const auto request = [&](auto field) {
    Column(next, kUuid, ends, [&](BinaryArray& a, const Row& r) {
      r.request_id == RequestId() ? a.Null() : a.Uuid(r.*field);
    });
  };
  request(&Row::request_id);
  request(&Row::request_digest);
  return next;
}

ConsentAct PostgresRecordStore::ActAt(int row, std::string_view facility_code) const {
  ConsentAct act;
  act.person = UuidFrom<PersonId>(read_.Cell(row, 2));
  act.facility_code = facility_code;
  act.form_of_care = static_cast<FormOfCare>(Int2From(read_.Cell(row, 14)));
  act.begin = InstantFrom(read_.Cell(row, 3));
  act.end = InstantFrom(read_.Cell(row, 4));
  if (!read_.IsNull(row, 5)) act.appointment_day = DayFrom(read_.Cell(row, 5));
  act.decisions = DecisionsFrom(Int2From(read_.Cell(row, 6)), Int2From(read_.Cell(row, 7)));
  act.method = static_cast<ConsentMethod>(Int2From(read_.Cell(row, 8)));
  act.issuer_key_id = read_.Cell(row, 9);
  act.serial = read_.Cell(row, 10);
  if (!read_.IsNull(row, 11)) {
    act.crl_partition = static_cast<uint64_t>(Int8From(read_.Cell(row, 11)));
  }
  if (!read_.IsNull(row, 12)) act.certificate_not_after = InstantFrom(read_.Cell(row, 12));
  return act;
}

ConsentEnd PostgresRecordStore::EndAt(int row, std::string_view facility_code) const {
  ConsentEnd end;
  end.person = UuidFrom<PersonId>(read_.Cell(row, 2));
  end.facility_code = facility_code;
  end.form_of_care = static_cast<FormOfCare>(Int2From(read_.Cell(row, 14)));
  end.at = InstantFrom(read_.Cell(row, 3));
  if (!read_.IsNull(row, 5)) end.appointment_day = DayFrom(read_.Cell(row, 5));
  end.kinds = Int2From(read_.Cell(row, 6));
  end.reason = static_cast<ConsentEndReason>(Int2From(read_.Cell(row, 7)));
  if (!read_.IsNull(row, 9)) {
    end.request_id = UuidFrom<RequestId>(read_.Cell(row, 9));
    end.request_digest = UuidFrom<PersonPseudonym>(read_.Cell(row, 10));
  }
  return end;
}

void PostgresRecordStore::Take(int row, std::string_view facility_code, FoundPerson& person) const {
  switch (static_cast<RecordTag>(Int2From(read_.Cell(row, 1)))) {
    case RecordTag::kPerson:
      person.protection = {.hide_address = Int2From(read_.Cell(row, 6)) != 0,
                           .hide_facility_names = Int2From(read_.Cell(row, 7)) != 0};
      person.in_question = Int2From(read_.Cell(row, 8)) != 0;
      person.stored_ends = Int8From(read_.Cell(row, 11));
      break;
    case RecordTag::kAct:
      person.acts.push_back(
          {.act = ActAt(row, facility_code),
           .certificate = static_cast<StoredCertificate>(Int2From(read_.Cell(row, 13)))});
      break;
    case RecordTag::kEnd:
      person.ends.push_back(EndAt(row, facility_code));
      break;
    case RecordTag::kMonth:
      person.months.push_back({.kind = static_cast<RecordKind>(Int2From(read_.Cell(row, 6))),
                               .month = absl::CivilMonth(DayFrom(read_.Cell(row, 5))),
                               .format = Int2From(read_.Cell(row, 7)),
                               .arrived = InstantFrom(read_.Cell(row, 3)),
                               .octets = read_.Cell(row, 10)});
      break;
    case RecordTag::kAnswer:
      person.answer = {.person = person.person,
                       .format = Int2From(read_.Cell(row, 7)),
                       .octets = read_.Cell(row, 10)};
      break;
    case RecordTag::kCoverage:
      person.coverages.push_back({.key_without_branch = UuidFrom<KeyHash>(read_.Cell(row, 10)),
                                  .qualification_day = DayFrom(read_.Cell(row, 5)),
                                  .arrived = InstantFrom(read_.Cell(row, 3))});
      break;
  }
}

template <class Question>
absl::StatusOr<std::vector<std::vector<FoundPerson>>> PostgresRecordStore::Find(
    RecordStatement statement, size_t arrays, std::span<const Question> questions,
    MonotonicTime deadline) {
  std::vector<std::string_view> parameters(arrays);
  for (size_t i = 0; i < arrays; ++i) parameters[i] = arrays_[i].octets();
  absl::StatusOr<LaneResult> result =
      connection_.Run(RecordStatements()[statement], parameters, deadline);
  if (!result.ok()) return result.status();
  read_ = *std::move(result);
  std::vector<std::vector<FoundPerson>> found(questions.size());
  for (int row = 0; row < read_.rows(); ++row) {
    const int64_t index = Int8From(read_.Cell(row, 0)) - 1;
    const auto id = UuidFrom<PersonId>(read_.Cell(row, 2));
    std::vector<FoundPerson>& persons = found[index];
    auto person = persons.begin();
    while (person != persons.end() && person->person != id) ++person;
    if (person == persons.end()) {
      persons.emplace_back().person = id;
      person = persons.end() - 1;
    }
    Take(row, questions[index].facility_code, *person);
  }
  return found;
}

absl::StatusOr<std::vector<std::vector<FoundPerson>>> PostgresRecordStore::Read(
    std::span<const RecordQuestion> questions, MonotonicTime deadline) {
  if (questions.empty()) return std::vector<std::vector<FoundPerson>>();
  FillQuestions(questions);
  return Find(kRecordRead, kQuestionArrays, questions, deadline);
}

absl::StatusOr<std::vector<std::vector<FoundPerson>>> PostgresRecordStore::ReadConsents(
    std::span<const ConsentQuestion> questions, MonotonicTime deadline) {
  if (questions.empty()) return std::vector<std::vector<FoundPerson>>();
  using Row = ConsentQuestion;
  BinaryArray* next = arrays_.data();
  Column(next, kUuid, questions, [](BinaryArray& a, const Row& r) {
    const auto* person = std::get_if<PersonId>(&r.patient);
    person != nullptr ? a.Uuid(*person) : a.Null();
  });
  Column(next, kUuid, questions, [](BinaryArray& a, const Row& r) {
    const auto* key = std::get_if<KeyHash>(&r.patient);
    key != nullptr ? a.Uuid(*key) : a.Null();
  });
  Column(next, kText, questions, [](BinaryArray& a, const Row& r) { a.Octets(r.facility_code); });
  return Find(kRecordConsents, kConsentQuestionArrays, questions, deadline);
}

absl::StatusOr<std::vector<ConsentEnd>> PostgresRecordStore::ReadEnds(const EndQuestion& question,
                                                                      MonotonicTime deadline) {
  const BinaryScalar from(question.from);
  const BinaryScalar to(question.to);
  const BinaryScalar stream(question.after.stream);
  const BinaryScalar number(question.after.number);
  const BinaryScalar form(question.form_of_care ? static_cast<int64_t>(*question.form_of_care)
                                                : int64_t{0});
  const BinaryScalar most(question.most);
  const std::string_view parameters[] = {question.facility_code, from.octets(),   to.octets(),
                                         from.octets(),          stream.octets(), number.octets(),
                                         form.octets(),          most.octets()};
  const absl::StatusOr<LaneResult> result =
      connection_.Run(RecordStatements()[kRecordEnds], parameters, deadline);
  if (!result.ok()) return result.status();
  std::vector<ConsentEnd> ends(static_cast<size_t>(result->rows()));
  for (int row = 0; row < result->rows(); ++row) {
    ConsentEnd& end = ends[static_cast<size_t>(row)];
    end.person = UuidFrom<PersonId>(result->Cell(row, 0));
    end.facility_code = question.facility_code;
    end.at = InstantFrom(result->Cell(row, 1));
    end.audit_id = {UuidFrom<StreamId>(result->Cell(row, 2)), Int8From(result->Cell(row, 3))};
    end.form_of_care = static_cast<FormOfCare>(Int2From(result->Cell(row, 4)));
    if (!result->IsNull(row, 5)) end.appointment_day = DayFrom(result->Cell(row, 5));
    end.kinds = Int2From(result->Cell(row, 6));
    end.reason = static_cast<ConsentEndReason>(Int2From(result->Cell(row, 7)));
  }
  return ends;
}

absl::StatusOr<std::optional<AuditedDecision>> PostgresRecordStore::ReadDecision(
    std::string_view facility_code, const AuditId& id, MonotonicTime deadline) {
  const BinaryScalar stream(id.stream);
  const BinaryScalar number(id.number);
  const std::string_view parameters[] = {facility_code, stream.octets(), number.octets()};
  const absl::StatusOr<LaneResult> result =
      connection_.Run(RecordStatements()[kRecordDecision], parameters, deadline);
  if (!result.ok()) return result.status();
  if (result->rows() == 0) return std::nullopt;
  AuditedDecision decision{.at = InstantFrom(result->Cell(0, 0)),
                           .operation = Int2From(result->Cell(0, 1)),
                           .role = Int2From(result->Cell(0, 2)),
                           .form_of_care = Int2From(result->Cell(0, 3)),
                           .reason = std::string(result->Cell(0, 4)),
                           .details = std::string(result->Cell(0, 5))};
  if (!result->IsNull(0, 6)) decision.person = UuidFrom<PersonId>(result->Cell(0, 6));
  return decision;
}

absl::Status PostgresRecordStore::Write(std::span<const AuditRecord> audit,
                                        std::span<const RecordAccess> accesses,
                                        std::span<const HeldPerson> held,
                                        std::span<const ConsentEnd> ends, MonotonicTime deadline) {
  BinaryArray* next = FillAuditColumns(arrays_.data(), audit);
  RecordStatement statement = kRecordAudit;
  if (!accesses.empty()) {
    next = FillAccesses(next, accesses);
    statement = kRecordAccessed;
  }
  if (!held.empty()) {
    next = FillHeld(next, held);
    statement = kRecordHeld;
  }
  if (!ends.empty()) {
    next = FillEnds(next, ends);
    statement = kRecordEnded;
  }
  const BinaryScalar stream(audit.front().id.stream);
  std::array<std::string_view, 2 + std::tuple_size_v<decltype(arrays_)>> parameters = {
      stream.octets(), audit.front().key_id};
  size_t count = 2;
  for (const BinaryArray* array = arrays_.data(); array != next; ++array) {
    parameters[count++] = array->octets();
  }
  connection_.WillWrite(audit.back());
  return connection_
      .Run(RecordStatements()[statement], std::span(parameters).first(count), deadline)
      .status();
}

absl::StatusOr<bool> PostgresRecordStore::AuditRowExists(const AuditId& id,
                                                         MonotonicTime deadline) {
  return LaneAuditRowExists(connection_, RecordStatements()[kRecordExists], id, deadline);
}

}  // namespace

std::unique_ptr<RecordStore> MakeRecordStore(const std::string& conninfo, const std::string& role,
                                             const std::string& application_name,
                                             AuditFence* fence) {
  return std::make_unique<PostgresRecordStore>(
      ConnectionParametersFor(conninfo, role, application_name), fence);
}

}  // namespace kakunin
