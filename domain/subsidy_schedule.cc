#include "domain/subsidy_schedule.h"

#include <array>

namespace kakunin {
namespace {

using enum SubsidyClass;
using enum SubsidySchedule;
using enum GoverningDay;

constexpr absl::CivilDay kEver = absl::CivilDay::min();
constexpr absl::CivilDay kOpen = absl::CivilDay::max();

constexpr SubsidyRate kHalf{1, 2};
constexpr SubsidyRate kThreeQuarters{3, 4};
constexpr SubsidyRate kWhole{1, 1};

constexpr auto kOutpatient = SubsidyMeasure::kOutpatientSystem;
constexpr auto kOnline = SubsidyMeasure::kOnlineCare;
constexpr auto kHome = SubsidyMeasure::kHomeVisits;
constexpr auto kDocument = SubsidyBasis::kSourceDocument;
constexpr auto kPage = SubsidyBasis::kPublicPage;
constexpr std::nullopt_t kNotStatedHere = std::nullopt;

constexpr absl::CivilDay kFirstReducedDay = kLastFullCostDay + 1;
constexpr absl::CivilDay kOnlineFrom(2023, 11, 1);
constexpr absl::CivilDay kRaisedFrom(2022, 6, 7);
constexpr absl::CivilDay kRaisedTo(2023, 1, 1);
constexpr absl::CivilDay kHomeFrom(2024, 1, 1);

constexpr std::string_view kReduced = "顔認証付きカードリーダーの申込が令和3年4月1日以降";
constexpr std::string_view kEarly = "顔認証付きカードリーダーの申込が令和3年3月31日まで";
constexpr std::string_view kOnlineWork =
    "居宅同意取得型（オンライン診療等）のためのレセプトコンピュータの改修";
constexpr std::string_view kRaised =
    "顔認証付きカードリーダーの申込が令和4年6月7日から12月31日まで";
constexpr std::string_view kHomeWork = "訪問診療等のためのモバイル端末とレセプトコンピュータの改修";
constexpr std::string_view kS1Source = "seed 003 (3), seed 000 (5)";
constexpr std::string_view kS2Source = "seed 001 (補助上限表)";
constexpr std::string_view kS3Source = "seed 002";
constexpr std::string_view kS4Source = "seed 004";
constexpr std::string_view kS5Source = "subsidies.md 11: jmedj.co.jp, 2022-08-10";
constexpr std::string_view kS6Source = "subsidies.md 11: ministry slide, 2024-09-30";

// That the amounts of S2 include the tax is not stated; its ceilings are those of S1.
constexpr std::array kRows = {
    SubsidyRow{kS1, kOutpatient, kHospital, 1, 2'101'000, kHalf, 1'050'000, kReaderApplication,
               kFirstReducedDay, kOpen, true, kDocument, kReduced, kS1Source},
    SubsidyRow{kS1, kOutpatient, kHospital, 2, 2'002'000, kHalf, 1'001'000, kReaderApplication,
               kFirstReducedDay, kOpen, true, kDocument, kReduced, kS1Source},
    SubsidyRow{kS1, kOutpatient, kHospital, 3, 1'903'000, kHalf, 951'000, kReaderApplication,
               kFirstReducedDay, kOpen, true, kDocument, kReduced, kS1Source},
    SubsidyRow{kS1, kOutpatient, kLargeChainPharmacy, 1, 429'000, kHalf, 214'000,
               kReaderApplication, kFirstReducedDay, kOpen, true, kDocument, kReduced, kS1Source},
    SubsidyRow{kS1, kOutpatient, kClinicOrPharmacy, 1, 429'000, kThreeQuarters, 321'000,
               kReaderApplication, kFirstReducedDay, kOpen, true, kDocument, kReduced, kS1Source},

    SubsidyRow{kS2, kOutpatient, kHospital, 1, 2'101'000, kWhole, kNotStatedHere,
               kReaderApplication, kEver, kFirstReducedDay, kNotStatedHere, kDocument, kEarly,
               kS2Source},
    SubsidyRow{kS2, kOutpatient, kHospital, 2, 2'002'000, kWhole, kNotStatedHere,
               kReaderApplication, kEver, kFirstReducedDay, kNotStatedHere, kDocument, kEarly,
               kS2Source},
    SubsidyRow{kS2, kOutpatient, kHospital, 3, 1'903'000, kWhole, kNotStatedHere,
               kReaderApplication, kEver, kFirstReducedDay, kNotStatedHere, kDocument, kEarly,
               kS2Source},
    SubsidyRow{kS2, kOutpatient, kLargeChainPharmacy, 1, 429'000, kWhole, kNotStatedHere,
               kReaderApplication, kEver, kFirstReducedDay, kNotStatedHere, kDocument, kEarly,
               kS2Source},
    SubsidyRow{kS2, kOutpatient, kClinicOrPharmacy, 1, 429'000, kWhole, kNotStatedHere,
               kReaderApplication, kEver, kFirstReducedDay, kNotStatedHere, kDocument, kEarly,
               kS2Source},

    SubsidyRow{kS3, kOnline, kHospital, kNotStatedHere, 781'000, kHalf, 390'000, kNotStated,
               kOnlineFrom, kOpen, kNotStatedHere, kDocument, kOnlineWork, kS3Source},
    SubsidyRow{kS3, kOnline, kLargeChainPharmacy, kNotStatedHere, 130'000, kHalf, 65'000,
               kNotStated, kOnlineFrom, kOpen, kNotStatedHere, kDocument, kOnlineWork, kS3Source},
    SubsidyRow{kS3, kOnline, kClinicOrPharmacy, kNotStatedHere, 130'000, kThreeQuarters, 97'000,
               kNotStated, kOnlineFrom, kOpen, kNotStatedHere, kDocument, kOnlineWork, kS3Source},

    SubsidyRow{kS4, SubsidyMeasure::kRestrictedType, kNotStatedHere, kNotStatedHere, kNotStatedHere,
               kThreeQuarters, 31'000, kSubsidyApplication, kEver, kRestrictedSubsidyDeadline + 1,
               kNotStatedHere, kDocument,
               "経過措置(2)・(4)・(6)の対象。補助金の申請が令和7年2月1日まで", kS4Source},

    // A hospital's doubled caps are told without the rate that leads to them.
    SubsidyRow{kS5, kOutpatient, kHospital, 1, kNotStatedHere, kNotStatedHere, 2'101'000,
               kReaderApplication, kRaisedFrom, kRaisedTo, kNotStatedHere, kPage, kRaised,
               kS5Source},
    SubsidyRow{kS5, kOutpatient, kHospital, 2, kNotStatedHere, kNotStatedHere, 2'002'000,
               kReaderApplication, kRaisedFrom, kRaisedTo, kNotStatedHere, kPage, kRaised,
               kS5Source},
    SubsidyRow{kS5, kOutpatient, kHospital, 3, kNotStatedHere, kNotStatedHere, 1'903'000,
               kReaderApplication, kRaisedFrom, kRaisedTo, kNotStatedHere, kPage, kRaised,
               kS5Source},
    SubsidyRow{kS5, kOutpatient, kClinicOrPharmacy, 1, 429'000, kWhole, kNotStatedHere,
               kReaderApplication, kRaisedFrom, kRaisedTo, kNotStatedHere, kPage, kRaised,
               kS5Source},

    SubsidyRow{kS6, kHome, kHospital, kNotStatedHere, 822'000, kHalf, 411'000, kNotStated,
               kHomeFrom, kOpen, kNotStatedHere, kPage, kHomeWork, kS6Source},
    SubsidyRow{kS6, kHome, kLargeChainPharmacy, kNotStatedHere, 171'000, kHalf, 85'000, kNotStated,
               kHomeFrom, kOpen, kNotStatedHere, kPage, kHomeWork, kS6Source},
    SubsidyRow{kS6, kHome, kClinicOrPharmacy, kNotStatedHere, 171'000, kThreeQuarters, 128'000,
               kNotStated, kHomeFrom, kOpen, kNotStatedHere, kPage, kHomeWork, kS6Source},
};

}  // namespace

std::span<const SubsidyRow> SubsidyTable() { return kRows; }

std::string_view NameOf(SubsidySchedule schedule) {
  constexpr std::string_view kNames[] = {"S1", "S2", "S3", "S4", "S5", "S6"};
  return kNames[static_cast<size_t>(schedule) - 1];
}

std::string_view NameOf(SubsidyMeasure measure) {
  switch (measure) {
    case SubsidyMeasure::kOutpatientSystem:
      return "オンライン資格確認のシステム整備";
    case SubsidyMeasure::kOnlineCare:
      return "オンライン診療等への対応";
    case SubsidyMeasure::kHomeVisits:
      return "訪問診療等への対応";
    case SubsidyMeasure::kRestrictedType:
      return "資格確認限定型";
  }
  return "";
}

}  // namespace kakunin
