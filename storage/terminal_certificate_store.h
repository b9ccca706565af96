#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/enrolment_code.h"
#include "domain/terminal_certificate.h"
#include "storage/database.h"

namespace kakunin {

// CertificateRequestRange is one page of requests, the first submitted first.
struct CertificateRequestRange {
  std::vector<CertificateRequestState> states;
  // The last of the page before; empty: from the first on.
  std::optional<absl::Time> after_submitted;
  CertificateRequestId after_id;
  int limit = 100;
};

// TerminalCertificateStore keeps codes, requests and the keys that were ever asked for. The
// onboarding role holds codes, it and the terminals' put requests, the operators' issues codes and
// decides. Results are a StoreError when they fail. Thread-safe.
class TerminalCertificateStore {
 public:
  virtual ~TerminalCertificateStore() = default;

  virtual absl::Status PutCode(Transaction& tx, const EnrolmentCode& code) = 0;
  // HoldCode reads a code and holds it until the end of the transaction; empty: there is none.
  virtual absl::StatusOr<std::optional<EnrolmentCode>> HoldCode(Transaction& tx,
                                                                std::string_view code_id) = 0;
  // CountWrongTry counts one more on a code, and does as much where there is none.
  virtual absl::Status CountWrongTry(Transaction& tx, std::string_view code_id) = 0;
  virtual absl::Status UseCode(Transaction& tx, std::string_view code_id,
                               const CertificateRequestId& request, absl::Time at) = 0;

  // TakeKey remembers a key for ever; false: it was remembered before.
  virtual absl::StatusOr<bool> TakeKey(Transaction& tx, const Digest32& key_fingerprint,
                                       absl::Time at) = 0;

  // PutRequest adds a request.
  virtual absl::Status PutRequest(Transaction& tx, const CertificateRequest& request) = 0;
  virtual absl::StatusOr<std::optional<CertificateRequest>> FindRequest(
      Transaction& tx, const CertificateRequestId& id) = 0;
  // HoldRequest is FindRequest that holds the request until the end of the transaction.
  virtual absl::StatusOr<std::optional<CertificateRequest>> HoldRequest(
      Transaction& tx, const CertificateRequestId& id) = 0;
  // UpdateRequest stores state, decision and delivery.
  virtual absl::Status UpdateRequest(Transaction& tx, const CertificateRequest& request) = 0;
  virtual absl::StatusOr<std::vector<CertificateRequest>> ListRequests(
      Transaction& tx, const CertificateRequestRange& range) = 0;
  // LastRenewal is the renewal that a terminal asked for last; empty: it never did.
  virtual absl::StatusOr<std::optional<CertificateRequest>> LastRenewal(
      Transaction& tx, const std::string& facility_code, const std::string& terminal_id) = 0;
};

}  // namespace kakunin
