#include "domain/four_items.h"

#include "domain/text/identity_spelling.h"

namespace kakunin {

std::optional<FourItems> ReadFourItems(std::string_view name, absl::CivilDay birth_date, Sex sex,
                                       std::string_view address) {
  FourItems items{.name = SpellName(name).value_or(""),
                  .kana = SpellKana(name).value_or(""),
                  .birth_date = birth_date,
                  .sex = sex,
                  .address = SpellAddress(address).value_or("")};
  if ((items.name.empty() && items.kana.empty()) || items.address.empty()) return std::nullopt;
  return items;
}

bool Agree(const FourItems& asked, const NameAndAddress& registered) {
  const auto name = [&](std::string_view text) {
    return !asked.name.empty() && SpellName(text) == asked.name;
  };
  const auto kana = [&](std::string_view text) {
    return !asked.kana.empty() && SpellKana(text) == asked.kana;
  };
  if (!name(registered.name) && !name(registered.other_name) && !kana(registered.name_kana) &&
      !kana(registered.other_name_kana)) {
    return false;
  }
  return SpellAddress(registered.address) == asked.address;
}

}  // namespace kakunin
