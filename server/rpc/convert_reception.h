#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/usecases/reception.h"

namespace kakunin {

// The border of kakunin.v1.ReceptionService, which is served as JSON over HTTP in the shape of the
// Connect protocol: JSON in, JSON out, so that the web door knows no protobuf. Each Read returns
// INVALID_FIELDS with all violations at once; a body that is no JSON of its message is one.

absl::Status ReadOpenReception(std::string_view json, std::string& token);
absl::Status ReadBeginReceptionAct(std::string_view json, CardPurpose& purpose);

// CardProofOctets is what a card reader handed over; it outlives what views it.
struct CardProofOctets {
  ChallengeId challenge;
  std::string certificate;
  std::string signature;
  HolderVerification holder_verification = HolderVerification::kPin;
};

// ConsentsToGive is one GiveConsents; `card` in it has no octets yet (CardQuestionOf).
struct ConsentsToGive {
  CardProofOctets proof;
  ConsentDecisions decisions;
  bool assisted = false;
  RequestId request_id;
};
absl::Status ReadGiveConsents(std::string_view json, ConsentsToGive& wanted);
absl::Status ReadListOwnConsents(std::string_view json, CardProofOctets& proof);
absl::Status ReadWithdrawConsents(std::string_view json, CardProofOctets& proof);
absl::Status ReadListOwnAccesses(std::string_view json, CardProofOctets& proof);

// CardQuestionOf and CardActOf view `wanted` and `proof`.
CardQuestion CardQuestionOf(const ConsentsToGive& wanted);
CardAct CardActOf(const CardProofOctets& proof, const ReceptionVisit& visit);

// OpenedSession is what one who opened a link holds: a browser the CSRF token, beside its cookie,
// an app the session itself.
struct OpenedSession {
  std::string csrf_token;
  std::string session;
  absl::Time end;
};
std::string WriteOpenReception(const FoundLink& link, const OpenedSession& opened);
std::string WriteBeginReceptionAct(const Issued& issued);
std::string WriteGiveConsents(const Confirmed& confirmed, const FoundLink& link);
std::string WriteListOwnConsents(const OwnConsents& own);
std::string WriteWithdrawConsents(const OwnConsents& own);
// WriteListOwnAccesses tells who, when, at what and whether anything was shown; nothing of what.
std::string WriteListOwnAccesses(const OwnAccesses& own);

// WebError is an error as Connect writes it: an HTTP status and a JSON body with the code, the
// reason, a google.rpc.ErrorInfo and a ja-JP sentence for the patient
// (domain/reception_sentence.h).
struct WebError {
  int http_status = 500;
  std::string json;
};
WebError WriteReceptionError(const absl::Status& status);

}  // namespace kakunin
