#include "server/synth/household.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "domain/civil_day.h"
#include "server/synth/draw.h"
#include "server/synth/insurer_table.h"
#include "server/synth/name_table.h"

namespace kakunin::synth {
namespace {

constexpr int kMaxHouseholds = kBlockSize;

// How a block's ten persons live together; a zero ends the row.
constexpr std::array<std::array<int, kMaxHouseholds>, 9> kCompositions = {{
    {4, 3, 1, 1, 1},
    {3, 2, 2, 1, 1, 1},
    {2, 2, 2, 2, 1, 1},
    {5, 2, 1, 1, 1},
    {4, 4, 1, 1},
    {3, 3, 2, 2},
    {1, 1, 1, 1, 1, 1, 2, 2},
    {4, 2, 2, 1, 1},
    {6, 2, 2},
}};

struct KindWeight {
  HouseholdKind kind;
  int per_mille;
};
constexpr std::array<KindWeight, 8> kSmallHouseholds = {{
    {HouseholdKind::kEmployee, 360},
    {HouseholdKind::kNationalHealth, 235},
    {HouseholdKind::kNationalHealthSociety, 25},
    {HouseholdKind::kLateElderly, 260},
    {HouseholdKind::kSelfDefence, 20},
    {HouseholdKind::kDayLabourer, 15},
    {HouseholdKind::kMedicalAidAlone, 40},
    {HouseholdKind::kRetired, 45},
}};
constexpr std::array<KindWeight, 3> kFamilies = {{
    {HouseholdKind::kEmployee, 760},
    {HouseholdKind::kNationalHealth, 200},
    {HouseholdKind::kNationalHealthSociety, 40},
}};

constexpr int kLateElderlyAge = 75;

template <size_t N>
HouseholdKind DrawKind(const std::array<KindWeight, N>& weights, Draw& draw) {
  int left = draw.Below(1000);
  for (const KindWeight& weight : weights) {
    left -= weight.per_mille;
    if (left < 0) return weight.kind;
  }
  return weights[0].kind;
}

int DrawHeadAge(HouseholdKind kind, Draw& draw) {
  switch (kind) {
    case HouseholdKind::kEmployee:
      return draw.Between(20, 66);
    case HouseholdKind::kNationalHealth:
    case HouseholdKind::kNationalHealthSociety:
      return draw.Between(22, 74);
    case HouseholdKind::kLateElderly:
      return draw.Between(75, 99);
    case HouseholdKind::kSelfDefence:
      return draw.Between(19, 54);
    case HouseholdKind::kDayLabourer:
      return draw.Between(25, 68);
    case HouseholdKind::kMedicalAidAlone:
      return draw.Between(30, 85);
    case HouseholdKind::kRetired:
      return draw.Between(60, 74);
  }
  return 40;
}

absl::CivilDay BirthDateOfAge(int age, absl::CivilDay today, Draw& draw) {
  return SameDayYearsBefore(today, age) - draw.Below(365);
}

constexpr std::string_view kSpace = "　";

std::string Join(std::string_view family, std::string_view given) {
  std::string name;
  name.reserve(family.size() + kSpace.size() + given.size());
  name.append(family).append(kSpace).append(given);
  return name;
}

PersonName JoinName(const NameSpelling& family, const NameSpelling& given) {
  return {Join(family.text, given.text), Join(family.kana, given.kana)};
}

void MakeForeigner(Identity& person, Draw& draw) {
  const ForeignName& name = draw.Pick(ForeignNames());
  person.name = {std::string(name.text), std::string(name.kana)};
  person.other_name = {std::string(name.other_text), std::string(name.other_kana)};
  person.sex = name.sex;
}

// Ages of members: head, spouse, children; a sixth member is the head's parent.
int DrawAge(size_t position, int head_age, Draw& draw) {
  if (position == 0) return head_age;
  if (position == 1) return std::clamp(head_age + draw.Between(-6, 6), 19, 99);
  if (position == 5) return std::clamp(head_age + draw.Between(24, 34), kLateElderlyAge, 101);
  return draw.Between(0, std::clamp(head_age - 20, 0, 24));
}

void MakeTwins(Identity& first, Identity& second, const NameSpelling& family, Draw& draw) {
  const TwinGivenNames& names = draw.Pick(TwinNames());
  second.birth_date = first.birth_date;
  first.sex = second.sex = names.sex;
  first.name = JoinName(family, {names.first, names.kana});
  second.name = JoinName(family, {names.second, names.kana});
  first.other_name = second.other_name = {};
}

void MakeMembers(const NationOptions& options, Household& household, size_t size) {
  Draw shared(options.seed, DrawStream::kMember, static_cast<uint64_t>(household.id) << 8);
  const NameSpelling& family =
      shared.PerMille(40) ? shared.Pick(RareFamilyNames()) : shared.Pick(FamilyNames());
  const bool foreign = shared.PerMille(25);
  int head_age = DrawHeadAge(household.kind, shared);
  if (size >= 3) head_age = std::max(head_age, 24);
  household.members.resize(size);
  for (size_t i = 0; i < size; ++i) {
    Draw draw(options.seed, DrawStream::kMember,
              (static_cast<uint64_t>(household.id) << 8) + i + 1);
    Identity& person = household.members[i];
    person.birth_date = BirthDateOfAge(DrawAge(i, head_age, draw), options.today, draw);
    person.sex = draw.Below(2) == 0 ? Sex::kMale : Sex::kFemale;
    if (i == 1) {
      person.sex = household.members[0].sex == Sex::kMale ? Sex::kFemale : Sex::kMale;
    }
    if (foreign) {
      MakeForeigner(person, draw);
      continue;
    }
    const auto given = draw.PerMille(20)
                           ? RareGivenNames(person.sex)
                           : GivenNames(person.sex, static_cast<int>(person.birth_date.year()));
    person.name = JoinName(family, draw.Pick(given));
  }
  if (size >= 4 && !foreign && shared.PerMille(60)) {
    MakeTwins(household.members[2], household.members[3], family, shared);
  }
}

void MakeAddress(Household& household, Draw& draw) {
  const Municipality& home = draw.Pick(Municipalities());
  household.home = &home;
  household.address =
      fmt::format("{}{}{}{}丁目{}番{}号", home.prefecture, home.name, draw.Pick(TownNames()),
                  draw.Between(1, 6), draw.Between(1, 30), draw.Between(1, 20));
  if (draw.PerMille(250)) {
    household.address += fmt::format("　{}{}", draw.Pick(BuildingNames()), draw.Between(101, 909));
  }
  household.postal_code = fmt::format("{}-{:04}", home.postal_area, draw.Between(1, 9999));
}

size_t EmployeeInsurer(const Household& household, Draw& draw) {
  const int share = draw.Below(1000);
  const auto one_of = [&](InsurerKind kind) { return draw.Pick(InsurersOf(kind)); };
  if (share < 500) return InsurerIn(InsurerKind::kHealthInsuranceAssociation, *household.home);
  if (share < 850) return one_of(InsurerKind::kHealthInsuranceSociety);
  if (share < 880) return one_of(InsurerKind::kNationalServantsMutualAid);
  if (share < 930) return one_of(InsurerKind::kLocalServantsMutualAid);
  if (share < 950) return one_of(InsurerKind::kPoliceMutualAid);
  if (share < 990) return one_of(InsurerKind::kSchoolMutualAid);
  return one_of(InsurerKind::kSeamen);
}

size_t DrawInsurer(const Household& household, Draw& draw) {
  switch (household.kind) {
    case HouseholdKind::kEmployee:
      return EmployeeInsurer(household, draw);
    case HouseholdKind::kNationalHealth:
      return InsurerIn(InsurerKind::kNationalHealthMunicipality, *household.home);
    case HouseholdKind::kNationalHealthSociety:
      return draw.Pick(InsurersOf(InsurerKind::kNationalHealthSociety));
    case HouseholdKind::kLateElderly:
      return InsurerIn(InsurerKind::kLateElderly, *household.home);
    case HouseholdKind::kSelfDefence:
      return draw.Pick(InsurersOf(InsurerKind::kSelfDefenceForces));
    case HouseholdKind::kDayLabourer:
      return draw.Pick(InsurersOf(draw.Below(2) == 0 ? InsurerKind::kDayLabourer
                                                     : InsurerKind::kDayLabourerSpecial));
    case HouseholdKind::kMedicalAidAlone:
      return InsurerIn(InsurerKind::kMedicalAid, *household.home);
    case HouseholdKind::kRetired: {
      constexpr std::array kKinds = {InsurerKind::kRetiredHealthInsuranceSociety,
                                     InsurerKind::kRetiredNationalHealth,
                                     InsurerKind::kRetiredMutualAid};
      return draw.Pick(InsurersOf(draw.Pick(kKinds)));
    }
  }
  return 0;
}

// The insurer the household left, of another kind or at least another number.
size_t DrawPreviousInsurer(const Household& household, Draw& draw) {
  const size_t municipality = InsurerIn(InsurerKind::kNationalHealthMunicipality, *household.home);
  if (household.insurer != municipality && draw.PerMille(400)) return municipality;
  const auto societies = InsurersOf(InsurerKind::kHealthInsuranceSociety);
  const size_t picked = draw.Pick(societies);
  if (picked != household.insurer) return picked;
  return picked == societies.front() ? societies.back() : societies.front();
}

HouseholdHistory DrawHistory(HouseholdKind kind, size_t size, Draw& draw) {
  if (kind == HouseholdKind::kLateElderly || kind == HouseholdKind::kMedicalAidAlone) {
    return HouseholdHistory::kSteady;
  }
  const int share = draw.Below(1000);
  if (share < 150) return HouseholdHistory::kMoved;
  if (share < 170) return HouseholdHistory::kNewNotReported;
  if (share < 185) return HouseholdHistory::kLossNotReported;
  if (share < 210) return HouseholdHistory::kLost;
  if (share < 225 && size == 1) return HouseholdHistory::kPublicAssistance;
  return HouseholdHistory::kSteady;
}

void MakeHistory(const NationOptions& options, Household& household) {
  Draw draw(options.seed, DrawStream::kHistory, static_cast<uint64_t>(household.id));
  household.insurer = DrawInsurer(household, draw);
  household.history = DrawHistory(household.kind, household.members.size(), draw);
  household.previous_insurer = DrawPreviousInsurer(household, draw);
  const absl::CivilDay adult = Birthday(household.members[0].birth_date, 18);
  // A change not reported yet is a recent one.
  const bool recent = household.history == HouseholdHistory::kNewNotReported ||
                      household.history == HouseholdHistory::kLossNotReported;
  household.end = options.today - (recent ? draw.Below(25) : draw.Between(1, 720));
  const bool ended = household.history == HouseholdHistory::kLost ||
                     household.history == HouseholdHistory::kPublicAssistance;
  if (household.history == HouseholdHistory::kSteady) {
    household.begin = std::max(adult, options.today - draw.Between(30, 3650));
  } else if (ended) {
    household.begin = std::max(adult, household.end - draw.Between(60, 3000));
  } else {
    household.begin = household.end;
  }
  household.previous_begin = std::max(adult, household.end - draw.Between(60, 3000));
  // Somebody who came of age a moment ago has no history before that.
  household.previous_begin = std::min(household.previous_begin, household.end - 1);
  if (ended) household.begin = std::min(household.begin, household.end - 1);
}

// Now and then two strangers share name and birth date: the block's last household is a single
// person who has both from the head of the first.
void MakeNamesake(const NationOptions& options, int64_t block,
                  std::vector<Household>& block_members) {
  Draw draw(options.seed, DrawStream::kBlock, ~static_cast<uint64_t>(block));
  if (!draw.PerMille(60) || block_members.size() < 2) return;
  const Household& model = block_members.front();
  Household& twin = block_members.back();
  if (twin.members.size() != 1 || twin.kind != model.kind) return;
  twin.members[0] = model.members[0];
}

}  // namespace

int AgeOn(absl::CivilDay birth_date, absl::CivilDay day) {
  int age = static_cast<int>(day.year() - birth_date.year());
  if (day < Birthday(birth_date, age)) --age;
  return age;
}

absl::CivilDay Birthday(absl::CivilDay birth_date, int age) {
  return SameDayYearsBefore(birth_date, -age);
}

std::vector<Household> MakeBlock(const NationOptions& options, int64_t block) {
  Draw draw(options.seed, DrawStream::kBlock, static_cast<uint64_t>(block));
  const auto& composition = draw.Pick(kCompositions);
  std::vector<Household> households;
  int64_t next_person = block * kBlockSize;
  for (int i = 0; i < kMaxHouseholds && composition[i] > 0; ++i) {
    const int64_t left = options.persons - next_person;
    if (left <= 0) break;
    Household household;
    household.id = block * kMaxHouseholds + i;
    household.first_person = next_person;
    Draw own(options.seed, DrawStream::kHousehold, static_cast<uint64_t>(household.id));
    household.kind =
        composition[i] <= 2 ? DrawKind(kSmallHouseholds, own) : DrawKind(kFamilies, own);
    MakeAddress(household, own);
    MakeMembers(options, household, static_cast<size_t>(std::min<int64_t>(composition[i], left)));
    next_person += composition[i];
    households.push_back(std::move(household));
  }
  MakeNamesake(options, block, households);
  for (Household& household : households) MakeHistory(options, household);
  return households;
}

}  // namespace kakunin::synth
