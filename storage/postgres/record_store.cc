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

constexpr size_t kAccessArrays = 7;
constexpr size_t kEndArrays = 8;
constexpr size_t kQuestionArrays = 12;

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
  explicit PostgresRecordStore(ConnectionParameters parameters)
      : connection_(std::move(parameters), RecordStatements()) {}

  bool Connected() const override { return connection_.Connected(); }
  absl::Status Reconnect(MonotonicTime deadline) override {
    return connection_.Reconnect(deadline);
  }
  absl::StatusOr<std::vector<std::vector<FoundPerson>>> Read(
      std::span<const RecordQuestion> questions, MonotonicTime deadline) override;
  absl::StatusOr<std::vector<Coverage>> ReadTruth(const PersonId& person,
                                                  MonotonicTime deadline) override {
    return LaneReadTruth(connection_, RecordStatements()[kRecordTruth], person, deadline);
  }
  absl::Status Write(std::span<const AuditRecord> audit, std::span<const RecordAccess> accesses,
                     std::span<const ConsentEnd> ends, MonotonicTime deadline) override;
  absl::StatusOr<bool> AuditRowExists(const AuditId& id, MonotonicTime deadline) override;

 private:
  BinaryArray* FillQuestions(std::span<const RecordQuestion> questions);
  BinaryArray* FillAccesses(BinaryArray* next, std::span<const RecordAccess> accesses);
  BinaryArray* FillEnds(BinaryArray* next, std::span<const ConsentEnd> ends);
  // Takes one row of the last read into the person it is about.
  void Take(int row, const RecordQuestion& question, FoundPerson& person) const;
  ConsentAct ActAt(int row, const RecordQuestion& question) const;
  ConsentEnd EndAt(int row, const RecordQuestion& question) const;

  LaneConnection connection_;
  std::array<BinaryArray, kAuditArrays + kAccessArrays + kEndArrays> arrays_;
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
  return next;
}

ConsentAct PostgresRecordStore::ActAt(int row, const RecordQuestion& question) const {
  ConsentAct act;
  act.person = UuidFrom<PersonId>(read_.Cell(row, 2));
  act.facility_code = question.facility_code;
  act.form_of_care = question.form_of_care;
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

ConsentEnd PostgresRecordStore::EndAt(int row, const RecordQuestion& question) const {
  ConsentEnd end;
  end.person = UuidFrom<PersonId>(read_.Cell(row, 2));
  end.facility_code = question.facility_code;
  end.form_of_care = question.form_of_care;
  end.at = InstantFrom(read_.Cell(row, 3));
  if (!read_.IsNull(row, 5)) end.appointment_day = DayFrom(read_.Cell(row, 5));
  end.kinds = Int2From(read_.Cell(row, 6));
  end.reason = static_cast<ConsentEndReason>(Int2From(read_.Cell(row, 7)));
  return end;
}

void PostgresRecordStore::Take(int row, const RecordQuestion& question, FoundPerson& person) const {
  switch (static_cast<RecordTag>(Int2From(read_.Cell(row, 1)))) {
    case RecordTag::kPerson:
      person.protection = {.hide_address = Int2From(read_.Cell(row, 6)) != 0,
                           .hide_facility_names = Int2From(read_.Cell(row, 7)) != 0};
      break;
    case RecordTag::kAct:
      person.acts.push_back(
          {.act = ActAt(row, question), .certificate_superseded = read_.Cell(row, 13)[0] != 0});
      break;
    case RecordTag::kEnd:
      person.ends.push_back(EndAt(row, question));
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
  }
}

absl::StatusOr<std::vector<std::vector<FoundPerson>>> PostgresRecordStore::Read(
    std::span<const RecordQuestion> questions, MonotonicTime deadline) {
  std::vector<std::vector<FoundPerson>> found(questions.size());
  if (questions.empty()) return found;
  FillQuestions(questions);
  std::array<std::string_view, kQuestionArrays> parameters;
  for (size_t i = 0; i < kQuestionArrays; ++i) parameters[i] = arrays_[i].octets();
  absl::StatusOr<LaneResult> result =
      connection_.Run(RecordStatements()[kRecordRead], parameters, deadline);
  if (!result.ok()) return result.status();
  read_ = *std::move(result);
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
    Take(row, questions[index], *person);
  }
  return found;
}

absl::Status PostgresRecordStore::Write(std::span<const AuditRecord> audit,
                                        std::span<const RecordAccess> accesses,
                                        std::span<const ConsentEnd> ends, MonotonicTime deadline) {
  BinaryArray* next = FillAuditColumns(arrays_.data(), audit);
  RecordStatement statement = kRecordAudit;
  if (!accesses.empty() || !ends.empty()) {
    next = FillAccesses(next, accesses);
    statement = kRecordAccessed;
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
                                             const std::string& application_name) {
  return std::make_unique<PostgresRecordStore>(
      ConnectionParametersFor(conninfo, role, application_name));
}

}  // namespace kakunin
