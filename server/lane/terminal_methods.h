#pragma once

#include "kakunin/v1/access_log_service.grpc.pb.h"
#include "kakunin/v1/consent_service.grpc.pb.h"
#include "kakunin/v1/eligibility_service.grpc.pb.h"
#include "kakunin/v1/record_service.grpc.pb.h"
#include "server/lane/lane.h"
#include "server/rpc/health_rpc.h"

namespace kakunin {

// EligibilityRpc is the generated service with every method raw: lanes read and write serialised
// messages.
class EligibilityRpc final : public v1::EligibilityService::WithRawMethod_BeginCardAuthentication<
                                 v1::EligibilityService::WithRawMethod_ConfirmByCard<
                                     v1::EligibilityService::WithRawMethod_ConfirmByInsuredNumber<
                                         v1::EligibilityService::Service>>> {};

inline constexpr char kBeginMethod[] = "/kakunin.v1.EligibilityService/BeginCardAuthentication";
inline constexpr char kByCardMethod[] = "/kakunin.v1.EligibilityService/ConfirmByCard";
inline constexpr char kByNumberMethod[] = "/kakunin.v1.EligibilityService/ConfirmByInsuredNumber";

// AddTerminalMethods arms the methods of the terminal port on a lane; both services outlive it.
inline void AddTerminalMethods(EligibilityRpc& eligibility, HealthRpc& health, Lane& lane) {
  lane.Serve(kBeginMethod, [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
    eligibility.RequestBeginCardAuthentication(context, request, writer, queue, queue, tag);
  });
  lane.Serve(kByCardMethod,
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               eligibility.RequestConfirmByCard(context, request, writer, queue, queue, tag);
             });
  lane.Serve(
      kByNumberMethod, [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
        eligibility.RequestConfirmByInsuredNumber(context, request, writer, queue, queue, tag);
      });
  lane.Serve(kHealthCheckMethod,
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               health.RequestCheck(context, request, writer, queue, queue, tag);
             });
}

// RecordRpc is RecordService with every method raw.
class RecordRpc final
    : public v1::RecordService::WithRawMethod_GetDrugHistory<
          v1::RecordService::WithRawMethod_GetTreatmentHistory<
              v1::RecordService::WithRawMethod_GetHealthChecks<
                  v1::RecordService::WithRawMethod_GetCertificates<v1::RecordService::Service>>>> {
};

// AddRecordMethods arms the methods of a record lane; the service outlives it.
inline void AddRecordMethods(RecordRpc& records, Lane& lane) {
  lane.Serve("/kakunin.v1.RecordService/GetDrugHistory",
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               records.RequestGetDrugHistory(context, request, writer, queue, queue, tag);
             });
  lane.Serve("/kakunin.v1.RecordService/GetTreatmentHistory",
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               records.RequestGetTreatmentHistory(context, request, writer, queue, queue, tag);
             });
  lane.Serve("/kakunin.v1.RecordService/GetHealthChecks",
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               records.RequestGetHealthChecks(context, request, writer, queue, queue, tag);
             });
  lane.Serve("/kakunin.v1.RecordService/GetCertificates",
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               records.RequestGetCertificates(context, request, writer, queue, queue, tag);
             });
}

// ConsentRpc is ConsentService with every method raw.
class ConsentRpc final : public v1::ConsentService::WithRawMethod_ListConsents<
                             v1::ConsentService::WithRawMethod_RevokeConsent<
                                 v1::ConsentService::WithRawMethod_CheckConsentEnd<
                                     v1::ConsentService::WithRawMethod_ExplainDecision<
                                         v1::ConsentService::Service>>>> {};

// AddConsentMethods arms them on a record lane, too; the service outlives it.
inline void AddConsentMethods(ConsentRpc& consents, Lane& lane) {
  lane.Serve("/kakunin.v1.ConsentService/ListConsents",
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               consents.RequestListConsents(context, request, writer, queue, queue, tag);
             });
  lane.Serve("/kakunin.v1.ConsentService/RevokeConsent",
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               consents.RequestRevokeConsent(context, request, writer, queue, queue, tag);
             });
  lane.Serve("/kakunin.v1.ConsentService/CheckConsentEnd",
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               consents.RequestCheckConsentEnd(context, request, writer, queue, queue, tag);
             });
  lane.Serve("/kakunin.v1.ConsentService/ExplainDecision",
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               consents.RequestExplainDecision(context, request, writer, queue, queue, tag);
             });
}

// AccessLogRpc is AccessLogService with every method raw.
class AccessLogRpc final
    : public v1::AccessLogService::WithRawMethod_ListFacilityAccess<
          v1::AccessLogService::WithRawMethod_ListPatientAccess<v1::AccessLogService::Service>> {};

// AddAccessLogMethods arms the methods of AccessLogService on a record lane; the service outlives
// it.
inline void AddAccessLogMethods(AccessLogRpc& accesses, Lane& lane) {
  lane.Serve("/kakunin.v1.AccessLogService/ListFacilityAccess",
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               accesses.RequestListFacilityAccess(context, request, writer, queue, queue, tag);
             });
  lane.Serve("/kakunin.v1.AccessLogService/ListPatientAccess",
             [&](auto* context, auto* request, auto* writer, auto* queue, void* tag) {
               accesses.RequestListPatientAccess(context, request, writer, queue, queue, tag);
             });
}

}  // namespace kakunin
