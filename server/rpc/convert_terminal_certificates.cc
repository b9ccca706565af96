#include "server/rpc/convert_terminal_certificates.h"

#include <charconv>

#include "auth/issuance.h"
#include "auth/peer_certificate.h"
#include "auth/uuid.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_terminals.h"
#include "server/usecases/register_certificate.h"
#include "server/usecases/terminal_certificates.h"

namespace kakunin {
namespace {

constexpr int kDefaultPage = 100;
constexpr int kMostPage = 500;
constexpr char kBetween = '/';

void SetIssued(const CertificateRequest& request, v1::IssuedCertificate& out) {
  out.set_certificate_pem(auth::CertificatePem(request.certificate_der));
  out.set_issuer_pem(auth::CertificatePem(request.issuer_der));
  // It was read when it was delivered.
  const auto certificate = auth::ReadPeerCertificate(out.certificate_pem());
  if (!certificate.ok()) return;
  *out.mutable_not_before() = TimeToProto(certificate->not_before);
  *out.mutable_not_after() = TimeToProto(FirstInstantAfter(*certificate));
}

bool ReadToken(const std::string& token, CertificateRequestRange& range) {
  const size_t between = token.find(kBetween);
  if (between == std::string::npos) return false;
  int64_t micros = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + between, micros);
  const auto id = ParseUuid(std::string_view(token).substr(between + 1));
  if (error != std::errc() || end != token.data() + between || !id) return false;
  range.after_submitted = absl::FromUnixMicros(micros);
  range.after_id = CertificateRequestId{*id};
  return true;
}

}  // namespace

void SetCertificateRequest(const CertificateRequest& request, const std::string& trust_domain,
                           v1::CertificateRequest& out) {
  out.set_certificate_request_id(auth::UuidText(request.id.octets));
  out.set_origin(static_cast<v1::CertificateRequestOrigin>(request.origin));
  out.set_state(static_cast<v1::CertificateRequestState>(request.state));
  out.set_facility_code(request.facility_code);
  out.set_terminal_id(request.terminal_id);
  out.set_kind(static_cast<v1::TerminalKind>(request.kind));
  out.set_key_fingerprint(OctetsText(request.key_fingerprint));
  *out.mutable_submit_time() = TimeToProto(request.submitted);
  out.set_code_issued_by(request.code_issued_by);
  out.set_label(request.label);
  out.set_decided_by(request.decided_by);
  if (request.decided) *out.mutable_decide_time() = TimeToProto(*request.decided);
  out.set_delivered_by(request.delivered_by);
  if (request.delivered) *out.mutable_deliver_time() = TimeToProto(*request.delivered);
  if (request.state != CertificateRequestState::kApproved) return;
  out.set_certificate_request_der(request.request_der);
  if (!trust_domain.empty()) out.set_uri(auth::FormatPeerName(NameOf(request, trust_domain)));
}

CertificateRequestRange ReadRequestRange(FieldErrors& errors,
                                         const v1::ListCertificateRequestsRequest& request) {
  CertificateRequestRange range;
  range.limit = request.page_size() == 0 ? kDefaultPage : request.page_size();
  if (range.limit < 1 || range.limit > kMostPage) {
    errors.Add("page_size", "1から500までの数を指定してください。");
  }
  if (!request.page_token().empty() && !ReadToken(request.page_token(), range)) {
    errors.Add("page_token", kFieldMalformed);
  }
  const auto state = OptionalEnum<CertificateRequestState>(errors, "state", request.state());
  if (state) {
    range.states = {*state};
  } else {
    range.states = {CertificateRequestState::kSubmitted, CertificateRequestState::kApproved};
  }
  return range;
}

std::string RequestPageToken(const CertificateRequest& last) {
  return std::to_string(absl::ToUnixMicros(last.submitted)) + kBetween +
         auth::UuidText(last.id.octets);
}

void WriteSubmitted(const SubmittedRequest& submitted,
                    v1::SubmitCertificateRequestResponse& response) {
  response.set_receipt(submitted.receipt);
  response.set_facility_code(submitted.request.facility_code);
  response.set_terminal_id(submitted.request.terminal_id);
  response.set_key_fingerprint(OctetsText(submitted.request.key_fingerprint));
  response.set_audit_id(AuditIdText(submitted.audit_id));
}

void WriteEnrolled(const EnrolledCertificate& enrolled,
                   v1::GetEnrolledCertificateResponse& response) {
  response.set_state(static_cast<v1::CertificateRequestState>(enrolled.request.state));
  if (enrolled.request.state == CertificateRequestState::kDelivered) {
    SetIssued(enrolled.request, *response.mutable_certificate());
  }
  response.set_audit_id(AuditIdText(enrolled.audit_id));
}

void WriteRenewal(const RenewalState& renewal, v1::RenewCertificateResponse& response) {
  response.set_certificate_request_id(auth::UuidText(renewal.request.id.octets));
  response.set_state(static_cast<v1::CertificateRequestState>(renewal.request.state));
  response.set_key_fingerprint(OctetsText(renewal.request.key_fingerprint));
  response.set_audit_id(AuditIdText(renewal.audit_id));
}

void WriteRenewed(const RenewalState& renewal, v1::GetRenewedCertificateResponse& response) {
  response.set_audit_id(AuditIdText(renewal.audit_id));
  if (!renewal.asked) return;
  response.set_certificate_request_id(auth::UuidText(renewal.request.id.octets));
  response.set_state(static_cast<v1::CertificateRequestState>(renewal.request.state));
  if (renewal.request.state == CertificateRequestState::kDelivered) {
    SetIssued(renewal.request, *response.mutable_certificate());
  }
}

}  // namespace kakunin
