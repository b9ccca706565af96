#include "server/commands/answer_table.h"

#include <fmt/format.h>

#include "absl/time/time.h"
#include "domain/civil_day.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

std::string DayText(const google::type::Date& day) {
  if (day.year() == 0) return "";
  return fmt::format("{:04}年{:02}月{:02}日", day.year(), day.month(), day.day());
}

std::string InstantText(const google::protobuf::Timestamp& instant) {
  if (instant.seconds() == 0) return "";
  return absl::FormatTime(
      "%Y年%m月%d日 %H:%M:%S",
      absl::FromUnixSeconds(instant.seconds()) + absl::Nanoseconds(instant.nanos()), JapanTime());
}

std::string PercentText(int percent) { return fmt::format("{}割 ({} %)", percent / 10, percent); }

std::string YenText(int64_t yen) { return fmt::format("{} 円", yen); }

std::string_view CardVerdictText(v1::CardVerdict verdict) {
  switch (verdict) {
    case v1::CARD_VERDICT_ACCEPTED:
      return "確認できました";
    case v1::CARD_VERDICT_ELIGIBILITY_ONLY:
      return "有効期限切れ（猶予期間中・資格確認のみ）";
    case v1::CARD_VERDICT_NOT_REGISTERED:
      return "利用登録がありません";
    default:
      return "";
  }
}

std::string_view ClassificationText(v1::CardClassification classification) {
  switch (classification) {
    case v1::CARD_CLASSIFICATION_GENERAL:
      return "被保険者証（一般）";
    case v1::CARD_CLASSIFICATION_RETIRED:
      return "被保険者証（退職）";
    case v1::CARD_CLASSIFICATION_SHORT_TERM_GENERAL:
      return "短期被保険者証（一般）";
    case v1::CARD_CLASSIFICATION_SHORT_TERM_RETIRED:
      return "短期被保険者証（退職）";
    case v1::CARD_CLASSIFICATION_SPECIAL_MEDICAL_EXPENSE:
      return "被保険者資格証明書（特別療養費）";
    case v1::CARD_CLASSIFICATION_SPECIAL_RETIRED:
      return "特例退職被保険者証";
    case v1::CARD_CLASSIFICATION_SELF_DEFENCE:
      return "自衛官診療証";
    case v1::CARD_CLASSIFICATION_MEDICAL_AID:
      return "医療扶助";
    default:
      return "";
  }
}

std::string_view SexText(v1::Sex sex) {
  switch (sex) {
    case v1::SEX_MALE:
      return "男";
    case v1::SEX_FEMALE:
      return "女";
    case v1::SEX_NOT_SET:
      return "未設定";
    default:
      return "";
  }
}

std::string_view LossText(v1::ReasonOfLoss reason) {
  switch (reason) {
    case v1::REASON_OF_LOSS_DEATH:
      return "死亡";
    case v1::REASON_OF_LOSS_PUBLIC_ASSISTANCE:
      return "生活保護開始";
    case v1::REASON_OF_LOSS_OTHER_INSURANCE:
      return "他の医療保険加入";
    case v1::REASON_OF_LOSS_OTHER:
      return "その他";
    default:
      return "";
  }
}

std::string_view DiseaseText(v1::SpecificDisease disease) {
  switch (disease) {
    case v1::SPECIFIC_DISEASE_DIALYSIS:
      return "人工透析";
    case v1::SPECIFIC_DISEASE_HAEMOPHILIA:
      return "血友病";
    case v1::SPECIFIC_DISEASE_HIV:
      return "血液製剤によるHIV感染";
    default:
      return "";
  }
}

std::string_view ConsentText(v1::ConsentKind kind) {
  switch (kind) {
    case v1::CONSENT_KIND_DRUG:
      return "同意（薬剤情報）";
    case v1::CONSENT_KIND_TREATMENT:
      return "同意（診療情報）";
    case v1::CONSENT_KIND_SURGERY:
      return "同意（手術情報）";
    case v1::CONSENT_KIND_HEALTH_CHECK:
      return "同意（特定健診情報）";
    case v1::CONSENT_KIND_LIMIT_CERTIFICATE:
      return "同意（限度額適用認定証）";
    case v1::CONSENT_KIND_SPECIFIC_DISEASE_CERTIFICATE:
      return "同意（特定疾病療養受療証）";
    default:
      return "同意";
  }
}

