#include "server/rpc/patient_fields.h"

#include <google/protobuf/io/coded_stream.h>

#include "domain/civil_day.h"
#include "domain/home_relation.h"
#include "server/rpc/convert_date.h"
#include "server/usecases/feed_keys.h"

namespace kakunin {
namespace {

// A birth day before this is a slip of the pen; the oldest person on record was born in 1875.
constexpr int kEarliestBirthYear = 1868;

constexpr std::string_view kOnlyOnline = "オンライン診療のときだけ予約日を指定します。";
constexpr std::string_view kNeededOnline = "オンライン診療では予約日が必要です。";
constexpr std::string_view kInTheFuture = "未来の日付は指定できません。";
constexpr std::string_view kInThePast = "過去の予約日は指定できません。";

constexpr std::string_view kOneKindOfPatientKey =
    "患者は、以前の確認で得た識別子か、保険者番号・記号・番号・生年月日のどちらかで指定してください"
    "。";
constexpr std::string_view kBranchNeeded = "訪問診療・オンライン診療では枝番が必要です。";

// Reads a text that `Field` can parse; a missing one is an error only when it is `required`.
template <class Field>
std::optional<Field> ReadField(FieldErrors& errors, std::string_view prefix, std::string_view name,
                               std::string_view text, bool required) {
  const std::string path = std::string(prefix) + std::string(name);
  if (required && text.empty()) {
    errors.Add(path, kFieldMissing);
    return std::nullopt;
  }
  auto field = Field::Parse(text);
  if (!field) errors.Add(path, kFieldMalformed);
  return field;
}

}  // namespace

const Terminal& TerminalOf(const Call& call) { return std::get<Terminal>(call.actor); }

void ReadFacilityCode(FieldErrors& errors, const std::string& code, const Call& call,
                      std::optional<Reason>& refused) {
  if (code.empty()) return;
  if (RequiredDigits(errors, "facility_code", code, 10) && code != TerminalOf(call).facility_code) {
    refused = Reason::kFacilityCodeDiffers;
  }
}

absl::CivilDay FirstBooking(absl::CivilDay today) {
  constexpr int kYearsBack = 10;
  return SameDayYearsBefore(today, kYearsBack);
}

FormOfCare ReadForm(FieldErrors& errors, v1::FormOfCare form, const google::type::Date& appointment,
                    absl::CivilDay first_booking, std::optional<absl::CivilDay>& appointment_day,
                    const std::string& prefix) {
  const FormOfCare read = RequiredEnum<FormOfCare>(errors, prefix + "form_of_care", form)
                              .value_or(FormOfCare::kOutpatient);
  const std::string path = prefix + "appointment_date";
  appointment_day = OptionalDay(errors, path, appointment);
  const bool online = read == FormOfCare::kOnlineCare;
  if (online && IsAbsent(appointment)) errors.Add(path, kNeededOnline);
  if (!online && !IsAbsent(appointment)) errors.Add(path, kOnlyOnline);
  if (appointment_day && *appointment_day < first_booking) errors.Add(path, kInThePast);
  return read;
}

std::optional<InsuredKey> ReadInsuredKey(FieldErrors& errors, const InsuredFields& fields,
                                         absl::CivilDay today) {
  const std::string_view prefix = fields.prefix;
  const auto insurer =
      ReadField<InsurerNumber>(errors, prefix, "insurer_number", fields.insurer_number, true);
  const auto symbol = ReadField<InsuredSymbol>(errors, prefix, "symbol", fields.symbol, false);
  const auto number = ReadField<InsuredNumber>(errors, prefix, "number", fields.number, true);
  std::optional<BranchNumber> branch;
  bool branch_ok = true;
  if (!fields.branch_number.empty()) {
    branch = ReadField<BranchNumber>(errors, prefix, "branch_number", fields.branch_number, false);
    branch_ok = branch.has_value();
  }
  const std::string birth_path = std::string(prefix) + "birth_date";
  auto birth = RequiredDay(errors, birth_path, fields.birth_date);
  if (birth && *birth > today) {
    errors.Add(birth_path, kInTheFuture);
    birth.reset();
  } else if (birth && birth->year() < kEarliestBirthYear) {
    errors.Add(birth_path, kFieldNotADay);
    birth.reset();
  }
  if (!insurer || !symbol || !number || !branch_ok || !birth) return std::nullopt;
  if (!HasBranchNumbers(*insurer)) branch.reset();
  return InsuredKey{.insurer = *insurer,
                    .symbol = *symbol,
                    .number = *number,
                    .branch = branch,
                    .birth_date = *birth};
}

std::optional<PatientField> ReadPatient(FieldErrors& errors, const v1::PatientKey& patient,
                                        std::optional<FormOfCare> form, absl::CivilDay today,
                                        const auth::HmacKey& look_up, const std::string& prefix) {
  switch (patient.key_case()) {
    case v1::PatientKey::kPatientHandle:
      return PatientField{.patient = patient.patient_handle()};
    case v1::PatientKey::kInsured:
      break;
    case v1::PatientKey::KEY_NOT_SET:
      errors.Add(prefix + "patient", kOneKindOfPatientKey);
      return std::nullopt;
  }
  const v1::InsuredKey& insured = patient.insured();
  const std::string path = prefix + "patient.insured.";
  const auto key = ReadInsuredKey(errors,
                                  {.insurer_number = insured.insurer_number(),
                                   .symbol = insured.symbol(),
                                   .number = insured.number(),
                                   .branch_number = insured.branch_number(),
                                   .birth_date = insured.birth_date(),
                                   .prefix = path},
                                  today);
  if (!key) return std::nullopt;
  RequireBranchAtHome(errors, path + "branch_number", *key, form);
  return PatientField{.patient = LookUpHash(look_up, *key, key->branch.has_value()),
                      .without_branch = !key->branch && HasBranchNumbers(key->insurer)};
}

void RequireBranchAtHome(FieldErrors& errors, const std::string& path, const InsuredKey& key,
                         std::optional<FormOfCare> form) {
  if (form && NeedsRelation(*form) && !key.branch && HasBranchNumbers(key.insurer)) {
    errors.Add(path, kBranchNeeded);
  }
}

bool HasBranchNumbers(const InsurerNumber& insurer) {
  const InsurerKind kind = insurer.Kind();
  return kind != InsurerKind::kLateElderly && kind != InsurerKind::kSelfDefenceForces &&
         kind != InsurerKind::kMedicalAid;
}

void AppendMessage(int field_number, std::string_view body, std::string_view rest,
                   std::string& out) {
  using google::protobuf::io::CodedOutputStream;
  uint8_t head[10];
  uint8_t* end =
      CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(field_number << 3 | 2), head);
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(body.size() + rest.size()),
                                                end);
  out.append(reinterpret_cast<const char*>(head), static_cast<size_t>(end - head));
  out.append(body).append(rest);
}

}  // namespace kakunin
