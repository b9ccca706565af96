#include "domain/use_application.h"

#include <algorithm>

#include "domain/text/facility_code.h"

namespace kakunin {
namespace {

constexpr std::string_view kMissing = "必須の項目です。入力してください。";

// Check collects the faults of one application.
class Check {
 public:
  Check(const UseApplication& application, const RestrictedGroundRules& rules, absl::CivilDay day)
      : application_(application), rules_(rules), day_(day) {}

  std::vector<FieldViolation> Run() {
    CheckFacility();
    if (!application_.introduction_type) Add("introduction_type", kMissing);
    CheckLine();
    CheckMonths();
    if (!application_.online_claims) Add("online_claims", kMissing);
    CheckGround();
    CheckPredecessor();
    return std::move(violations_);
  }

 private:
  void Add(std::string field, std::string_view sentence) {
    violations_.push_back({std::move(field), std::string(sentence)});
  }

  bool IsRestricted() const {
    return application_.introduction_type == IntroductionType::kRestricted;
  }

  void CheckFacility() {
    if (!application_.facility_type) Add("facility_type", kMissing);
    if (application_.facility_code.empty()) return Add("facility_code", kMissing);
    const auto code = FacilityCode::Parse(application_.facility_code);
    if (!code) return Add("facility_code", "医療機関等コードは半角数字10桁で入力してください。");
    if (code->Prefecture() < 1 || code->Prefecture() > 47) {
      Add("facility_code",
          "先頭2桁が都道府県番号（01から47）ではありません。コードを確かめてください。");
    }
    if (application_.facility_type && !TypeFits(code->Table(), *application_.facility_type)) {
      Add("facility_type",
          "医療機関等コードの3桁目（点数表）と施設の種類が合いません。どちらかを直してください。");
    }
  }

  static bool TypeFits(FeeTable table, FacilityType type) {
    switch (table) {
      case FeeTable::kMedical:
        return type == FacilityType::kHospital || type == FacilityType::kClinic;
      case FeeTable::kDental:
        // A hospital has a code of its own for its dental department.
        return type == FacilityType::kDental || type == FacilityType::kHospital;
      case FeeTable::kPharmacy:
        return type == FacilityType::kPharmacy;
      case FeeTable::kHomeNursing:
        return type == FacilityType::kHomeNursing;
      case FeeTable::kUnknown:
        return true;
    }
    return true;
  }

  void CheckLine() {
    const std::optional<LineKind>& kind = application_.line_kind;
    if (!kind && !IsRestricted()) Add("line_kind", kMissing);
    const bool vpn = kind == LineKind::kIpVpn;
    if (vpn && application_.optical_line == false) {
      Add("line_kind",
          "IP-VPN接続方式は光回線に限ります。光回線にするか、IPsec+IKE接続方式を選んでください。");
    }
    if (vpn && !application_.ntt_line) {
      Add("ntt_line", "IP-VPN接続方式のときは、NTT回線かどうかを入力してください。");
    }
    const bool needed = vpn && application_.ntt_line == true;
    const std::string& id = application_.customer_id;
    if (needed && id.empty()) {
      Add("customer_id",
          "IP-"
          "VPN接続方式でNTT回線のときは、お客様IDが必要です。回線の開通案内を確かめてください。");
    }
    // Without an answer about the line it is not known to be too much.
    const bool too_much = (kind && !vpn) || (vpn && application_.ntt_line == false);
    if (too_much && !id.empty()) {
      Add("customer_id",
          "お客様IDはIP-VPN接続方式でNTT回線のときだけ入力します。空にしてください。");
    }
    CheckCustomerIdText(id);
  }

  void CheckCustomerIdText(const std::string& id) {
    const bool printable = std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~'; });
    if (!id.empty() && (!printable || id.size() > kMostCustomerIdCharacters)) {
      Add("customer_id", "お客様IDは半角の英数字・記号64文字以内で入力してください。");
    }
  }

  void CheckMonths() {
    const absl::CivilMonth now(day_);
    const auto& start = application_.start_month;
    const auto& test = application_.test_month;
    if (!start) {
      Add("start_month", kMissing);
    } else if (*start < now) {
      Add("start_month", "過ぎた月です。今月以降の利用開始予定年月を入力してください。");
    }
    if (!test) return;
    if (*test < now) {
      Add("test_month", "過ぎた月です。今月以降の運用テスト開始予定年月を入力してください。");
    }
    if (start && *test > *start) {
      Add("test_month", "運用テストは利用開始の前に行います。利用開始予定年月以前にしてください。");
    }
  }

  void CheckGround() {
    const std::optional<RestrictedGround>& ground = application_.ground;
    if (!IsRestricted()) {
      if (application_.introduction_type && ground) {
        Add("ground",
            "資格確認限定型の根拠は、限定型を申請するときだけ入力します。空にしてください。");
      }
      return;
    }
    if (!ground) {
      return Add("ground",
                 "資格確認限定型には根拠が必要です。経過措置(2)・(4)・(6)などから選んでください。");
    }
    const GroundRow& row = RowOf(*ground);
    if (!row.by_configuration && application_.facility_type == FacilityType::kHomeNursing) {
      Add("ground", "経過措置は保険医療機関・薬局のものです。根拠を確かめてください。");
    }
    if (ground == RestrictedGround::kNoOpticalLine && application_.optical_line == true &&
        !application_.ground_ending_day) {
      Add("ground_ending_day",
          "光回線があるときは、経過措置(2)の終わりを数えるため、整備された日を入力してください。");
    }
    CheckRight(*ground);
  }

  void CheckPredecessor() {
    const std::string& code = application_.predecessor_code;
    if (code.empty()) return;
    if (!FacilityCode::Parse(code)) {
      Add("predecessor_code", "医療機関等コードは半角数字10桁で入力してください。");
    } else if (code == application_.facility_code) {
      Add("predecessor_code",
          "同じ医療機関等コードです。コードが変わらないときは承継の届出は要りません。");
    }
  }

  // The right must hold when use begins, and not only today: at the first day of the month, or
  // today when that has begun.
  void CheckRight(RestrictedGround ground) {
    const absl::CivilDay first =
        application_.start_month ? std::max(absl::CivilDay(*application_.start_month), day_) : day_;
    const RestrictedFacts facts{.ending_day = application_.ground_ending_day};
    const RestrictedVerdict verdict = MayUseRestrictedType(ground, facts, rules_, first);
    if (!verdict.MayUse()) Add("ground", SentenceOf(ground, verdict));
  }

  const UseApplication& application_;
  const RestrictedGroundRules& rules_;
  absl::CivilDay day_;
  std::vector<FieldViolation> violations_;
};

}  // namespace

std::vector<FieldViolation> CheckUseApplication(const UseApplication& application,
                                                const RestrictedGroundRules& rules,
                                                absl::CivilDay day) {
  return Check(application, rules, day).Run();
}

std::string_view KeyOf(IntroductionType type) {
  return type == IntroductionType::kFull ? "full" : "restricted";
}

std::string_view KeyOf(LineKind kind) { return kind == LineKind::kIpVpn ? "ip-vpn" : "ipsec-ike"; }

std::string_view KeyOf(OnlineClaims claims) {
  constexpr std::string_view kKeys[] = {"in-use", "apply", "none"};
  return kKeys[static_cast<size_t>(claims) - 1];
}

std::string_view KeyOf(FacilityType type) {
  constexpr std::string_view kKeys[] = {"hospital", "clinic", "dental", "pharmacy", "home-nursing"};
  return kKeys[static_cast<size_t>(type) - 1];
}

}  // namespace kakunin
