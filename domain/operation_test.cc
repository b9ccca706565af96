#include "domain/operation_test.h"

namespace kakunin {
namespace {

using enum OperationTestItem;

constexpr uint32_t BitOf(OperationTestItem item) { return 1U << (static_cast<int>(item) - 1); }

}  // namespace

std::optional<OperationTestItem> ItemTickedBy(Operation operation) {
  switch (operation) {
    case Operation::kConfirmByCard:
      return kCard;
    case Operation::kConfirmByInsuredNumber:
      return kNumber;
    case Operation::kGetDrugHistory:
      return kDrugs;
    case Operation::kGetHealthChecks:
      return kHealthChecks;
    case Operation::kStreamBulkResults:
      return kBulk;
    case Operation::kChangeReferenceNumbers:
    case Operation::kBatchChangeReferenceNumbers:
      return kReferenceNumber;
    case Operation::kCreateReceptionLink:
      return kUrl;
    default:
      return std::nullopt;
  }
}

bool OfferedInOperationTest(Operation operation) {
  switch (operation) {
    case Operation::kHealthCheck:
    case Operation::kReflection:
    case Operation::kBeginCardAuthentication:
    case Operation::kConfirmByCard:
    case Operation::kConfirmByInsuredNumber:
    case Operation::kGetDrugHistory:
    case Operation::kGetTreatmentHistory:
    case Operation::kGetHealthChecks:
    case Operation::kGetCertificates:
    case Operation::kListConsents:
    case Operation::kRevokeConsent:
    case Operation::kCheckConsentEnd:
    case Operation::kExplainDecision:
    case Operation::kListFacilityAccess:
    case Operation::kListPatientAccess:
    case Operation::kListNotices:
    case Operation::kAcknowledgeNotices:
    case Operation::kWatchNotices:
    case Operation::kListConsentedPatients:
    case Operation::kListConfirmations:
    case Operation::kSubmitBulkInquiry:
    case Operation::kGetBulkInquiry:
    case Operation::kStreamBulkResults:
    case Operation::kCancelBulkInquiry:
    case Operation::kDeleteBulkInquiry:
    case Operation::kChangeReferenceNumbers:
    case Operation::kBatchChangeReferenceNumbers:
    case Operation::kListReferenceNumbers:
    case Operation::kCreateReceptionLink:
    case Operation::kListReceptionLinks:
    case Operation::kRenewReceptionLink:
    case Operation::kRevokeReceptionLink:
    case Operation::kNameReceptionApp:
    case Operation::kListNamedReceptionApps:
    case Operation::kListAbnormalTimes:
    case Operation::kSearchPatient:
    case Operation::kOpenEmergencyView:
    case Operation::kRenewCertificate:
    case Operation::kGetRenewedCertificate:
    case Operation::kLogIn:
    case Operation::kLogOut:
    case Operation::kChangePassword:
    case Operation::kCreateAccount:
    case Operation::kResetPassword:
    case Operation::kLockAccount:
    case Operation::kUnlockAccount:
    case Operation::kDisableAccount:
    case Operation::kListAccounts:
    case Operation::kGetFacilitySettings:
    case Operation::kUpdateFacilitySettings:
    case Operation::kListFacilitySettingsChanges:
      return true;
    default:
      return false;
  }
}

bool NeedsItem(IntroductionType type, OperationTestItem item) {
  return type == IntroductionType::kFull || item == kCard || item == kNumber;
}

bool OperationTestChecklist::Tick(Operation operation) {
  const std::optional<OperationTestItem> item = ItemTickedBy(operation);
  if (!item || IsTicked(*item)) return false;
  bits_ |= BitOf(*item);
  return true;
}

bool OperationTestChecklist::IsTicked(OperationTestItem item) const {
  return (bits_ & BitOf(item)) != 0;
}

std::vector<OperationTestItem> OperationTestChecklist::Missing(IntroductionType type) const {
  std::vector<OperationTestItem> missing;
  for (int number = 1; number <= kOperationTestItems; ++number) {
    const auto item = static_cast<OperationTestItem>(number);
    if (NeedsItem(type, item) && !IsTicked(item)) missing.push_back(item);
  }
  return missing;
}

std::string_view NameOf(OperationTestItem item) {
  constexpr std::string_view kNames[kOperationTestItems] = {"カードによる資格確認",
                                                            "記号・番号による資格確認",
                                                            "薬剤情報の閲覧",
                                                            "特定健診情報の閲覧",
                                                            "一括照会",
                                                            "照会番号の登録",
                                                            "受付用URLの作成"};
  return kNames[static_cast<size_t>(item) - 1];
}

std::string_view KeyOf(OperationTestItem item) {
  constexpr std::string_view kKeys[kOperationTestItems] = {
      "card", "number", "drugs", "health-checks", "bulk", "reference-number", "url"};
  return kKeys[static_cast<size_t>(item) - 1];
}

}  // namespace kakunin
