#include "domain/precedence.h"

namespace kakunin {
namespace {

Precedence OfTerminals(Operation operation) {
  switch (operation) {
    case Operation::kRevokeConsent:
    case Operation::kLogOut:
    case Operation::kLockAccount:
    case Operation::kDisableAccount:
      return Precedence::kAlways;
    case Operation::kBeginCardAuthentication:
    case Operation::kConfirmByCard:
    case Operation::kConfirmByInsuredNumber:
    case Operation::kCheckConsentEnd:
      return Precedence::kDesk;
    case Operation::kSubmitBulkInquiry:
    case Operation::kGetBulkInquiry:
    case Operation::kStreamBulkResults:
    case Operation::kCancelBulkInquiry:
    case Operation::kDeleteBulkInquiry:
    case Operation::kBatchChangeReferenceNumbers:
    case Operation::kListConsentedPatients:
    case Operation::kListConfirmations:
    case Operation::kListFacilityAccess:
      return Precedence::kLists;
    default:
      return Precedence::kRecords;
  }
}

}  // namespace

Precedence PrecedenceOf(const MethodPolicy& method) {
  switch (method.port) {
    case Port::kTerminal:
      return OfTerminals(method.operation);
    case Port::kInsurer:
      return Precedence::kFeeds;
    default:
      return Precedence::kUncounted;
  }
}

}  // namespace kakunin
