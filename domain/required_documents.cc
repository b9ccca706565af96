#include "domain/required_documents.h"

#include <algorithm>

namespace kakunin {
namespace {

using enum JoiningPaper;

constexpr std::string_view kBrochure = "seed 001";

constexpr RequiredDocument kDocuments[] = {
    {kReaderOrder, "account", "ポータルサイトのアカウント", false, "seed 000"},
    {kReaderOrder, "product", "希望する製品（3社から選択）", false, kBrochure},
    {kUseApplication, "account", "ポータルサイトのアカウント", false, "seeds 000, 004"},
    {kUseApplication, "line-kind",
     "電気通信回線種別（IP-VPN接続方式・IPsec+IKE接続方式のいずれか）", false, kBrochure},
    {kUseApplication, "customer-id", "お客様ID（IP-VPN接続方式でNTT回線利用の場合）", false,
     kBrochure},
    {kUseApplication, "start-month", "オンライン資格確認の利用開始予定年月", false, kBrochure},
    {kUseApplication, "test-month", "運用テスト開始予定年月（決定している場合）", false, kBrochure},
    {kCertificateApplication, "use-application", "オンライン資格確認利用申請の完了", false,
     kBrochure},
    {kCertificateApplication, "terminals", "接続するパソコンの台数（1台ごとに電子証明書が必要）",
     false, kBrochure},
    {kSubsidyOutpatient, "receipt", "領収書（写）", true, kBrochure},
    {kSubsidyOutpatient, "receipt-details", "領収書内訳書（写）", true, kBrochure},
    {kSubsidyOutpatient, "completion-report", "オンライン資格確認等事業完了報告書", true,
     kBrochure},
    {kSubsidyOnlineCare, "receipt", "領収書", true, "seed 002 (必要書類（領収書等）)"},
};

}  // namespace

std::span<const RequiredDocument> AllRequiredDocuments() { return kDocuments; }

std::vector<RequiredDocument> RequiredDocuments(JoiningPaper paper) {
  std::vector<RequiredDocument> documents;
  std::ranges::copy_if(kDocuments, std::back_inserter(documents),
                       [paper](const RequiredDocument& one) { return one.paper == paper; });
  return documents;
}

bool IsChecklistStated(JoiningPaper paper) {
  return std::ranges::any_of(kDocuments,
                             [paper](const RequiredDocument& one) { return one.paper == paper; });
}

JoiningPaper PaperOf(SubsidyMeasure measure) {
  switch (measure) {
    case SubsidyMeasure::kOutpatientSystem:
      return kSubsidyOutpatient;
    case SubsidyMeasure::kOnlineCare:
      return kSubsidyOnlineCare;
    case SubsidyMeasure::kHomeVisits:
      return kSubsidyHomeVisits;
    case SubsidyMeasure::kRestrictedType:
      return kSubsidyRestricted;
  }
  return kSubsidyOutpatient;
}

std::string_view NameOf(JoiningPaper paper) {
  constexpr std::string_view kNames[kJoiningPapers] = {"アカウント登録",
                                                       "顔認証付きカードリーダー申込",
                                                       "オンライン資格確認利用申請",
                                                       "電子証明書発行申請",
                                                       "訪問診療等・オンライン診療等の追加",
                                                       "廃止・休止の届出",
                                                       "承継の届出",
                                                       "補助金申請（外来のシステム整備）",
                                                       "補助金申請（オンライン診療等）",
                                                       "補助金申請（訪問診療等）",
                                                       "補助金申請（資格確認限定型）"};
  return kNames[static_cast<size_t>(paper) - 1];
}

std::vector<RequiredDocument> MissingDocuments(JoiningPaper paper,
                                               const std::vector<std::string>& attached) {
  std::vector<RequiredDocument> missing = RequiredDocuments(paper);
  std::erase_if(missing, [&](const RequiredDocument& one) {
    return !one.attached || std::ranges::find(attached, one.key) != attached.end();
  });
  return missing;
}

}  // namespace kakunin
