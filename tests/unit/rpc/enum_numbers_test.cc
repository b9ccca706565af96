#include <google/protobuf/generated_enum_reflection.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "domain/abnormal_times.h"
#include "domain/access_policy.h"
#include "domain/actor.h"
#include "domain/bulk_inquiry.h"
#include "domain/consent.h"
#include "domain/consent_state.h"
#include "domain/coverage.h"
#include "domain/person_repair.h"
#include "domain/retroactive_notice.h"
#include "domain/terminal_certificate.h"
#include "kakunin/v1/access_log_service.pb.h"
#include "kakunin/v1/bulk_service.pb.h"
#include "kakunin/v1/consent_service.pb.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "kakunin/v1/notice_service.pb.h"
#include "kakunin/v1/operations_service.pb.h"
#include "kakunin/v1/terminal_certificate_service.pb.h"
#include "kakunin/v1/types.pb.h"
#include "storage/feed_store.h"

namespace kakunin {
namespace {

// The border casts between the two by number: each list of names must be whole and in one order.
template <class Api>
void ExpectSame(std::initializer_list<int> domain, bool with_zero = false) {
  const auto* api = google::protobuf::GetEnumDescriptor<Api>();
  std::vector<int> numbers;
  for (int i = with_zero ? 0 : 1; i < api->value_count(); ++i) {
    numbers.push_back(api->value(i)->number());
  }
  EXPECT_EQ(numbers, std::vector<int>(domain)) << api->full_name();
}

template <class Value>
int N(Value value) {
  return static_cast<int>(value);
}

TEST(EnumNumbers, OfTerminalsCertificatesAreTheApis) {
  ExpectSame<v1::CertificateRequestState>(
      {N(CertificateRequestState::kSubmitted), N(CertificateRequestState::kApproved),
       N(CertificateRequestState::kRefused), N(CertificateRequestState::kDelivered)});
  ExpectSame<v1::CertificateRequestOrigin>(
      {N(CertificateRequestOrigin::kCode), N(CertificateRequestOrigin::kRenewal)});
  ExpectSame<v1::SuspensionReason>({N(SuspensionReason::kSuspicion), N(SuspensionReason::kMislaid),
                                    N(SuspensionReason::kMaintenance),
                                    N(SuspensionReason::kFacilityRequest)});
}

TEST(EnumNumbers, DomainEqualsApi) {
  ExpectSame<v1::Validity>({N(Validity::kValid), N(Validity::kInvalid),
                            N(Validity::kInvalidNewerExists), N(Validity::kNotFound),
                            N(Validity::kSeveralFound), N(Validity::kValidUnregistered)});
  ExpectSame<v1::FormOfCare>({N(FormOfCare::kOutpatient), N(FormOfCare::kHomeVisit),
                              N(FormOfCare::kOnlineCare), N(FormOfCare::kEmergency)});
  ExpectSame<v1::Sex>({N(Sex::kUnspecified), N(Sex::kMale), N(Sex::kFemale), N(Sex::kNotSet)},
                      /*with_zero=*/true);
  ExpectSame<v1::CardClassification>(
      {N(CardClassification::kGeneral), N(CardClassification::kRetired),
       N(CardClassification::kShortTermGeneral), N(CardClassification::kShortTermRetired),
       N(CardClassification::kSpecialMedicalExpense), N(CardClassification::kSpecialRetired),
       N(CardClassification::kSelfDefence), N(CardClassification::kMedicalAid)});
  ExpectSame<v1::ConsentKind>({N(ConsentKind::kDrug), N(ConsentKind::kTreatment),
                               N(ConsentKind::kSurgery), N(ConsentKind::kHealthCheck),
                               N(ConsentKind::kLimitCertificate),
                               N(ConsentKind::kSpecificDiseaseCertificate)});
  ExpectSame<v1::PersonRepairKind>(
      {N(RepairKind::kMerge), N(RepairKind::kSplit), N(RepairKind::kReplaceNumber)});
  ExpectSame<v1::PersonRepairState>(
      {N(RepairState::kProposed), N(RepairState::kApplied), N(RepairState::kWithdrawn)});
  ExpectSame<v1::HeldKind>({N(HeldKind::kNumber), N(HeldKind::kCoverage), N(HeldKind::kCard),
                            N(HeldKind::kConsent), N(HeldKind::kConsentEnd), N(HeldKind::kReceipt),
                            N(HeldKind::kHealthCheck), N(HeldKind::kReferenceNumber)});
  ExpectSame<v1::MoveEffect>(
      {N(MoveEffect::kMove), N(MoveEffect::kCopy), N(MoveEffect::kEnd), N(MoveEffect::kAdd)});
  ExpectSame<v1::ConsentMethod>(
      {N(ConsentMethod::kCard), N(ConsentMethod::kOral), N(ConsentMethod::kCardInGrace)});
  ExpectSame<v1::ConsentStanding>(
      {N(ConsentStanding::kNeverGiven), N(ConsentStanding::kRunning), N(ConsentStanding::kDeclined),
       N(ConsentStanding::kExpired), N(ConsentStanding::kRevokedByFacility),
       N(ConsentStanding::kRevokedByPatient), N(ConsentStanding::kChangeOfUse)});
  ExpectSame<v1::ConsentEndReason>({N(ConsentEndReason::kRevokedByFacility),
                                    N(ConsentEndReason::kRevokedByPatient),
                                    N(ConsentEndReason::kChangeOfUse)});
  ExpectSame<v1::Decision>({N(Decision::kAgreed), N(Decision::kDeclined), N(Decision::kNotAsked)});
}

TEST(EnumNumbers, AbnormalTimesEqualApi) {
  // Normal times are told as nothing.
  ExpectSame<v1::Situation>(
      {N(Situation::kDisaster), N(Situation::kSystemFailure), N(Situation::kEmergency)});
  ExpectSame<v1::OralConsent>({N(OralConsent::kGiven), N(OralConsent::kNotObtained)});
  ExpectSame<v1::NoConsentReason>({N(NoConsentReason::kUnconscious),
                                   N(NoConsentReason::kCannotCommunicate),
                                   N(NoConsentReason::kFamilyAbsent), N(NoConsentReason::kMinor)});
}

TEST(EnumNumbers, AccessesEqualApi) {
  constexpr int kConfirm = 1;  // told while the operation is not known
  using enum Operation;
  ExpectSame<v1::AccessOperation>({kConfirm,
                                   N(kBeginCardAuthentication),
                                   N(kConfirmByCard),
                                   N(kConfirmByInsuredNumber),
                                   N(kGetDrugHistory),
                                   N(kGetTreatmentHistory),
                                   N(kGetHealthChecks),
                                   N(kGetCertificates),
                                   N(kListConsents),
                                   N(kRevokeConsent),
                                   N(kCheckConsentEnd),
                                   N(kExplainDecision),
                                   N(kListFacilityAccess),
                                   N(kListPatientAccess),
                                   N(kListNotices),
                                   N(kAcknowledgeNotices),
                                   N(kWatchNotices),
                                   N(kSubmitBulkInquiry),
                                   N(kGetBulkInquiry),
                                   N(kStreamBulkResults),
                                   N(kCancelBulkInquiry),
                                   N(kDeleteBulkInquiry),
                                   N(kCreateReceptionLink),
                                   N(kListReceptionLinks),
                                   N(kRenewReceptionLink),
                                   N(kRevokeReceptionLink),
                                   N(kConfirmInBulk),
                                   N(kChangeReferenceNumbers),
                                   N(kBatchChangeReferenceNumbers),
                                   N(kListReferenceNumbers),
                                   N(kListConsentedPatients),
                                   N(kConfirmConsented),
                                   N(kListConfirmations),
                                   N(kNameReceptionApp),
                                   N(kListNamedReceptionApps),
                                   N(kListAbnormalTimes),
                                   N(kSearchPatient),
                                   N(kOpenEmergencyView),
                                   N(kConfirmInAbnormalTimes)});
  ExpectSame<v1::UserRole>({N(Role::kGeneral), N(Role::kAdministrator), N(Role::kDoctor),
                            N(Role::kDentist), N(Role::kPharmacist), N(Role::kOtherQualified)});
}

TEST(EnumNumbers, NoticesEqualApi) {
  using enum NoticePart;
  ExpectSame<v1::NoticeKind>({N(NoticeKind::kAnswerChanged), N(NoticeKind::kAnswerTakenBack),
                              N(NoticeKind::kPersonRepaired), N(NoticeKind::kOtherPersonShown)});
  ExpectSame<v1::NoticePart>({N(kValidity), N(kInsurer), N(kSymbolAndNumber), N(kPeriod),
                              N(kClassification), N(kCopayRatio), N(kLimitClass),
                              N(kSpecificDisease), N(kEligibilityShown), N(kRecordsShown)});
}

TEST(EnumNumbers, BulkInquiriesEqualApi) {
  ExpectSame<v1::BulkState>({N(BulkState::kReceiving), N(BulkState::kRunning), N(BulkState::kDone),
                             N(BulkState::kCancelled), N(BulkState::kStopped)});
  ExpectSame<v1::BulkChange>(
      {N(BulkChange::kFirstTime), N(BulkChange::kSame), N(BulkChange::kChanged)});
}

TEST(EnumNumbers, RegistryEqualsApi) {
  ExpectSame<v1::FacilityType>({N(FacilityType::kHospital), N(FacilityType::kClinic),
                                N(FacilityType::kDental), N(FacilityType::kPharmacy),
                                N(FacilityType::kHomeNursing)});
  ExpectSame<v1::TerminalKind>({N(TerminalKind::kDesk), N(TerminalKind::kViewing),
                                N(TerminalKind::kMobile), N(TerminalKind::kRestricted)});
}

TEST(EnumNumbers, FeedEqualsApi) {
  ExpectSame<v1::DrugSource>(
      {N(DrugSource::kReceipt), N(DrugSource::kDispensing), N(DrugSource::kPrescription)});
  ExpectSame<v1::ReceiptKind>({N(ReceiptKind::kInpatient), N(ReceiptKind::kOutpatient),
                               N(ReceiptKind::kDental), N(ReceiptKind::kDispensing)});
  ExpectSame<v1::FeedKind>({N(FeedKind::kCoverages), N(FeedKind::kReceipts),
                            N(FeedKind::kHealthChecks), N(FeedKind::kElderlyRecipientCertificates),
                            N(FeedKind::kLimitCertificates),
                            N(FeedKind::kSpecificDiseaseCertificates), N(FeedKind::kCardLinks)});
  ExpectSame<v1::FeedState>({N(FeedState::kOpen), N(FeedState::kSealed), N(FeedState::kQuarantined),
                             N(FeedState::kPublished), N(FeedState::kCancelled),
                             N(FeedState::kUndone)});
  ExpectSame<v1::RowAction>({N(RowAction::kNew), N(RowAction::kChanged), N(RowAction::kLost)});
}

}  // namespace
}  // namespace kakunin
