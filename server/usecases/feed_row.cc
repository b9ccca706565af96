#include "server/usecases/feed_row.h"

#include <algorithm>

namespace kakunin {
namespace {

constexpr RowFaultFacts kFaults[] = {
    {RowFault::kFieldMissing, "FIELD_MISSING", "必須の項目がありません。補って送り直してください。",
     false},
    {RowFault::kFieldMalformed, "FIELD_MALFORMED",
     "項目の形式が正しくありません。直して送り直してください。", false},
    {RowFault::kIndividualNumberInvalid, "INDIVIDUAL_NUMBER_INVALID",
     "個人番号の桁数または検査用数字が正しくありません。本人の番号を確かめて送り直してください。",
     false},
    {RowFault::kNoIndividualNumber, "NO_INDIVIDUAL_NUMBER",
     "個人番号がないため表示されません。個人番号を確かめて送り直してください。", true},
    {RowFault::kIndividualNumberInClear, "INDIVIDUAL_NUMBER_IN_CLEAR",
     "個人番号が別の項目にも書かれています。その項目から消して送り直してください。", false},
    {RowFault::kDateOrderImpossible, "DATE_ORDER_IMPOSSIBLE",
     "日付の前後関係が成り立ちません。直して送り直してください。", false},
    {RowFault::kDateInFuture, "DATE_IN_FUTURE",
     "未来の年月日または年月です。直して送り直してください。", false},
    {RowFault::kMonthNotKept, "MONTH_NOT_KEPT",
     "保存期間を過ぎた診療年月のため登録できません。年月を確かめてください。", false},
    {RowFault::kDayOutsideMonth, "DAY_OUTSIDE_MONTH",
     "診療年月に含まれない年月日です。直して送り直してください。", false},
    {RowFault::kProgrammeNotOfRegistrar, "PROGRAMME_NOT_OF_REGISTRAR",
     "この保険者が登録できる健診の種類ではありません。種類を確かめてください。", false},
    {RowFault::kCharacterUnmappable, "CHARACTER_UNMAPPABLE",
     "変換できない文字があります。文字コードと外字を確かめ、その項目を直して送り直してください。",
     false},
    {RowFault::kIdentityMismatch, "IDENTITY_MISMATCH",
     "個人番号の方の氏名、カナ、生年月日、性別、住所と一致しないため表示されません。本人の番号と内"
     "容を"
     "確かめて送り直すか、正しいときは確認のうえ公開してください。",
     true},
    {RowFault::kIdentityMismatchBeside, "IDENTITY_MISMATCH_BESIDE",
     "同じ方の別の行が個人番号の方と一致しないため表示されません。その行を送り直すか、正しいときは"
     "確認のうえ公開してください。",
     true},
    {RowFault::kResidentUnknown, "RESIDENT_UNKNOWN",
     "個人番号の方が住民の登録簿に見つからないため表示されません。本人の番号を確かめて送り直すか、"
     "正しいときは確認のうえ公開してください。",
     true},
    {RowFault::kCoverageUnknown, "COVERAGE_UNKNOWN",
     "資格管理番号の資格が登録されていません。先に資格を登録してから証を送り直してください。",
     false},
    {RowFault::kCoverageHidden, "COVERAGE_HIDDEN",
     "証の対象の資格が表示されていません。資格を公開してから証を送り直してください。", false},
    {RowFault::kCertificateOfOtherCoverage, "CERTIFICATE_OF_OTHER_COVERAGE",
     "この証は別の資格に登録されています。その登録を取り消してから送り直してください。", false},
    {RowFault::kCertificateOutsideCoverage, "CERTIFICATE_OUTSIDE_COVERAGE",
     "証の有効期間が資格の期間にまったく含まれません。期間と資格管理番号を確かめてください。",
     false},
    {RowFault::kCertificateOverlap, "CERTIFICATE_OVERLAP",
     "同じ資格の高齢受給者証の有効期間が重なります。期間を直して送り直してください。", false},
    {RowFault::kRefusedBeside, "REFUSED_BESIDE",
     "同じ方の別の行が取り込めないため、この行も取り込みません。その行を直し、あわせて送り直して"
     "ください。",
     false},
    {RowFault::kCoverageOverlap, "COVERAGE_OVERLAP",
     "別の保険者の有効な資格と期間が重なります。行は取り込みました。取得日を確かめ、正しいときは前"
     "の"
     "保険者の喪失の登録を待ってください。",
     false},
    {RowFault::kCardReplacesItself, "CARD_REPLACES_ITSELF",
     "カード自身を置き換えることはできません。置き換え前のシリアル番号を直して送り直してください。",
     false},
    {RowFault::kPersonConflict, "PERSON_CONFLICT",
     "別の方に登録されているため取り込みません。個人番号を確かめて送り直すか、登録済みの方が誤りの"
     "と"
     "きは"
     "運用担当に連絡してください。",
     false},
    {RowFault::kCardMediumDiffers, "CARD_MEDIUM_DIFFERS",
     "登録済みの媒体と異なります。シリアル番号と媒体を確かめて送り直してください。", false},
    {RowFault::kCardReplacedInCircle, "CARD_REPLACED_IN_CIRCLE",
     "カードが互いに置き換えています。新旧のシリアル番号を確かめて送り直してください。", false},
    {RowFault::kCardReplacesUnknown, "CARD_REPLACES_UNKNOWN",
     "登録済みのカードが、登録のないカードを置き換えています。新旧のシリアル番号を確かめ、正しいと"
     "き"
     "は"
     "置き換え前のカードの行とともに送り直してください。",
     false},
    {RowFault::kRowOutdated, "ROW_OUTDATED",
     "この取込の後に登録内容が変わったため取り込みません。最新の内容を新しい番号の取込で送り直して"
     "ください。",
     false},
};

const RowFaultFacts& FactsOf(RowFault fault) {
  return *std::find_if(std::begin(kFaults), std::end(kFaults),
                       [&](const RowFaultFacts& facts) { return facts.fault == fault; });
}

}  // namespace

std::span<const RowFaultFacts> AllRowFaults() { return kFaults; }

std::string_view MessageOfFinding(std::string_view reason) {
  const auto row = std::find_if(std::begin(kFaults), std::end(kFaults),
                                [&](const RowFaultFacts& facts) { return facts.reason == reason; });
  return row == std::end(kFaults) ? "この行は取り込めません。内容を確かめて送り直してください。"
                                  : row->message;
}

void IncomingHead::AddFault(RowFault fault, std::string field) {
  const bool told = std::any_of(faults.begin(), faults.end(),
                                [&](const FieldFault& known) { return known.field == field; });
  if (!told && faults.size() < kMostFaultsOfRow) faults.push_back({fault, std::move(field)});
}

bool IncomingHead::IsRefused() const {
  return std::any_of(faults.begin(), faults.end(),
                     [](const FieldFault& fault) { return !FactsOf(fault.fault).hidden; });
}

void CheckIndividualNumber(IncomingHead& row) {
  if (row.individual_number && !row.individual_number->HasValidCheckDigit()) {
    row.AddFault(RowFault::kIndividualNumberInvalid, "individual_number");
  } else if (!row.individual_number) {
    row.AddFault(RowFault::kNoIndividualNumber, "individual_number");
  }
}

void AddFindings(const IncomingHead& row, int64_t chunk, int32_t index,
                 const std::string& reference, std::vector<Finding>& findings) {
  for (const FieldFault& fault : row.faults) {
    const RowFaultFacts& facts = FactsOf(fault.fault);
    findings.push_back(
        {chunk, index, reference, std::string(facts.reason), fault.field, facts.hidden});
  }
}

}  // namespace kakunin