std::string_view DecisionText(v1::Decision decision) {
  switch (decision) {
    case v1::DECISION_AGREED:
      return "同意する";
    case v1::DECISION_DECLINED:
      return "同意しない";
    case v1::DECISION_NOT_ASKED:
      return "未確認";
    default:
      return "";
  }
}

void AddName(TextTable& table, const std::string& label, const v1::PersonName& name) {
  std::string shown = name.original();
  if (name.jis_replaced()) shown += fmt::format(" （JIS表記 {}）", name.jis_safe());
  table.Row(label, shown);
  table.Row(label + "（カナ）", name.half_width_kana());
}

void AddCertificates(TextTable& table, const v1::Coverage& coverage) {
  if (coverage.has_elderly_recipient_certificate()) {
    const auto& elderly = coverage.elderly_recipient_certificate();
    table.Row("高齢受給者証",
              fmt::format("{} {}から{}まで", PercentText(elderly.contribution_percent()),
                          DayText(elderly.valid_from()), DayText(elderly.valid_through())));
  }
  if (coverage.has_limit_certificate()) {
    const auto& limit = coverage.limit_certificate();
    table.Row("限度額適用認定証",
              fmt::format("区分 {} {}から{}まで", limit.classification_flag(),
                          DayText(limit.valid_from()), DayText(limit.valid_through())));
    table.Row("長期入院該当年月日", DayText(limit.long_term_date()));
  }
  for (const auto& disease : coverage.specific_disease_certificates()) {
    table.Row("特定疾病療養受療証",
              fmt::format("{} 自己負担限度額 {} {}から{}まで", DiseaseText(disease.disease()),
                          YenText(disease.self_pay_yen()), DayText(disease.valid_from()),
                          DayText(disease.valid_through())));
  }
  for (const auto& ticket : coverage.medical_tickets()) {
    const bool elsewhere = ticket.designated_facility_flag() == 1;
    table.Row(ticket.ticket_type() == 2 ? "調剤券" : "医療券",
              fmt::format("診療年月 {} {}から{}まで{}", ticket.treatment_month(),
                          DayText(ticket.valid_from()), DayText(ticket.valid_through()),
                          elsewhere ? " 他の医療機関等の指定" : ""));
    // Only those whom the ticket concerns are told the rest.
    if (ticket.issue_number().empty()) continue;
    table.Row("券の内容",
              fmt::format("{} {} 自己負担 {}", ticket.issue_number(),
                          ticket.designated_facility_name(), YenText(ticket.self_pay_yen())));
  }
}

