#include "domain/access_explanation.h"

#include <fmt/format.h>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

std::string DayText(absl::CivilDay day) {
  return fmt::format("{}年{}月{}日", day.year(), day.month(), day.day());
}

std::string InstantText(absl::Time at) {
  const absl::CivilSecond second = absl::ToCivilSecond(at, JapanTime());
  return fmt::format("{}{}時{:02}分{:02}秒", DayText(absl::CivilDay(second)), second.hour(),
                     second.minute(), second.second());
}

std::string_view FormText(FormOfCare form) {
  switch (form) {
    case FormOfCare::kOutpatient:
      return "外来";
    case FormOfCare::kHomeVisit:
      return "訪問診療等";
    case FormOfCare::kOnlineCare:
      return "オンライン診療等";
    case FormOfCare::kEmergency:
      return "救急時";
  }
  return "";
}

std::string_view LengthText(FormOfCare form) {
  switch (form) {
    case FormOfCare::kOutpatient:
      return "外来の同意は24時間";
    case FormOfCare::kHomeVisit:
      return "訪問診療等の同意は継続する間";
    case FormOfCare::kOnlineCare:
      return "オンライン診療等の同意は診療日の終わりまで";
    case FormOfCare::kEmergency:
      return "";
  }
  return "";
}

std::string_view EnderText(ConsentStanding standing) {
  switch (standing) {
    case ConsentStanding::kRevokedByPatient:
      return "患者";
    case ConsentStanding::kChangeOfUse:
      return "利用の変更";
    default:
      return "医療機関等";
  }
}

std::string_view MethodText(ConsentMethod method) {
  switch (method) {
    case ConsentMethod::kCard:
      return "カード";
    case ConsentMethod::kOral:
      return "口頭";
    case ConsentMethod::kCardInGrace:
      return "電子証明書の期限が切れたカード";
  }
  return "";
}

std::string ConsentText(const ConsentState& state, std::string_view record) {
  const ConsentAct& act = *state.act;
  std::string text = fmt::format("{}に{}で得た{}の回答（{}）", InstantText(act.begin),
                                 MethodText(act.method), FormText(act.form_of_care), record);
  if (act.appointment_day) text += fmt::format("、診療日 {}", DayText(*act.appointment_day));
  return text;
}

std::string TimeLeftText(const RecordCall& call, const RecordDecision& decision) {
  if (decision.until == absl::InfiniteFuture()) return "終了の手続きがあるまで";
  const int64_t seconds = absl::ToInt64Seconds(decision.TimeLeft(call.at));
  return fmt::format("{}まで（残り{}時間{}分{}秒）", InstantText(decision.until), seconds / 3600,
                     seconds / 60 % 60, seconds % 60);
}

// What decided, and what would make it allowed.
struct RuleAndRemedy {
  std::string rule;
  std::string remedy;
};

RuleAndRemedy ExplainNotInService(const RecordCall& call, std::string_view record) {
  const RecordKindFacts& facts = FactsOf(call.kind);
  if (call.at < InServiceFrom(call.kind)) {
    return {fmt::format("{}の提供は{}に始まります。", record, DayText(facts.in_service_from)),
            "その日以後に行えば閲覧できます。"};
  }
  if (call.form_of_care != FormOfCare::kOutpatient && call.at < StartOfDay(kOtherFormsStart)) {
    return {fmt::format("{}での利用は{}に始まります。", FormText(call.form_of_care),
                        DayText(kOtherFormsStart)),
            "その日以後に行うか、外来として同意を得れば閲覧できます。"};
  }
  if (call.asked_through && facts.data_from && *call.asked_through < *facts.data_from) {
    return {
        fmt::format("{}は、{}以後の診療のものだけがあります。", record, DayText(*facts.data_from)),
        "その日以後を指定すれば閲覧できます。"};
  }
  return {fmt::format("この操作では{}を扱いません。", record),
          "その情報のための操作を使えば閲覧できます。"};
}

