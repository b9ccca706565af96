#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/actor.h"
#include "domain/error.h"
#include "domain/restricted_grounds.h"

namespace kakunin {

// IntroductionType is what a facility applies to use.
enum class IntroductionType {
  kFull = 1,    // with the face-recognising card reader (外来型)
  kRestricted,  // 資格確認限定型
};

// LineKind is the kind of line (電気通信回線種別): seed 001.
enum class LineKind {
  kIpVpn = 1,  // IP-VPN, over an optical line only
  kIpsecIke,   // IPsec+IKE
};

// OnlineClaims is whether the facility claims online (レセプトのオンライン請求). Who does not yet
// may apply for it in the same application: seed 001 (導入していない方のみ).
enum class OnlineClaims { kInUse = 1, kApplyTogether, kNotWished };

// UseApplication is the application for use (オンライン資格確認利用申請) as it was filled in; what
// was left out is empty. Months are JST.
struct UseApplication {
  std::string facility_code;
  std::optional<FacilityType> facility_type;
  std::optional<IntroductionType> introduction_type;
  std::optional<LineKind> line_kind;
  std::optional<bool> optical_line;             // the line is an optical one
  std::optional<bool> ntt_line;                 // the line is NTT's
  std::string customer_id;                      // お客様ID: exactly for IP-VPN on an NTT line
  std::optional<absl::CivilMonth> start_month;  // 利用開始予定年月
  std::optional<absl::CivilMonth> test_month;  // 運用テスト開始予定年月, when it is decided
  std::optional<OnlineClaims> online_claims;
  std::optional<RestrictedGround> ground;           // exactly for the restricted type
  std::optional<absl::CivilDay> ground_ending_day;  // RestrictedFacts::ending_day
  // Of a succession (承継): the facility whose business this one goes on with, and which ends when
  // this one's use starts. Empty: none.
  std::string predecessor_code;
};

// kMostCustomerIdCharacters is ours: no source tells the form of the id.
inline constexpr size_t kMostCustomerIdCharacters = 64;

// CheckUseApplication is everything that is wrong with `application` as it stands on `day`, each
// fault under its field, with a Japanese sentence that tells what to do. Never a value. For the
// restricted type no source asks for a line: what is filled in is checked all the same.
std::vector<FieldViolation> CheckUseApplication(const UseApplication& application,
                                                const RestrictedGroundRules& rules,
                                                absl::CivilDay day);

// KeyOf is the word for files and options.
std::string_view KeyOf(IntroductionType type);
std::string_view KeyOf(LineKind kind);
std::string_view KeyOf(OnlineClaims claims);
std::string_view KeyOf(FacilityType type);

}  // namespace kakunin
