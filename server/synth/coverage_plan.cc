#include "server/synth/coverage_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "server/synth/certificate_plan.h"
#include "server/synth/draw.h"
#include "server/synth/identity_numbers.h"
#include "server/synth/insurer_table.h"

namespace kakunin::synth {
namespace {

// The day the late-elderly system began (高齢者の医療の確保に関する法律).
constexpr absl::CivilDay kLateElderlySystem(2008, 4, 1);
constexpr int kLateElderlyAge = 75;

std::string SymbolOf(const Insurer& insurer, uint64_t household_number) {
  const uint64_t digits = 1000 + household_number % 9000;
  switch (insurer.symbol_style) {
    case SymbolStyle::kNone:
      return "";
    case SymbolStyle::kDigits:
      return fmt::format("{}", digits);
    case SymbolStyle::kWideDigits: {
      std::string wide;
      for (const char digit : fmt::format("{}", digits)) {
        // U+FF10 and up.
        wide.append("\xEF\xBC").push_back(static_cast<char>(0x90 + digit - '0'));
      }
      return wide;
    }
    case SymbolStyle::kHyphen:
      return fmt::format("{}-{}", digits / 100, digits % 100 + 1);
    case SymbolStyle::kKanaDigits: {
      constexpr std::string_view kKana[] = {"ア", "イ", "ウ", "エ", "オ",
                                            "カ", "キ", "ク", "ケ", "コ"};
      return fmt::format("{}{}", kKana[digits % 10], digits / 10);
    }
    case SymbolStyle::kKanjiDigits:
      return fmt::format("{}{}", insurer.place->symbol_kana, digits);
  }
  return "";
}

// One coverage as the plan sees it, before it is a row.
struct Plan {
  size_t insurer = 0;
  absl::CivilDay begin;
  std::optional<absl::CivilDay> end;
  v1::ReasonOfLoss reason = v1::REASON_OF_LOSS_UNSPECIFIED;
  bool current = false;  // the last one: certificates hang on it
};

v1::CardClassification DrawClassification(InsurerKind kind, Draw& draw) {
  switch (kind) {
    case InsurerKind::kNationalHealthMunicipality: {
      const int share = draw.Below(1000);
      if (share < 30) return v1::CARD_CLASSIFICATION_SHORT_TERM_GENERAL;
      if (share < 40) return v1::CARD_CLASSIFICATION_SPECIAL_MEDICAL_EXPENSE;
      return v1::CARD_CLASSIFICATION_GENERAL;
    }
    case InsurerKind::kRetiredNationalHealth:
      return draw.PerMille(100) ? v1::CARD_CLASSIFICATION_SHORT_TERM_RETIRED
                                : v1::CARD_CLASSIFICATION_RETIRED;
    case InsurerKind::kRetiredHealthInsuranceSociety:
    case InsurerKind::kRetiredMutualAid:
      return v1::CARD_CLASSIFICATION_SPECIAL_RETIRED;
    case InsurerKind::kSelfDefenceForces:
      return v1::CARD_CLASSIFICATION_SELF_DEFENCE;
    default:
      return v1::CARD_CLASSIFICATION_GENERAL;
  }
}

bool IssuesByYear(InsurerKind kind) {
  return kind == InsurerKind::kNationalHealthMunicipality ||
         kind == InsurerKind::kRetiredNationalHealth || kind == InsurerKind::kLateElderly;
}

class RowMaker {
 public:
  RowMaker(const NationOptions& options, const Household& household, size_t member,
           v1::CoverageRow& row, const RowSink& sink)
      : options_(options),
        household_(household),
        member_(member),
        person_(household.first_person + static_cast<int64_t>(member)),
        identity_(household.members[member]),
        row_(row),
        sink_(sink),
        draw_(options.seed, DrawStream::kCertificates, static_cast<uint64_t>(person_)) {}

  void EmitInsurance(const Plan& plan) {
    const Insurer& insurer = Insurers()[plan.insurer];
    Begin(plan.begin, plan.end, plan.reason);
    const bool late_elderly = insurer.kind == InsurerKind::kLateElderly;
    SetKey(insurer, late_elderly);
    row_.set_card_classification(plan.current ? DrawClassification(insurer.kind, draw_)
                                              : v1::CARD_CLASSIFICATION_GENERAL);
    SetCertificatePeriod(insurer.kind, plan.begin);
    SetPerson(row_, identity_, late_elderly ? identity_.name : household_.members[0].name,
              household_.address, household_.postal_code);
    if (plan.current) {
      DrawCertificates(row_, identity_, late_elderly, options_.today, draw_);
    } else if (const int age = AgeOn(identity_.birth_date, options_.today);
               !plan.end && !late_elderly && age >= 70 && age < 75) {
      // Whoever left without the insurer's knowing has a ratio there like everybody else.
      AddElderlyRecipientCertificate(row_, identity_.birth_date, options_.today, 20);
    }
    sink_(plan.insurer, row_);
  }