// The form of care is the emergency: no other waits for its start under this reason.
RuleAndRemedy ExplainEmergency(const RecordCall& call) {
  const std::string outpatient = "外来として、患者の同意を得れば閲覧できます。";
  if (call.at < StartOfDay(kEmergencyStart)) {
    return {fmt::format("救急時の閲覧は{}に始まります。", DayText(kEmergencyStart)), outpatient};
  }
  return {"救急時には、カードで資格を確認して開いた「救急時の閲覧」によってだけ閲覧できます。",
          "権限のある病院が、カードによる資格確認の後に救急時の閲覧を開けば閲覧できます。または"
          "、" +
              outpatient};
}

RuleAndRemedy ExplainPolicy(Reason reason, const RecordCall& call, std::string_view record) {
  // The one policy that ended: decisions of that time are explained by it.
  if (call.at < StartOfDay(kHealthCheckPlanDropped) &&
      (reason == Reason::kFacilityTypeNotAllowed || reason == Reason::kRoleNotAllowed) &&
      call.kind == RecordKind::kHealthCheck) {
    return {fmt::format("2020年の計画では、{}を薬局と薬剤師は閲覧できませんでした（{}に撤回）。",
                        record, DayText(kHealthCheckPlanDropped)),
            fmt::format("{}以後は、有資格者であれば閲覧できます。", DayText(kServiceStart))};
  }
  switch (reason) {
    case Reason::kNotInService:
      return ExplainNotInService(call, record);
    case Reason::kFormOfCareNotInService:
      return ExplainEmergency(call);
    case Reason::kTerminalRestricted:
      return {"資格確認限定型の端末では、資格確認だけができます。",
              "受付、診察室または訪問用の端末で行えば閲覧できます。"};
    case Reason::kRoleNotAllowed:
      return {
          fmt::format("{}は、医師、歯科医師、薬剤師その他の有資格者だけが閲覧できます。", record),
          "有資格者の権限を持つ利用者が行えば閲覧できます。"};
    default:
      return {std::string(FactsOf(reason).sentence), "示された条件を整えれば閲覧できます。"};
  }
}

RuleAndRemedy ExplainConsent(Reason reason, const RecordCall& call, const ConsentState& state,
                             std::string_view record) {
  const bool oral_counts = call.kind == RecordKind::kLimitCertificate;
  const std::string ask_again =
      fmt::format("カードで本人確認を行い、{}{}の閲覧に同意を得れば閲覧できます。",
                  oral_counts ? "または口頭で、" : "", record);
  switch (reason) {
    case Reason::kBranchNumberNeeded:
      return {"記号・番号などが複数の方に該当するときは、誰の情報も示しません。",
              "枝番を入力して1人に決まれば、その方の同意により判断します。"};
    case Reason::kNoConsent:
      // In the same words whether nobody, somebody without consent or several persons are there.
      return {fmt::format("{}は、この医療機関等が{}で得た患者の同意がなければ閲覧できません。",
                          record, FormText(call.form_of_care)),
              call.without_branch ? ask_again + "枝番があるときは、枝番も入力してください。"
                                  : ask_again};
    // An audited decision may be told when the act that decided has had its time, or belongs to
    // another person by now: then nothing tells the instant, and who ended it.
    case Reason::kConsentDeclined:
      if (state.act == nullptr) {
        return {fmt::format("患者は{}の閲覧に同意しませんでした。", record), ask_again};
      }
      return {fmt::format("患者は{}に、{}の閲覧に同意しませんでした。", InstantText(state.since),
                          record),
              ask_again};
    case Reason::kConsentExpired:
      if (state.act == nullptr) {
        return {
            fmt::format("同意の有効期間は終わっていました（{}）。", LengthText(call.form_of_care)),
            ask_again};
      }
      return {fmt::format("同意の有効期間は{}に終わりました（{}）。", InstantText(state.since),
                          LengthText(call.form_of_care)),
              ask_again};
    case Reason::kConsentRevoked:
      if (state.act == nullptr) return {"同意は終了していました。", ask_again};
      return {fmt::format("同意は{}に、{}により終了しました。", InstantText(state.since),
                          EnderText(state.standing)),
              ask_again};
    case Reason::kConsentCertificateRevoked:
      return {"同意に使われた電子証明書が失効しているため、その同意は使えません。",
              "有効なカードでもう一度同意を得れば閲覧できます。"};
    case Reason::kConsentCertificateLapsed:
      return {"同意に使われた電子証明書が更新されたか期限が切れたため、その同意は使えません。",
              "今のカードでもう一度同意を得れば閲覧できます。"};
    case Reason::kConsentCertificateUntraceable:
      return {"同意に使われた電子証明書の失効を確かめる先がないため、その同意は使えません。",
              "カードでもう一度同意を得れば閲覧できます。"};
    case Reason::kCardEligibilityOnly:
      return {"電子証明書の期限が切れたカードでは、資格だけを確認でき、同意は受け付けません。",
              "市区町村で電子証明書を更新した後、カードで同意を得れば閲覧できます。"};
    case Reason::kRevocationUnknown:
      return {"同意に使われた電子証明書の失効情報を確かめられません。",
              "少し待ってからもう一度行えば、失効していない限り閲覧できます。"};
    case Reason::kIdentityInQuestion:
      return {"登録内容が別の方のものでないか確認中のため、同意があっても閲覧できません。",
              "確認が終われば、同意が続いている限り閲覧できます。"};
    default:  // decided before anybody's consent was looked at
      return {std::string(FactsOf(reason).sentence), "示された条件を整えれば閲覧できます。"};
  }
}

