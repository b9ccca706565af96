#pragma once

#include <span>
#include <string_view>

#include "kakunin/v1/record_types.pb.h"

namespace kakunin::synth {

// SynthDrug is one drug as receipts name it. Codes have the right form (nine digits, 6 first) and
// are invented: the master is not looked up.
struct SynthDrug {
  std::string_view code;
  std::string_view name;
  std::string_view ingredient_name;
  v1::DrugClass drug_class;
  std::string_view dose;
  std::string_view unit;
  std::string_view usage_name;
  std::string_view special_instruction;
  int per_mille;  // of persons of 75 who take it always; 0: for a short illness only
  int times;      // days or times of one prescription
};

// SourceDrugs are the four rows of the source documents: ガスターD錠20mg, ブロプレス錠12,
// アリナミンF10注, アーチスト錠10mg. The third is injected at the clinic.
std::span<const SynthDrug> SourceDrugs();
// ChronicDrugs are taken for years, AcuteDrugs for days.
std::span<const SynthDrug> ChronicDrugs();
std::span<const SynthDrug> AcuteDrugs();

// SynthTreatment is one line of treatment; the code's form as above (1 first).
struct SynthTreatment {
  std::string_view code;
  std::string_view name;
  std::string_view treatment_class;
  std::string_view unit;
};

// Consultations stand in every receipt of a clinic: the first visit, a later one, the prescription.
std::span<const SynthTreatment> Consultations();
std::span<const SynthTreatment> Examinations();
std::span<const SynthTreatment> DentalTreatments();
std::span<const SynthTreatment> Surgeries();

// CheckValue is of which sort an item's value is.
enum class CheckValue {
  kMeasured,  // a number
  kSign,      // CodedNames
  kFinding,   // whether anything was found: FindingNames
  kText,      // what was found: FindingTexts
};

// SynthCheckItem is one item of a check-up (domain.md 3). Measured: around `at_40`, moving by
// `a_decade` with the age and spread by `spread`; or, `near` another item that stands before it, by
// `at_40` off that one's value.
struct SynthCheckItem {
  std::string_view code;  // JLAC10, 17 characters
  std::string_view name;
  std::string_view unit;
  double at_40;
  double a_decade;
  double spread;
  int decimals;
  CheckValue value = CheckValue::kMeasured;
  std::string_view near = {};
};

std::span<const SynthCheckItem> CheckItems();

// CodedNames are what the values 1, 2, ... of a coded item mean: −, ±, +, ++.
std::span<const std::string_view> CodedNames();
// FindingNames are what 1 and 2 mean where it is told whether anything was found, FindingTexts what
// is written then.
std::span<const std::string_view> FindingNames();
std::span<const std::string_view> FindingTexts();

}  // namespace kakunin::synth