  void EmitMedicalAid(absl::CivilDay begin, std::optional<absl::CivilDay> end,
                      bool beside_insurance) {
    Draw draw(options_.seed, DrawStream::kMedicalAid, static_cast<uint64_t>(person_));
    Begin(begin, end, end ? v1::REASON_OF_LOSS_DEATH : v1::REASON_OF_LOSS_UNSPECIFIED);
    row_.set_card_classification(v1::CARD_CLASSIFICATION_MEDICAL_AID);
    row_.set_number(RecipientNumber(options_.seed, person_));
    SetPerson(row_, identity_, household_.members[0].name, household_.address,
              household_.postal_code);
    row_.set_medical_aid_unregistered(draw.PerMille(100));
    if (!row_.medical_aid_unregistered()) {
      AddMedicalTickets(row_, options_.today, draw.Below(90'000'000), beside_insurance);
    }
    sink_(InsurerIn(InsurerKind::kMedicalAid, *household_.home), row_);
  }

 private:
  void Begin(absl::CivilDay begin, const std::optional<absl::CivilDay>& end,
             v1::ReasonOfLoss reason) {
    row_.Clear();
    row_.set_action(v1::ROW_ACTION_NEW);
    row_.set_coverage_reference(fmt::format("{:08}-{}", person_, ++count_));
    row_.set_individual_number(IndividualNumberOf(options_.seed, person_));
    SetDate(row_.mutable_qualification_date(), begin);
    SetDate(row_.mutable_certificate_issue_date(), begin);
    if (end) {
      SetDate(row_.mutable_disqualification_date(), *end);
      row_.set_reason_of_loss(reason);
    }
  }

  void SetKey(const Insurer& insurer, bool late_elderly) {
    if (late_elderly) {
      row_.set_number(LateElderlyNumber(options_.seed, person_));
      row_.set_personal_family_classification(v1::PERSONAL_FAMILY_CLASSIFICATION_INSURED);
      return;
    }
    const int64_t number = HouseholdNumber(options_.seed, household_.id);
    row_.set_symbol(SymbolOf(insurer, static_cast<uint64_t>(number)));
    row_.set_number(insurer.symbol_style == SymbolStyle::kDigits ? fmt::format("{}", number)
                                                                 : fmt::format("{:08}", number));
    if (insurer.kind != InsurerKind::kSelfDefenceForces) {
      row_.set_branch_number(fmt::format("{:02}", member_ + 1));
    }
    row_.set_personal_family_classification(member_ == 0
                                                ? v1::PERSONAL_FAMILY_CLASSIFICATION_INSURED
                                                : v1::PERSONAL_FAMILY_CLASSIFICATION_FAMILY);
  }

  void SetCertificatePeriod(InsurerKind kind, absl::CivilDay begin) {
    const bool short_term =
        row_.card_classification() == v1::CARD_CLASSIFICATION_SHORT_TERM_GENERAL ||
        row_.card_classification() == v1::CARD_CLASSIFICATION_SHORT_TERM_RETIRED;
    if (!short_term && !IssuesByYear(kind)) return;
    SetDate(row_.mutable_certificate_valid_from(), begin);
    // Some short-term certificates have just run out.
    const absl::CivilDay last = short_term
                                    ? std::max(begin, options_.today + draw_.Between(-20, 150))
                                    : CertificateYearOf(options_.today).last;
    SetDate(row_.mutable_certificate_valid_through(), last);
  }