RuleAndRemedy ExplainAllowed(const RecordCall& call, const RecordDecision& decision,
                             std::string_view record) {
  if (!ConsentFor(call.kind))
    return {fmt::format("{}は、同意がなくても確認できます。", record), ""};
  const bool certificate = call.kind == RecordKind::kLimitCertificate ||
                           call.kind == RecordKind::kSpecificDiseaseCertificate;
  std::string rule = fmt::format("{}は、患者の同意がある間、{}閲覧できます（{}）。", record,
                                 certificate ? "" : "有資格者が", LengthText(call.form_of_care));
  if (decision.certificate == CertificateFinding::kSuperseded ||
      decision.certificate == CertificateFinding::kExpired) {
    rule += "同意の後の電子証明書の更新や期限切れは、同意を終わらせません（当サービスの規則）。";
  }
  return {std::move(rule), ""};
}

bool IsOfThePolicy(Reason reason) {
  switch (reason) {
    case Reason::kNotInService:
    case Reason::kFormOfCareNotInService:
    case Reason::kTerminalKindNotAllowed:
    case Reason::kTerminalRestricted:
    case Reason::kRoleNotAllowed:
    case Reason::kFacilityTypeNotAllowed:
    case Reason::kRoleNotProven:
    case Reason::kRecordKindNotUsed:
    case Reason::kEPrescriptionNotUsed:
      return true;
    default:
      return false;
  }
}

}  // namespace

Explanation ExplainRecordAccess(const RecordCall& call, const RecordDecision& decision) {
  const std::string_view record = FactsOf(call.kind).name;
  Explanation explanation{.allowed = decision.allowed()};
  RuleAndRemedy words;
  if (decision.allowed()) {
    words = ExplainAllowed(call, decision, record);
    if (decision.until > call.at) explanation.time_left = TimeLeftText(call, decision);
  } else {
    explanation.reason = FactsOf(*decision.denial).name;
    words = IsOfThePolicy(*decision.denial)
                ? ExplainPolicy(*decision.denial, call, record)
                : ExplainConsent(*decision.denial, call, decision.consent, record);
  }
  explanation.rule = std::move(words.rule);
  explanation.remedy = std::move(words.remedy);
  if (decision.row != nullptr && decision.row->denial == decision.denial) {
    explanation.source = decision.row->source;
  }
  if (decision.consent.act != nullptr) explanation.consent = ConsentText(decision.consent, record);
  return explanation;
}

}  // namespace kakunin
