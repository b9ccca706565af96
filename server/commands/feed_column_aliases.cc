#include "server/commands/feed_column_aliases.h"

#include <algorithm>
#include <iterator>

#include "domain/text/normalise.h"

namespace kakunin {
namespace {

struct Alias {
  std::string_view alias;
  std::string_view name;
};

// The field's own terms (docs/glossary.md). One term may stand for another column in another kind
// of row: the first that the row has counts.
constexpr Alias kAliases[] = {
    {"異動区分", "action"},
    {"資格管理番号", "coverage_reference"},
    {"証管理番号", "certificate_reference"},
    {"レセプト管理番号", "receipt_reference"},
    {"健診管理番号", "examination_reference"},
    {"個人番号", "individual_number"},
    {"被保険者証区分", "card_classification"},
    {"記号", "symbol"},
    {"番号", "number"},
    {"枝番", "branch_number"},
    {"本人・家族の別", "personal_family_classification"},
    {"被保険者氏名", "insured_name.original"},
    {"被保険者氏名カナ", "insured_name.kana"},
    {"氏名", "name.original"},
    {"氏名カナ", "name.kana"},
    {"通称", "other_name.original"},
    {"通称カナ", "other_name.kana"},
    {"性別", "sex"},
    {"性別（裏面）", "sex_back"},
    {"生年月日", "birth_date"},
    {"住所", "address"},
    {"郵便番号", "postal_code"},
    {"資格取得年月日", "qualification_date"},
    {"資格喪失年月日", "disqualification_date"},
    {"喪失事由", "reason_of_loss"},
    {"被保険者証交付年月日", "certificate_issue_date"},
    {"有効開始年月日", "certificate_valid_from"},
    {"有効終了年月日", "certificate_valid_through"},
    {"一部負担金割合", "partial_contribution_percent"},
    {"未就学区分", "preschool"},
    {"未登録", "medical_aid_unregistered"},
    {"高齢受給者証交付年月日", "elderly_recipient_certificate.issue_date"},
    {"高齢受給者証有効開始年月日", "elderly_recipient_certificate.valid_from"},
    {"高齢受給者証有効終了年月日", "elderly_recipient_certificate.valid_through"},
    {"高齢受給者証負担割合", "elderly_recipient_certificate.contribution_percent"},
    {"限度額適用認定証区分", "limit_certificates.classification"},
    {"限度額適用区分", "limit_certificates.classification_flag"},
    {"限度額適用認定証交付年月日", "limit_certificates.issue_date"},
    {"限度額適用認定証有効開始年月日", "limit_certificates.valid_from"},
    {"限度額適用認定証有効終了年月日", "limit_certificates.valid_through"},
    {"長期入院該当年月日", "limit_certificates.long_term_date"},
    {"認定疾病区分", "specific_disease_certificates.disease"},
    {"特定疾病療養受療証交付年月日", "specific_disease_certificates.issue_date"},
    {"特定疾病療養受療証有効開始年月日", "specific_disease_certificates.valid_from"},
    {"特定疾病療養受療証有効終了年月日", "specific_disease_certificates.valid_through"},
    {"自己負担限度額", "specific_disease_certificates.self_pay_yen"},
    {"高齢受給者証交付年月日", "certificate.issue_date"},
    {"高齢受給者証有効開始年月日", "certificate.valid_from"},
    {"高齢受給者証有効終了年月日", "certificate.valid_through"},
    {"高齢受給者証負担割合", "certificate.contribution_percent"},
    {"限度額適用認定証区分", "certificate.classification"},
    {"限度額適用区分", "certificate.classification_flag"},
    {"限度額適用認定証交付年月日", "certificate.issue_date"},
    {"限度額適用認定証有効開始年月日", "certificate.valid_from"},
    {"限度額適用認定証有効終了年月日", "certificate.valid_through"},
    {"長期入院該当年月日", "certificate.long_term_date"},
    {"認定疾病区分", "certificate.disease"},
    {"特定疾病療養受療証交付年月日", "certificate.issue_date"},
    {"特定疾病療養受療証有効開始年月日", "certificate.valid_from"},
    {"特定疾病療養受療証有効終了年月日", "certificate.valid_through"},
    {"自己負担限度額", "certificate.self_pay_yen"},
    {"診療年月", "treatment_month"},
    {"情報区分", "source"},
    {"入外等区分", "receipt_kind"},
    {"医療機関等コード", "facility.code"},
    {"医療機関等名", "facility.name"},
    {"処方医療機関コード", "prescribing_facility.code"},
    {"処方医療機関名", "prescribing_facility.name"},
    {"調剤年月日", "drug_days.dispensing_date"},
    {"処方年月日", "drug_days.prescribing_date"},
    {"医薬品コード", "drug_days.drugs.code"},
    {"医薬品名", "drug_days.drugs.name"},
    {"一般名", "drug_days.drugs.ingredient_name"},
    {"薬剤種別", "drug_days.drugs.drug_class"},
    {"用量", "drug_days.drugs.dose"},
    {"単位", "drug_days.drugs.unit"},
    {"用法", "drug_days.drugs.usage_name"},
    {"特別指示", "drug_days.drugs.special_instruction"},
    {"日数・回数", "drug_days.drugs.times"},
    {"診療行為コード", "treatments.code"},
    {"診療行為名", "treatments.name"},
    {"診療識別", "treatments.treatment_class"},
    {"診療行為数量", "treatments.amount"},
    {"診療行為単位", "treatments.unit"},
    {"診療行為回数", "treatments.times"},
    {"実施年月日", "treatments.dates"},
    {"手術", "treatments.surgery"},
    {"健診実施年月日", "examination_date"},
    {"健診種別", "programme"},
    {"項目コード", "items.code"},
    {"項目名", "items.name"},
    {"データ型", "items.data_type"},
    {"検査値", "items.value"},
    {"単位", "items.unit"},
    {"コード表", "items.code_list"},
    {"検査値の意味", "items.value_name"},
    {"発行者鍵識別子", "issuer_key_id"},
    {"シリアル番号", "serial"},
    {"媒体", "medium"},
    {"置換前発行者鍵識別子", "replaces_issuer_key_id"},
    {"置換前シリアル番号", "replaces_serial"},
};

// The aliases as they are compared, in the order of kAliases.
const std::vector<std::string>& FoldedAliases() {
  static const auto* const folded_aliases = [] {
    auto* folded = new std::vector<std::string>;
    for (const Alias& known : kAliases) folded->push_back(*FoldForSearch(known.alias));
    return folded;
  }();
  return *folded_aliases;
}

}  // namespace

std::string NameOfAlias(const std::vector<std::string>& names, std::string_view alias) {
  const auto wanted = FoldForSearch(alias);
  if (!wanted) return {};
  for (size_t i = 0; i < std::size(kAliases); ++i) {
    if (FoldedAliases()[i] != *wanted) continue;
    const auto name = std::find(names.begin(), names.end(), kAliases[i].name);
    if (name != names.end()) return *name;
  }
  return {};
}

}  // namespace kakunin
