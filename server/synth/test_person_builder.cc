#include "server/synth/test_person_builder.h"

#include <fmt/format.h>

#include <utility>

#include "domain/civil_day.h"
#include "server/synth/certificate_plan.h"
#include "server/synth/identity_numbers.h"

namespace kakunin::synth {
namespace {

// Below every random person's serial.
constexpr uint64_t kFirstSerial = 0x01000000;
constexpr uint64_t kSerialsPerPerson = 4;
// First cards take the first keys of the pool, the few second ones keys behind those.
constexpr int kKeysBetweenCards = 22;

// Position of 東京都 in PrefectureCapitals(): test persons live in its first municipality.
constexpr size_t kTokyo = 2;

}  // namespace

TestPersonBuilder::TestPersonBuilder(absl::CivilDay today, int n, std::string id,
                                     std::string description)
    : today_(today), n_(n) {
  person_.id = std::move(id);
  person_.description = std::move(description);
  person_.individual_number = TestIndividualNumber(n);
  Address("東京都みどり野市本町１丁目２番３号", "187-0001");
}

TestPersonBuilder& TestPersonBuilder::Named(std::string name, std::string kana, Sex sex) {
  identity_.name = {std::move(name), std::move(kana)};
  identity_.sex = sex;
  return *this;
}

TestPersonBuilder& TestPersonBuilder::OtherName(std::string name, std::string kana) {
  identity_.other_name = {std::move(name), std::move(kana)};
  return *this;
}

TestPersonBuilder& TestPersonBuilder::Born(int year, int month, int day) {
  identity_.birth_date = absl::CivilDay(year, month, day);
  person_.birth_date_text = fmt::format("{:04}-{:02}-{:02}", year, month, day);
  return *this;
}

TestPersonBuilder& TestPersonBuilder::BornYearsAgo(int years) {
  identity_.birth_date = SameDayYearsBefore(today_, years);
  person_.birth_date_text = fmt::format("当日の{}年前", years);
  return *this;
}

TestPersonBuilder& TestPersonBuilder::Insured(std::string name, std::string kana) {
  insured_ = PersonName{std::move(name), std::move(kana)};
  return *this;
}

TestPersonBuilder& TestPersonBuilder::Address(std::string address, std::string postal_code) {
  address_ = std::move(address);
  postal_code_ = std::move(postal_code);
  return *this;
}

TestPersonBuilder& TestPersonBuilder::Covered(std::string_view insurer, std::string symbol,
                                              std::string number, std::string branch,
                                              absl::CivilDay begin) {
  InsurerRow& added = person_.rows.emplace_back();
  added.insurer = *FindInsurer(insurer);
  v1::CoverageRow& row = added.row;
  row.set_action(v1::ROW_ACTION_NEW);
  row.set_coverage_reference(fmt::format("{}-{}", person_.id, person_.rows.size()));
  row.set_individual_number(person_.individual_number);
  row.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
  row.set_symbol(std::move(symbol));
  row.set_number(std::move(number));
  row.set_branch_number(std::move(branch));
  row.set_personal_family_classification(insured_ ? v1::PERSONAL_FAMILY_CLASSIFICATION_FAMILY
                                                  : v1::PERSONAL_FAMILY_CLASSIFICATION_INSURED);
  SetPerson(row, identity_, insured_.value_or(identity_.name), address_, postal_code_);
  SetDate(row.mutable_qualification_date(), begin);
  SetDate(row.mutable_certificate_issue_date(), begin);
  return *this;
}

TestPersonBuilder& TestPersonBuilder::Unreported(std::string_view insurer, std::string symbol,
                                                 std::string number, std::string branch) {
  unreported_ = TestAsk{std::string(insurer), std::move(symbol), std::move(number),
                        std::move(branch), identity_.birth_date};
  return *this;
}

TestPersonBuilder& TestPersonBuilder::Lost(absl::CivilDay end, v1::ReasonOfLoss reason) {
  SetDate(Row().mutable_disqualification_date(), end);
  Row().set_reason_of_loss(reason);
  return *this;
}

v1::CoverageRow& TestPersonBuilder::Row() { return person_.rows.back().row; }

TestPersonBuilder& TestPersonBuilder::AskedOf(size_t position) {
  asked_of_ = position;
  return *this;
}

TestPersonBuilder& TestPersonBuilder::AskedWithoutBranch() {
  without_branch_ = true;
  return *this;
}

TestPersonBuilder& TestPersonBuilder::AskedAtInsurer(std::string insurer_number) {
  insurer_typed_ = std::move(insurer_number);
  return *this;
}

TestPersonBuilder& TestPersonBuilder::AskedByNumber(std::string number) {
  number_typed_ = std::move(number);
  return *this;
}

TestPersonBuilder& TestPersonBuilder::Card(std::string text) {
  CardRecord& card = person_.cards.emplace_back();
  card.serial =
      kFirstSerial + static_cast<uint64_t>(n_) * kSerialsPerPerson + person_.cards.size() - 1;
  card.municipality_code = std::string(PrefectureCapitals()[kTokyo]->code);
  // A key of its own, so that nobody's key opens another one's card.
  card.key_index = n_ - 1 + kKeysBetweenCards * (static_cast<int>(person_.cards.size()) - 1);
  card.not_before = StartOfDay(SameDayYearsBefore(today_, 1));
  card.not_after = LastSecondOf(SameDayYearsBefore(today_, -3));
  person_.card_texts.push_back(std::move(text));
  return *this;
}

CardRecord& TestPersonBuilder::Last() { return person_.cards.back(); }

TestPersonBuilder& TestPersonBuilder::ByNumber(v1::Validity validity) {
  person_.by_number = validity;
  return *this;
}

TestPersonBuilder& TestPersonBuilder::ByCard(v1::Validity validity, int coverages,
                                             v1::CardVerdict verdict) {
  person_.by_card = {verdict, "", validity, coverages};
  return *this;
}

TestPersonBuilder& TestPersonBuilder::CardRefused(std::string reason) {
  person_.by_card = {v1::CARD_VERDICT_UNSPECIFIED, std::move(reason), v1::VALIDITY_UNSPECIFIED, 0};
  return *this;
}

TestPersonBuilder& TestPersonBuilder::Note(std::string note) {
  person_.note = std::move(note);
  return *this;
}

TestAsk TestPersonBuilder::AskFor(const InsurerRow& row) const {
  return {Insurers()[row.insurer].number, row.row.symbol(), row.row.number(),
          row.row.branch_number(), identity_.birth_date};
}

TestPerson TestPersonBuilder::Build() {
  person_.ask = unreported_ ? *unreported_ : AskFor(person_.rows.at(asked_of_));
  if (without_branch_) person_.ask.branch_number.clear();
  if (!insurer_typed_.empty()) person_.ask.insurer_number = insurer_typed_;
  if (!number_typed_.empty()) person_.ask.number = number_typed_;
  return std::move(person_);
}

}  // namespace kakunin::synth