void AddCoverage(TextTable& table, const v1::Coverage& coverage, int number) {
  const bool aid = coverage.card_classification() == v1::CARD_CLASSIFICATION_MEDICAL_AID;
  table.Heading(
      fmt::format("資格 {}: {}", number, ClassificationText(coverage.card_classification())));
  table.Row(aid ? "公費負担者番号" : "保険者番号", coverage.insurer_number());
  table.Row(aid ? "福祉事務所" : "保険者名", coverage.insurer_name());
  table.Row("記号", coverage.symbol());
  table.Row(aid ? "受給者番号" : "番号", coverage.number());
  table.Row("枝番", coverage.branch_number());
  AddName(table, "氏名", coverage.name());
  AddName(table, "通称", coverage.other_name());
  table.Row("生年月日", DayText(coverage.birth_date()));
  table.Row("性別", std::string(SexText(coverage.sex())));
  table.Row("性別（裏面）", std::string(SexText(coverage.sex_back())));
  switch (coverage.personal_family_classification()) {
    case v1::PERSONAL_FAMILY_CLASSIFICATION_INSURED:
      table.Row("本人・家族", "本人");
      break;
    case v1::PERSONAL_FAMILY_CLASSIFICATION_FAMILY:
      table.Row("本人・家族", "家族");
      break;
    default:
      break;
  }
  AddName(table, "被保険者・世帯主", coverage.insured_name());
  table.Row("郵便番号", coverage.postal_code());
  table.Row("住所", coverage.address());
  table.Row("資格取得日", DayText(coverage.qualification_date()));
  table.Row("資格喪失日（この日から無資格）", DayText(coverage.disqualification_date()));
  table.Row("喪失事由", std::string(LossText(coverage.reason_of_loss())));
  table.Row("証の交付日", DayText(coverage.certificate_issue_date()));
  table.Row("証の有効開始日", DayText(coverage.certificate_valid_from()));
  table.Row("証の有効終了日（この日まで有効）", DayText(coverage.certificate_valid_through()));
  if (coverage.has_partial_contribution_percent()) {
    table.Row("負担割合", PercentText(coverage.partial_contribution_percent()));
  }
  if (coverage.preschool()) table.Row("未就学", "該当");
  AddCertificates(table, coverage);
}

void AddCardLines(TextTable& table, const v1::ConfirmByCardResponse& answer) {
  table.Row("マイナンバーカード", std::string(CardVerdictText(answer.card_verdict())));
  table.Row("カード証明書の有効期限", InstantText(answer.certificate_expire_time()));
  switch (answer.prescription_form()) {
    case v1::PRESCRIPTION_FORM_ELECTRONIC:
      table.Row("処方箋発行形態", "電子");
      break;
    case v1::PRESCRIPTION_FORM_PAPER:
      table.Row("処方箋発行形態", "紙");
      break;
    default:
      break;
  }
}

void AddCardLines(TextTable& /*table*/, const v1::ConfirmByInsuredNumberResponse& /*answer*/) {}

template <class Answer>
std::string TableOf(const Answer& answer) {
  TextTable table;
  table.Heading("資格確認結果");
  table.Row("資格有効性", std::string(ValidityText(answer.validity())));
  AddCardLines(table, answer);
  table.Row("次にすること", answer.next_step());
  for (const v1::Warning& warning : answer.warnings()) table.Row("注意", warning.message());
  for (const v1::ConsentState& consent : answer.consents()) {
    std::string state(DecisionText(consent.decision()));
    if (consent.has_end_time())
      state += fmt::format(" （{}まで）", InstantText(consent.end_time()));
    table.Row(std::string(ConsentText(consent.kind())), state);
  }
  table.Row("確認日時", InstantText(answer.confirm_time()));
  table.Row("監査番号", answer.audit_id());
  table.Row("患者ハンドル", answer.patient_handle());
  for (const std::string& number : answer.reference_numbers()) table.Row("照会番号", number);
  if (answer.municipal_subsidies_out_of_scope()) {
    table.Row("自治体の医療費助成", "この確認の対象外です");
  }
  int number = 0;
  for (const v1::Coverage& coverage : answer.coverages()) AddCoverage(table, coverage, ++number);
  return table.Draw();
}

}  // namespace

std::string_view ValidityText(v1::Validity validity) {
  switch (validity) {
    case v1::VALIDITY_VALID:
      return "有効";
    case v1::VALIDITY_INVALID:
      return "無効";
    case v1::VALIDITY_INVALID_NEWER_EXISTS:
      return "無効（新しい資格あり）";
    case v1::VALIDITY_NOT_FOUND:
      return "該当資格なし";
    case v1::VALIDITY_SEVERAL_FOUND:
      return "複数該当";
    case v1::VALIDITY_VALID_UNREGISTERED:
      return "有効（未登録）";
    default:
      return "不明";
  }
}

std::string AnswerTable(const v1::ConfirmByCardResponse& answer) { return TableOf(answer); }

std::string AnswerTable(const v1::ConfirmByInsuredNumberResponse& answer) {
  return TableOf(answer);
}

}  // namespace kakunin
