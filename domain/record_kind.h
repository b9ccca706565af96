#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/civil_day.h"
#include "domain/consent.h"

namespace kakunin {

// RecordKind is a kind of data that a facility may ask for. Kinds that need a consent carry the
// number of that consent, which ConsentFor relies on.
enum class RecordKind {
  kDrug = 1,                    // 薬剤情報, with its prescription and dispensing twins
  kTreatment,                   // 診療情報
  kSurgery,                     // 手術情報
  kHealthCheck,                 // 特定健診等情報: see HealthCheckProgramme
  kLimitCertificate,            // 限度額適用認定証
  kSpecificDiseaseCertificate,  // 特定疾病療養受療証
  kEligibility,                 // 資格情報; needs no consent
};
inline constexpr int kRecordKinds = 7;

// HealthCheckProgramme is under which law an examination was made, hence who registered it. Both
// programmes are one RecordKind: one consent opens both, and an insured person keeps the first when
// the second begins at 75.
enum class HealthCheckProgramme {
  kSpecific = 1,  // 特定健診, by the insurer
  kLateElderly,   // 後期高齢者健診, by the late-elderly association
};

// ConsentFor is the consent that opens `kind`; empty: none is needed.
constexpr std::optional<ConsentKind> ConsentFor(RecordKind kind) {
  if (kind == RecordKind::kEligibility) return std::nullopt;
  return static_cast<ConsentKind>(kind);
}
static_assert(ConsentFor(RecordKind::kDrug) == ConsentKind::kDrug);
static_assert(ConsentFor(RecordKind::kTreatment) == ConsentKind::kTreatment);
static_assert(ConsentFor(RecordKind::kSurgery) == ConsentKind::kSurgery);
static_assert(ConsentFor(RecordKind::kHealthCheck) == ConsentKind::kHealthCheck);
static_assert(ConsentFor(RecordKind::kLimitCertificate) == ConsentKind::kLimitCertificate);
static_assert(ConsentFor(RecordKind::kSpecificDiseaseCertificate) ==
              ConsentKind::kSpecificDiseaseCertificate);

// RecordKindFacts is when a kind came into service. Days are JST.
struct RecordKindFacts {
  RecordKind kind;
  std::string_view name;                      // ja-JP, for the clerk
  std::optional<absl::CivilDay> planned_for;  // as announced, when that was not kept
  absl::CivilDay in_service_from;             // first day on which a call may be answered
  std::optional<absl::CivilDay> data_from;    // first day of care of which data can exist
  std::string_view source;
};

// kServiceStart is when the service as a whole went into operation: announced for March 2021 (seed
// 000), begun on 2021-10-20. The drug data began with it (announced: October 2021).
inline constexpr absl::CivilDay kServiceStart(2021, 10, 20);

// kOtherFormsStart is when home visits and online care came into service (seed 002:
// 令和6年4月).
inline constexpr absl::CivilDay kOtherFormsStart(2024, 4, 1);

// kEmergencyStart is when emergency views came into service (domain.md 3, S21).
inline constexpr absl::CivilDay kEmergencyStart(2024, 12, 9);

// kHealthCheckPlanDropped is the day on which the plan of 2020, that barred check-ups by type of
// facility and by profession, was dropped: before anything was in service (domain.md 3, S20).
inline constexpr absl::CivilDay kHealthCheckPlanDropped(2020, 11, 12);

inline constexpr std::array<RecordKindFacts, kRecordKinds> kRecordKindTable = {{
    {RecordKind::kDrug, "薬剤情報", std::nullopt, kServiceStart, absl::CivilDay(2021, 9, 1),
     "seed 000 (October 2021); data of September 2021: domain.md 3, S16"},
    {RecordKind::kTreatment, "診療情報", std::nullopt, absl::CivilDay(2022, 9, 11),
     absl::CivilDay(2022, 6, 1),
     "receipts of June 2022: domain.md 3, S16; shown since 2022-09-11: MHLW 153rd 医療保険部会"},
    {RecordKind::kSurgery, "手術情報", std::nullopt, absl::CivilDay(2023, 5, 11),
     absl::CivilDay(2022, 6, 1),
     "May 2023: MHLW 153rd 医療保険部会; the day and the first data are our assumption"},
    {RecordKind::kHealthCheck, "特定健診等情報", absl::CivilDay(2021, 3, 1), kServiceStart,
     absl::CivilDay(2020, 4, 1),
     "seed 000 (March 2021); examinations of fiscal 2020: domain.md 3, S16"},
    {RecordKind::kLimitCertificate, "限度額適用認定証情報", absl::CivilDay(2021, 3, 1),
     kServiceStart, std::nullopt, "with eligibility: domain.md 1.6"},
    {RecordKind::kSpecificDiseaseCertificate, "特定疾病療養受療証情報", absl::CivilDay(2021, 3, 1),
     kServiceStart, std::nullopt, "with eligibility: domain.md 1.6"},
    {RecordKind::kEligibility, "資格情報", absl::CivilDay(2021, 3, 1), kServiceStart, std::nullopt,
     "seed 000 (March 2021); begun 2021-10-20"},
}};

// FactsOf finds the row of `kind`.
constexpr const RecordKindFacts& FactsOf(RecordKind kind) {
  return kRecordKindTable[static_cast<size_t>(kind) - 1];
}

// InServiceFrom is the first instant at which `kind` may be asked for.
constexpr absl::Time InServiceFrom(RecordKind kind) {
  return StartOfDay(FactsOf(kind).in_service_from);
}

}  // namespace kakunin
