#pragma once

#include "storage/terminal_certificate_store.h"

namespace kakunin {

// PostgresTerminalCertificateStore is used with the roles kakunin_onboarding, kakunin_terminal and
// kakunin_operator.
class PostgresTerminalCertificateStore final : public TerminalCertificateStore {
 public:
  absl::Status PutCode(Transaction& tx, const EnrolmentCode& code) override;
  absl::StatusOr<std::optional<EnrolmentCode>> HoldCode(Transaction& tx,
                                                        std::string_view code_id) override;
  absl::Status CountWrongTry(Transaction& tx, std::string_view code_id) override;
  absl::Status UseCode(Transaction& tx, std::string_view code_id,
                       const CertificateRequestId& request, absl::Time at) override;
  absl::StatusOr<bool> TakeKey(Transaction& tx, const Digest32& key_fingerprint,
                               absl::Time at) override;
  absl::Status PutRequest(Transaction& tx, const CertificateRequest& request) override;
  absl::StatusOr<std::optional<CertificateRequest>> FindRequest(
      Transaction& tx, const CertificateRequestId& id) override;
  absl::StatusOr<std::optional<CertificateRequest>> HoldRequest(
      Transaction& tx, const CertificateRequestId& id) override;
  absl::Status UpdateRequest(Transaction& tx, const CertificateRequest& request) override;
  absl::StatusOr<std::vector<CertificateRequest>> ListRequests(
      Transaction& tx, const CertificateRequestRange& range) override;
  absl::StatusOr<std::optional<CertificateRequest>> LastRenewal(
      Transaction& tx, const std::string& facility_code, const std::string& terminal_id) override;
};

}  // namespace kakunin