  const NationOptions& options_;
  const Household& household_;
  const size_t member_;
  const int64_t person_;
  const Identity& identity_;
  v1::CoverageRow& row_;
  const RowSink& sink_;
  Draw draw_;
  int count_ = 0;
};

// A late-elderly person: the union's coverage from the 75th birthday on, and before it what the
// household had, if there was anything.
void EmitLateElderly(const Household& household, const Identity& person,
                     std::optional<absl::CivilDay> loss, RowMaker& maker) {
  const absl::CivilDay begin =
      std::max(Birthday(person.birth_date, kLateElderlyAge), kLateElderlySystem);
  if (loss && *loss <= begin) loss.reset();
  if (household.kind != HouseholdKind::kLateElderly && household.begin < begin) {
    maker.EmitInsurance(
        {household.insurer, household.begin, begin, v1::REASON_OF_LOSS_OTHER_INSURANCE, false});
  }
  maker.EmitInsurance({InsurerIn(InsurerKind::kLateElderly, *household.home), begin, loss,
                       v1::REASON_OF_LOSS_DEATH, true});
}

// The family of a member of the self-defence forces has no such card; a mutual aid insures it.
size_t PresentInsurer(const Household& household, size_t member) {
  if (household.kind != HouseholdKind::kSelfDefence || member == 0) return household.insurer;
  return InsurersOf(InsurerKind::kNationalServantsMutualAid).front();
}

void EmitInsured(const Household& household, size_t member, std::optional<absl::CivilDay> loss,
                 RowMaker& maker) {
  const Identity& person = household.members[member];
  const absl::CivilDay begin = std::max(household.begin, person.birth_date);
  const absl::CivilDay previous_begin = std::max(household.previous_begin, person.birth_date);
  const bool had_previous = previous_begin < household.end;
  const size_t insurer = PresentInsurer(household, member);
  const Plan present = {insurer, begin, loss, v1::REASON_OF_LOSS_DEATH, true};
  const Plan previous = {household.previous_insurer, previous_begin, household.end,
                         v1::REASON_OF_LOSS_OTHER_INSURANCE, false};
  switch (household.history) {
    case HouseholdHistory::kSteady:
      maker.EmitInsurance(present);
      return;
    case HouseholdHistory::kMoved:
      if (had_previous) maker.EmitInsurance(previous);
      maker.EmitInsurance(present);
      return;
    case HouseholdHistory::kNewNotReported:
      if (had_previous) maker.EmitInsurance(previous);
      return;
    case HouseholdHistory::kLossNotReported:
      if (had_previous) {
        Plan open = previous;
        open.end.reset();
        maker.EmitInsurance(open);
      }
      maker.EmitInsurance(present);
      return;
    case HouseholdHistory::kLost:
    case HouseholdHistory::kPublicAssistance:
      if (begin >= household.end) return;
      maker.EmitInsurance({insurer, begin, household.end,
                           household.history == HouseholdHistory::kLost
                               ? v1::REASON_OF_LOSS_OTHER
                               : v1::REASON_OF_LOSS_PUBLIC_ASSISTANCE,
                           true});
      if (household.history == HouseholdHistory::kPublicAssistance) {
        maker.EmitMedicalAid(household.end, std::nullopt, false);
      }
      return;
  }
}

bool HasAidBesideInsurance(const NationOptions& options, const Household& household) {
  if (household.kind != HouseholdKind::kEmployee || household.members.size() > 2) return false;
  return Draw(options.seed, DrawStream::kMedicalAid, ~static_cast<uint64_t>(household.id))
      .PerMille(25);
}

}  // namespace

std::optional<absl::CivilDay> DeathDay(const NationOptions& options, const Household& household,
                                       size_t member) {
  Draw draw(options.seed, DrawStream::kHistory,
            (static_cast<uint64_t>(household.id) << 8) + member + (uint64_t{1} << 60));
  const bool may_die = household.history == HouseholdHistory::kSteady &&
                       AgeOn(household.members[member].birth_date, options.today) >= 40;
  if (!may_die || !draw.PerMille(12)) return std::nullopt;
  return options.today - draw.Between(1, 29);
}

void EmitRows(const NationOptions& options, const Household& household, size_t member,
              v1::CoverageRow& scratch, const RowSink& sink) {
  const Identity& person = household.members[member];
  RowMaker maker(options, household, member, scratch, sink);
  // Steady coverages began 30 days ago or more, so that nobody dies before being insured. The day
  // after death is the first one not covered.
  std::optional<absl::CivilDay> loss = DeathDay(options, household, member);
  if (loss) ++*loss;
  if (household.kind == HouseholdKind::kMedicalAidAlone) {
    maker.EmitMedicalAid(household.begin, loss, false);
    return;
  }
  if (AgeOn(person.birth_date, options.today) >= kLateElderlyAge) {
    EmitLateElderly(household, person, loss, maker);
    return;
  }
  EmitInsured(household, member, loss, maker);
  if (HasAidBesideInsurance(options, household)) {
    maker.EmitMedicalAid(std::max(household.begin, options.today - 200), loss, true);
  }
}

void SetPerson(v1::CoverageRow& row, const Identity& person, const PersonName& insured_name,
               const std::string& address, const std::string& postal_code) {
  const auto set = [](v1::RawName* target, const PersonName& name) {
    target->set_original(name.original);
    target->set_kana(name.kana);
  };
  set(row.mutable_name(), person.name);
  set(row.mutable_insured_name(), insured_name);
  if (!person.other_name.original.empty()) set(row.mutable_other_name(), person.other_name);
  row.set_sex(static_cast<v1::Sex>(person.sex));
  SetDate(row.mutable_birth_date(), person.birth_date);
  row.set_address(address);
  row.set_postal_code(postal_code);
}

}  // namespace kakunin::synth
