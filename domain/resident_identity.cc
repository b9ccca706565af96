#include "domain/resident_identity.h"

#include <bit>
#include <optional>
#include <string_view>

#include "domain/text/identity_spelling.h"

namespace kakunin {
namespace {

using Speller = std::optional<std::string> (*)(std::string_view);

// Most rows agree as they came; spelling costs microseconds.
bool Agrees(std::string_view told, std::string_view known, Speller spell) {
  if (told.empty() || known.empty()) return false;
  if (told == known) return true;
  const std::optional<std::string> a = spell(told);
  return a && !a->empty() && a == spell(known);
}

bool NameAgrees(const Coverage& told, const ResidentIdentity& known, std::string PersonName::*part,
                Speller spell) {
  return Agrees(told.name.*part, known.name.*part, spell) ||
         Agrees(told.name.*part, known.other_name.*part, spell) ||
         Agrees(told.other_name.*part, known.name.*part, spell) ||
         Agrees(told.other_name.*part, known.other_name.*part, spell);
}

// A card may keep the sex from its face; it is on the back then.
bool SexAgrees(const Coverage& told, const ResidentIdentity& known) {
  const Sex sex = told.sex == Sex::kNotSet ? told.sex_back : told.sex;
  return sex != Sex::kUnspecified && sex == known.sex;
}

}  // namespace

int DifferingFields(const Coverage& told, const ResidentIdentity& known) {
  int differing = 0;
  if (!NameAgrees(told, known, &PersonName::original, SpellName)) differing |= kIdentityName;
  if (!NameAgrees(told, known, &PersonName::kana, SpellKana)) differing |= kIdentityKana;
  if (told.birth_date != known.birth_date) differing |= kIdentityBirthDate;
  if (!SexAgrees(told, known)) differing |= kIdentitySex;
  if (!Agrees(told.address, known.address, SpellAddress)) differing |= kIdentityAddress;
  return differing;
}

bool IsSamePerson(int differing_fields, bool has_double) {
  if ((differing_fields & kResidentUnknown) != 0) return false;
  const int differing = std::popcount(static_cast<unsigned>(differing_fields));
  return differing <= (has_double ? 0 : 1);
}

}  // namespace kakunin
