#include "server/synth/test_records.h"

#include <string>

#include "server/synth/record_plan.h"
#include "server/synth/test_persons.h"

namespace kakunin::synth {
namespace {

// Any, but always the same: test persons are alike in every nation.
constexpr uint64_t kSeed = 20'240'401;
// Behind every random person's number (kMaxPersons).
constexpr uint64_t kFirstNumber = 90'000'000;

constexpr TestRecords kRecords[] = {
    {"TP01", true, true, "薬剤（資料の4剤を毎月）、診療、1年前の手術、特定健診"},
    {"TP02", false, false, "薬剤、診療、特定健診"},
    {"TP03", false, false, "薬剤、診療（健診の対象外の年齢）。双子のTP04には何もない"},
    {"TP06", false, false, "薬剤、診療。転職の前と後の保険者にまたがる"},
    {"TP08", false, true, "薬剤、診療、1年前の手術、後期高齢者健診"},
    {"TP15", false, false, "薬剤、診療、特定健診"},
    {"TP27", false, false, "薬剤、診療、特定健診。同姓同名のTP28には何もない"},
    {"SD01", true, false, "薬剤（資料の4剤を毎月）、診療、特定健診"},
};

}  // namespace

std::span<const TestRecords> AllTestRecords() { return kRecords; }

void EmitTestRecords(absl::CivilDay today, const RecordSinks& sinks) {
  uint64_t number = kFirstNumber;
  for (const TestRecords& records : kRecords) {
    const TestPerson person = FindTestPerson(today, std::string(records.person));
    EmitRecords(kSeed, today,
                {.individual_number = person.individual_number,
                 .rows = person.rows,
                 .number = number++,
                 .source_drugs = records.source_drugs,
                 .surgery = records.surgery,
                 .at_test_facilities = true},
                sinks);
  }
}

}  // namespace kakunin::synth
