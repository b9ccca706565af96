#include "storage/postgres/coverage_row.h"

#include <charconv>

#include "domain/civil_day.h"
#include "storage/postgres/array_parameters.h"
#include "storage/postgres/coverage_json.h"
#include "storage/postgres/delivered_certificates.h"
#include "storage/postgres/text_value.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

using enum ElementType;

// The element types of CoverageArrays, in the order of kCoverageColumns.
constexpr std::array<ElementType, kCoverageColumnCount> kTypes = {
    kText, kText, kInt2, kText, kText, kText, kInt2, kText, kText, kText, kText, kText, kText,
    kInt2, kInt2, kDay,  kText, kText, kDay,  kDay,  kDay,  kDay,  kDay,  kInt2, kBool, kInt2,
    kText, kBool, kDay,  kDay,  kDay,  kInt2, kJson, kJson, kJson, kUuid, kUuid};

// CellReader reads cells in their order and remembers whether one was not as expected.
class CellReader {
 public:
  explicit CellReader(const CoverageCells& cells) : cells_(cells) {}

  std::string Text() {
    const auto& cell = Next();
    return cell ? std::string(*cell) : Fail<std::string>();
  }
  std::optional<int> MaybeInt() {
    const auto& cell = Next();
    if (!cell) return std::nullopt;
    int value = 0;
    const auto [end, error] = std::from_chars(cell->data(), cell->data() + cell->size(), value);
    if (error != std::errc() || end != cell->data() + cell->size()) return Fail<int>();
    return value;
  }
  int Int() {
    const std::optional<int> value = MaybeInt();
    return value ? *value : Fail<int>();
  }
  std::optional<absl::CivilDay> MaybeDay() {
    const std::optional<int> number = MaybeInt();
    if (!number) return std::nullopt;
    return DayFromNumber(*number);
  }
  absl::CivilDay Day() { return DayFromNumber(Int()); }
  KeyHash Key() {
    const auto& cell = Next();
    return cell ? UuidFromText<KeyHash>(*cell) : Fail<KeyHash>();
  }
  template <class Part>
  std::vector<Part> Parts(std::optional<std::vector<Part>> (*read)(std::string_view)) {
    const auto& cell = Next();
    if (cell == "[]") return {};  // nearly always
    auto parts = read(cell.value_or(std::string_view()));
    return parts ? *std::move(parts) : Fail<std::vector<Part>>();
  }
  // Of two that hold and began on one day the first is shown: the delivered ones come first.
  void Delivered(Coverage& coverage) {
    const auto& cell = Next();
    if (cell && !AddDelivered(*cell, coverage)) ok_ = false;
  }
  bool ok() const { return ok_; }

 private:
  const std::optional<std::string_view>& Next() { return cells_[next_++]; }
  template <class Value>
  Value Fail() {
    ok_ = false;
    return {};
  }

  const CoverageCells& cells_;
  size_t next_ = 0;
  bool ok_ = true;
};

}  // namespace

std::string CoverageParameters(int first) { return UnnestParameters(kTypes, first); }

absl::StatusOr<Coverage> CoverageFrom(const CoverageCells& cells) {
  CellReader in(cells);
  Coverage out;
  out.insurer_number = in.Text();
  out.coverage_reference = in.Text();
  out.card_classification = static_cast<CardClassification>(in.Int());
  out.symbol = in.Text();
  out.number = in.Text();
  out.branch_number = in.Text();
  out.personal_family_classification = in.Int();
  for (PersonName* name : {&out.insured_name, &out.name, &out.other_name}) {
    name->original = in.Text();
    name->kana = in.Text();
  }
  out.sex = static_cast<Sex>(in.Int());
  out.sex_back = static_cast<Sex>(in.Int());
  out.birth_date = in.Day();
  out.address = in.Text();
  out.postal_code = in.Text();
  out.qualification_date = in.Day();
  out.disqualification_date = in.MaybeDay();
  out.certificate_issue_date = in.MaybeDay();
  out.certificate_valid_from = in.MaybeDay();
  out.certificate_valid_through = in.MaybeDay();
  out.partial_contribution_percent = in.MaybeInt();
  out.preschool = in.Int() != 0;
  out.reason_of_loss = in.Int();
  out.insurer_name = in.Text();
  out.medical_aid_unregistered = in.Int() != 0;
  ElderlyRecipientCertificate elderly;
  elderly.issue_date = in.MaybeDay();
  elderly.valid_from = in.MaybeDay();
  elderly.valid_through = in.MaybeDay();
  if (const auto percent = in.MaybeInt()) {
    elderly.contribution_percent = *percent;
    out.elderly_recipient_certificate = elderly;
  }
  out.limit_certificates = in.Parts(&LimitCertificatesFrom);
  out.specific_disease_certificates = in.Parts(&SpecificDiseaseCertificatesFrom);
  out.medical_tickets = in.Parts(&MedicalTicketsFrom);
  out.key_without_branch = in.Key();
  out.key_with_branch = in.Key();
  in.Delivered(out);
  if (!in.ok()) return StoreError(StoreFailure::kBroken);
  return out;
}

void CoverageArrays::Begin(size_t count) {
  for (int i = 0; i < kCoverageColumnCount; ++i) arrays_[i].Begin(kTypes[i], count);
}

void CoverageArrays::Add(const Coverage& coverage) {
  BinaryArray* next = arrays_.data();
  const auto text = [&](std::string_view value) { next++->Octets(value); };
  const auto number = [&](int value) { next++->Int2(value); };
  const auto day = [&](const std::optional<absl::CivilDay>& value) { next++->Day(value); };
  const auto maybe_number = [&](const std::optional<int>& value) {
    if (value) return number(*value);
    next++->Null();
  };
  text(coverage.insurer_number);
  text(coverage.coverage_reference);
  number(static_cast<int>(coverage.card_classification));
  text(coverage.symbol);
  text(coverage.number);
  text(coverage.branch_number);
  number(coverage.personal_family_classification);
  for (const PersonName* name : {&coverage.insured_name, &coverage.name, &coverage.other_name}) {
    text(name->original);
    text(name->kana);
  }
  number(static_cast<int>(coverage.sex));
  number(static_cast<int>(coverage.sex_back));
  day(coverage.birth_date);
  text(coverage.address);
  text(coverage.postal_code);
  day(coverage.qualification_date);
  day(coverage.disqualification_date);
  day(coverage.certificate_issue_date);
  day(coverage.certificate_valid_from);
  day(coverage.certificate_valid_through);
  maybe_number(coverage.partial_contribution_percent);
  next++->Bool(coverage.preschool);
  number(coverage.reason_of_loss);
  text(coverage.insurer_name);
  next++->Bool(coverage.medical_aid_unregistered);
  const auto& elderly = coverage.elderly_recipient_certificate;
  day(elderly ? elderly->issue_date : std::nullopt);
  day(elderly ? elderly->valid_from : std::nullopt);
  day(elderly ? elderly->valid_through : std::nullopt);
  maybe_number(elderly ? std::optional(elderly->contribution_percent) : std::nullopt);
  next++->Json(JsonOf(coverage.limit_certificates));
  next++->Json(JsonOf(coverage.specific_disease_certificates));
  next++->Json(JsonOf(coverage.medical_tickets));
  next++->Uuid(coverage.key_without_branch);
  next++->Uuid(coverage.key_with_branch);
}

}  // namespace kakunin
