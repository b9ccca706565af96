#include "domain/next_step.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/civil_day.h"
#include "domain/operations_contact.h"

namespace kakunin {
namespace {

constexpr WarningFacts kWarnings[] = {
    {Warning::kCardExpiresSoon, "CARD_EXPIRES_SOON",
     "カードの電子証明書の有効期限が3か月以内です。市区町村での更新を案内してください。"},
    {Warning::kCardInGrace, "CARD_IN_GRACE",
     "カードの電子証明書の有効期限が切れています。資格だけ確認できます。市区町村での更新を案内して"
     "ください。"},
    {Warning::kConsentNotTaken, "CONSENT_NOT_TAKEN",
     "電子証明書の有効期限が切れているため、同意は記録されず、薬剤・診療などの情報は閲覧できません"
     "。"},
    {Warning::kTerminalTakesNoConsent, "TERMINAL_TAKES_NO_CONSENT",
     "この端末は資格確認だけができます。同意は記録されず、薬剤・診療などの情報や限度額などの証は表"
     "示"
     "できません。"},
    {Warning::kInsuranceCardExpiredAccepted, "INSURANCE_CARD_EXPIRED_ACCEPTED",
     "健康保険証の有効期限は切れていますが、資格が有効なため受付できます。次回はマイナンバーカード"
     "か資格確認書の持参を案内してください。"},
    {Warning::kDocumentExpired, "DOCUMENT_EXPIRED",
     "示された書類の有効期限が切れています。マイナンバーカードか有効な資格確認書の提示を依頼してく"
     "ださい。"},
    {Warning::kDocumentNeedsCard, "DOCUMENT_NEEDS_CARD",
     "資格情報のお知らせだけでは受付できません。マイナンバーカードの提示を依頼してください。"},
    {Warning::kNoDocumentShown, "NO_DOCUMENT_SHOWN",
     "書類が示されていません。本人であることを別の方法で確かめてください。"},
    {Warning::kPastDayAsked, "PAST_DAY_ASKED",
     "過去の日付についての回答です。今日の資格ではありません。"},
    {Warning::kIdentityInQuestion, "IDENTITY_IN_QUESTION",
     "登録内容が別の方のものでないか確認中です。氏名・生年月日・性別を本人と照らし合わせてください"
     "。確認が終わるまで薬剤・診療などの情報は閲覧できません。"},
    {Warning::kInsurerBehind, "INSURER_BEHIND",
     "この保険者からの資格情報が何日も届いていません。該当なしでも無保険とは限らないので、保険者に"
     "資"
     "格を確かめてください。"},
    {Warning::kTerminalCertificateExpiresSoon, "TERMINAL_CERTIFICATE_EXPIRES_SOON",
     "端末の電子証明書の有効期限が90日以内です。端末で証明書を更新してください。"},
    {Warning::kOperationTest, "OPERATION_TEST",
     "運用テスト中です。公開されているテスト用の患者だけを照会できます。実際の受付には使わないでく"
     "ださ"
     "い。"},
    {Warning::kConsentNotChecked, "CONSENT_NOT_CHECKED",
     "同意に使われたカードの失効情報を今は確かめられないため、限度額などの証は、あるかどうかにかか"
     "わらず表示していません。時間をおいてもう一度照会してください。"},
};

bool CallMayHelp(NextStep step) {
  return step == NextStep::kCheckInput || step == NextStep::kNothingKnown ||
         step == NextStep::kNotRegistered;
}

std::string_view Sentence(NextStep step) {
  switch (step) {
    case NextStep::kReceive:
      return "資格は有効です。このまま受付してください。";
    case NextStep::kReceiveUnregistered:
      return "医療扶助の決定は有効ですが、登録が済んでいません。福祉事務所に医療券の内容を確かめて"
             "ください。";
    case NextStep::kAskNewInsurer:
      return "この資格は無効で、新しい資格があります。新しい保険者の資格確認書かマイナンバーカード"
             "の提示を依頼してください。";
    case NextStep::kAskInsurer:
      return "この資格は無効です。新しい資格がないか患者に尋ね、保険者への確認を案内してください。";
    case NextStep::kCheckInput:
      return "該当する資格がありません。保険者番号・記号・番号・生年月日を確かめ、もう一度照会して"
             "ください。"
             "保険者の登録が済んでいないことがあります。";
    case NextStep::kAskBranch:
      return "複数の方が該当します。枝番を確かめて、もう一度照会してください。";
    case NextStep::kNotRegistered:
      return "このカードはまだ資格に結び付いていません。少し待ってもう一度カードを置いてもらってく"
             "だ"
             "さい。変わらないときは、カードリーダーで利用登録を案内するか、資格確認書で確認してく"
             "だ"
             "さい。";
    case NextStep::kNothingKnown:
      return "この方の該当する資格がありません。加入している保険者を尋ね、資格確認書などで確認して"
             "ください。";
    case NextStep::kReceiveButRenewCard:
      return "資格は有効です。このまま受付し、カードの電子証明書の更新を案内してください。";
    case NextStep::kReceiveExpiredCard:
      return "資格は有効です。受付し、次回はマイナンバーカードか資格確認書を持参するよう案内してく"
             "だ"
             "さい。";
    case NextStep::kAskCurrentDocument:
      return "資格は有効ですが、示された書類の有効期限が切れています。マイナンバーカードか有効な資"
             "格"
             "確認書の提示を依頼してから受付してください。";
    case NextStep::kAskMyNumberCard:
      return "資格は有効ですが、資格情報のお知らせだけでは受付できません。マイナンバーカードの提示"
             "を"
             "依頼してから受付してください。";
    case NextStep::kVerifyPersonOtherwise:
      return "資格は有効ですが、書類が示されていません。本人であることを別の方法で確かめてから受付"
             "して"
             "ください。";
    case NextStep::kNoteForPastDay:
      return "照会した日の資格は有効でした。今日の受付には、今日の日付でもう一度照会してください。";
  }
  return {};
}

NextStep StepWithValidCoverage(const NextStepFacts& facts) {
  switch (facts.document.value_or(DocumentWorth::kSufficient)) {
    case DocumentWorth::kExpired:
      return NextStep::kAskCurrentDocument;
    case DocumentWorth::kNeedsCard:
      return NextStep::kAskMyNumberCard;
    case DocumentWorth::kNothingShown:
      return NextStep::kVerifyPersonOtherwise;
    case DocumentWorth::kAcceptedExpired:
    case DocumentWorth::kSufficient:
      break;
  }
  if (facts.past_day) return NextStep::kNoteForPastDay;
  if (facts.document == DocumentWorth::kAcceptedExpired) return NextStep::kReceiveExpiredCard;
  return facts.in_grace ? NextStep::kReceiveButRenewCard : NextStep::kReceive;
}

}  // namespace

std::span<const WarningFacts> AllWarnings() { return kWarnings; }

const WarningFacts& FactsOf(Warning warning) {
  return *std::find_if(std::begin(kWarnings), std::end(kWarnings),
                       [&](const WarningFacts& facts) { return facts.warning == warning; });
}

std::optional<Warning> WarningFor(DocumentWorth worth) {
  switch (worth) {
    case DocumentWorth::kSufficient:
      return std::nullopt;
    case DocumentWorth::kAcceptedExpired:
      return Warning::kInsuranceCardExpiredAccepted;
    case DocumentWorth::kExpired:
      return Warning::kDocumentExpired;
    case DocumentWorth::kNeedsCard:
      return Warning::kDocumentNeedsCard;
    case DocumentWorth::kNothingShown:
      return Warning::kNoDocumentShown;
  }
  return std::nullopt;
}

bool IsOpen(const Contact& contact, absl::Time at) {
  if (contact.number.empty()) return false;
  const absl::CivilHour hour = absl::ToCivilHour(at, JapanTime());
  const absl::CivilDay day(hour);
  if (std::ranges::find(contact.closed_days, day) != contact.closed_days.end()) return false;
  const absl::Weekday weekday = absl::GetWeekday(day);
  const bool weekend = weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
  if (weekend && !contact.weekends) return false;
  return contact.opens_hour <= hour.hour() && hour.hour() < contact.closes_hour;
}

NextStep NextStepFor(const NextStepFacts& facts) {
  if (facts.by_card && !facts.registered) return NextStep::kNotRegistered;
  switch (facts.validity) {
    case Validity::kValid:
      return StepWithValidCoverage(facts);
    case Validity::kValidUnregistered:
      return NextStep::kReceiveUnregistered;
    case Validity::kInvalidNewerExists:
      return NextStep::kAskNewInsurer;
    case Validity::kInvalid:
      return NextStep::kAskInsurer;
    case Validity::kSeveralFound:
      return NextStep::kAskBranch;
    case Validity::kNotFound:
      return facts.by_card ? NextStep::kNothingKnown : NextStep::kCheckInput;
  }
  return NextStep::kCheckInput;
}

std::string NextStepSentence(NextStep step, const Contact& contact, absl::Time at) {
  std::string sentence(Sentence(step));
  if (CallMayHelp(step) && IsOpen(contact, at)) {
    sentence += fmt::format("分からないときは {} （{}時から{}時まで）に電話してください。",
                            contact.number, contact.opens_hour, contact.closes_hour) +
                HaveReadySentence(contact);
  }
  return sentence;
}

}  // namespace kakunin
