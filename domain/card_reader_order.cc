#include "domain/card_reader_order.h"

#include <fmt/format.h>

namespace kakunin {
namespace {

constexpr ReaderReimbursement kReimbursements[] = {
    {SubsidyClass::kHospital, 1, 99'000},         {SubsidyClass::kHospital, 2, 198'000},
    {SubsidyClass::kHospital, 3, 297'000},        {SubsidyClass::kLargeChainPharmacy, 1, 99'000},
    {SubsidyClass::kClinicOrPharmacy, 1, 99'000},
};

constexpr std::string_view kMakers[] = {"富士通Japan株式会社",
                                        "パナソニックシステムソリューションズジャパン株式会社",
                                        "株式会社アルメックス"};
constexpr std::string_view kMakerKeys[] = {"fujitsu-japan", "panasonic-system-solutions-japan",
                                           "almex"};

}  // namespace

std::string_view NameOf(CardReaderMaker maker) { return kMakers[static_cast<size_t>(maker) - 1]; }

std::string_view KeyOf(CardReaderMaker maker) { return kMakerKeys[static_cast<size_t>(maker) - 1]; }

int FreeReaders(FacilityType type) {
  switch (type) {
    case FacilityType::kHospital:
      return 3;
    case FacilityType::kClinic:
    case FacilityType::kDental:
    case FacilityType::kPharmacy:
      return 1;
    case FacilityType::kHomeNursing:
      return 0;
  }
  return 0;
}

std::vector<FieldViolation> CheckCardReaderOrder(const CardReaderOrder& order,
                                                 std::optional<FacilityType> type,
                                                 const std::optional<CardReaderOffer>& offer,
                                                 absl::CivilDay day) {
  std::vector<FieldViolation> violations;
  if (!offer) {
    violations.push_back(
        {"card_reader_order", "カードリーダーの申込は受け付けていません。申込を外してください。"});
  } else if (day < offer->from) {
    violations.push_back(
        {"card_reader_order",
         fmt::format("カードリーダーの申込は{}年{}月{}日からです。その日以降に申し込んでください。",
                     offer->from.year(), offer->from.month(), offer->from.day())});
  } else if (offer->last_day && day > *offer->last_day) {
    violations.push_back(
        {"card_reader_order",
         fmt::format("カードリーダーの申込は{}年{}月{}日で終わりました。申込を外してください。",
                     offer->last_day->year(), offer->last_day->month(), offer->last_day->day())});
  }
  if (!order.maker) {
    violations.push_back(
        {"card_reader_order.maker", "製品のメーカーを3社のうちから選んでください。"});
  }
  if (!order.units) {
    violations.push_back({"card_reader_order.units", "台数を入力してください。"});
  } else if (*order.units < 1) {
    violations.push_back({"card_reader_order.units", "1台以上を指定してください。"});
  } else if (type && *order.units > FreeReaders(*type)) {
    const int most = FreeReaders(*type);
    violations.push_back(
        {"card_reader_order.units",
         most == 0
             ? std::string("この種類の施設には無償提供がありません。申込を外してください。")
             : fmt::format("無償提供はこの種類の施設では{}台までです。台数を減らしてください。",
                           most)});
  }
  return violations;
}

std::span<const ReaderReimbursement> ReaderReimbursements() { return kReimbursements; }

}  // namespace kakunin
