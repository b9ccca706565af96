#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auth/certificate_request.h"
#include "auth/digest.h"
#include "domain/audit_record.h"
#include "storage/registry_store.h"
#include "storage/terminal_certificate_store.h"

namespace kakunin {

// EnrolmentReceipt is what whoever submitted a request keeps: its id and a MAC over that, so that
// it is known without being stored, and nobody can make one up.
std::string WriteEnrolmentReceipt(const CertificateRequestId& id, const auth::HmacKey& key);
// ReadEnrolmentReceipt is the id; empty: it is none of ours.
std::optional<CertificateRequestId> ReadEnrolmentReceipt(std::string_view receipt,
                                                         const auth::HmacKey& key);

// EnrolmentSecretHash is what is stored of a code's secret.
Digest32 EnrolmentSecretHash(const EnrolmentCodeText& code, const auth::HmacKey& key);

// RefusalOf is the reason under which a caller is told what is wrong with his request.
Reason RefusalOf(auth::RequestFault fault);

// SubmittedRequest is what a terminal is told of a request that was taken.
struct SubmittedRequest {
  std::string receipt;
  CertificateRequest request;
  AuditId audit_id;
};

// EnrolledCertificate is how a request stands.
struct EnrolledCertificate {
  CertificateRequest request;
  AuditId audit_id;
};

// EnrolTerminal gives terminals their first certificate, by the codes that operators issued. Every
// call is audited, refused or not, in its transaction. Thread-safe.
class EnrolTerminal {
 public:
  // All references outlive the object. `key` hides codes' secrets and makes receipts.
  EnrolTerminal(Database& database, RegistryStore& registry, TerminalCertificateStore& store,
                const auth::HmacKey& key)
      : database_(database), registry_(registry), store_(store), key_(key) {}

  // Submit uses the code up for one request (PKCS#10, PEM); the same again gives the same receipt.
  // ENROLMENT_CODE_REFUSED for a code that is none, mistyped, or was so too often;
  // ENROLMENT_CODE_EXPIRED and ENROLMENT_CODE_USED to whom knows its secret, and
  // ENROLMENT_CODE_OVERTAKEN when its terminal was revoked or suspended since it was issued, or its
  // facility serves no more; a reason each for what
  // is wrong with the request, which leaves the code as it was; or a StoreError. `record` is the
  // audit row as far as the door knows it.
  absl::StatusOr<SubmittedRequest> Submit(const AuditRecord& record, std::string_view code,
                                          std::string_view request_pem, MonotonicTime deadline);

  // Get tells how the request of a receipt stands. ENROLMENT_RECEIPT_REFUSED, or a StoreError.
  absl::StatusOr<EnrolledCertificate> Get(const AuditRecord& record, std::string_view receipt,
                                          MonotonicTime deadline);

 private:
  absl::StatusOr<std::optional<Reason>> TrySubmit(Transaction& tx, AuditRecord& record,
                                                  const std::optional<EnrolmentCodeText>& code,
                                                  const auth::CheckedRequest& checked,
                                                  CertificateRequest& request);

  Database& database_;
  RegistryStore& registry_;
  TerminalCertificateStore& store_;
  const auth::HmacKey& key_;
};

}  // namespace kakunin
