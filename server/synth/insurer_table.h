#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/text/insurer_number.h"
#include "server/synth/place_table.h"

namespace kakunin::synth {

// SymbolStyle is how an insurer writes the 記号 on its cards.
enum class SymbolStyle {
  kNone,         // the late-elderly, self-defence and medical aid have no symbol
  kDigits,       // 2145
  kWideDigits,   // ２１４５
  kHyphen,       // 21-45
  kKanaDigits,   // ア21
  kKanjiDigits,  // み野2145
};

// Insurer is an invented insurer (or, for medical aid, a welfare office) with a valid number.
struct Insurer {
  std::string number;  // eight digits, valid check digit
  std::string name;
  InsurerKind kind = InsurerKind::kUnknown;
  SymbolStyle symbol_style = SymbolStyle::kDigits;
  const Municipality* place = nullptr;  // its own, or its prefecture's first; never null
  // True when it insures the test persons and nobody else, so that no random person can share a
  // test person's key.
  bool for_test_persons = false;
};

// Insurers is the fixed table of all insurers, test persons' insurers last. It does not depend on
// the seed.
std::span<const Insurer> Insurers();

// InsurersOf returns positions in Insurers() of one kind, test persons' insurers left out.
std::span<const size_t> InsurersOf(InsurerKind kind);

// InsurerIn returns the insurer of a kind that is responsible for a place: of the municipality
// for 国保, of its prefecture for the late-elderly and for medical aid.
size_t InsurerIn(InsurerKind kind, const Municipality& place);

// FindInsurer returns the position of a number in Insurers(); nullopt when there is none.
std::optional<size_t> FindInsurer(std::string_view number);

// WithCheckDigit appends the check digit of insurer numbers and facility codes.
std::string WithCheckDigit(std::string_view payload);

// KindName is the Japanese name of a kind.
std::string_view KindName(InsurerKind kind);

// The insurers of the test persons.
namespace test_insurer {
inline constexpr std::string_view kSociety = "06139992";       // 組合健保
inline constexpr std::string_view kOtherSociety = "06139984";  // 組合健保
inline constexpr std::string_view kAssociation = "01139997";   // 協会けんぽ
inline constexpr std::string_view kMunicipality = "00139998";  // 国保
inline constexpr std::string_view kMutualAid = "32139990";     // 地方公務員共済
inline constexpr std::string_view kLateElderly = "39139993";
inline constexpr std::string_view kSelfDefence = "07139991";
inline constexpr std::string_view kMedicalAid = "12139994";
}  // namespace test_insurer

}  // namespace kakunin::synth
