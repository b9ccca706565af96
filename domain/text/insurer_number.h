#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string_view>

namespace kakunin {

// InsurerKind is what the 法別 (first two digits) of an insurer number says about the insurer.
// Source: domain.md 3 "Insurer number".
enum class InsurerKind {
  kUnknown,                        // No such 法別.
  kNationalHealthMunicipality,     // 国保 of a city, town or village (no 法別, six digits).
  kNationalHealthSociety,          // 国保組合 (no 法別, insurer part 300-399).
  kHealthInsuranceAssociation,     // 01 協会けんぽ
  kSeamen,                         // 02 船員保険
  kDayLabourer,                    // 03 日雇
  kDayLabourerSpecial,             // 04 日雇特例 (特別療養費)
  kHealthInsuranceSociety,         // 06 組合健保
  kSelfDefenceForces,              // 07 自衛官
  kMedicalAid,                     // 12 医療扶助 (public expense payer number)
  kNationalServantsMutualAid,      // 31 国家公務員共済
  kLocalServantsMutualAid,         // 32 地方公務員共済
  kPoliceMutualAid,                // 33 警察共済
  kSchoolMutualAid,                // 34 公立学校共済, 私学共済
  kLateElderly,                    // 39 後期高齢者医療
  kRetiredHealthInsuranceSociety,  // 63 特定健保 (特例退職)
  kRetiredNationalHealth,          // 67 国保退職
  kRetiredMutualAid,               // 72-75 特定共済 (特例退職)
};

// InsurerNumber is the 保険者番号 in its one canonical form: eight ASCII digits, 国保 numbers of
// six digits padded with zeros. It names an organisation, not a person.
class InsurerNumber {
 public:
  static constexpr size_t kLength = 8;

  // Parse reads eight digits, or six digits alone or behind spaces, in any width: "06139463",
  // "  123456", "00123456" and "１２３４５６". The check digit is not looked at: numbers that fail
  // it occur in the field and are looked up like others (domain.md, "Read first" 2). Returns
  // nullopt for any other shape.
  static std::optional<InsurerNumber> Parse(std::string_view text);

  // Digits returns the eight ASCII digits.
  std::string_view Digits() const& { return {digits_.data(), digits_.size()}; }
  std::string_view Digits() const&& = delete;

  // Kind returns what the 法別 says, kUnknown for a code that is not in the table.
  InsurerKind Kind() const;

  // Prefecture returns the two digits of the prefecture as written: 1-47 in real numbers, but not
  // checked.
  int Prefecture() const;

  // ComputeCheckDigit returns the check digit ('0'-'9') that the first seven digits ask for.
  char ComputeCheckDigit() const;

  // HasValidCheckDigit says whether the last digit is that one. For what insurers push only.
  bool HasValidCheckDigit() const;

  friend bool operator==(const InsurerNumber&, const InsurerNumber&) = default;
  friend auto operator<=>(const InsurerNumber&, const InsurerNumber&) = default;

 private:
  InsurerNumber() = default;

  std::array<char, kLength> digits_;
};

}  // namespace kakunin
