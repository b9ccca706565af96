#pragma once

#include <string>

#include "domain/terminal_certificate.h"
#include "kakunin/v1/certificate_renewal_service.pb.h"
#include "kakunin/v1/enrolment_service.pb.h"
#include "kakunin/v1/terminal_certificate_service.pb.h"
#include "server/rpc/fields.h"
#include "server/usecases/enrol_terminal.h"
#include "server/usecases/renew_certificate.h"
#include "storage/terminal_certificate_store.h"

namespace kakunin {

// Most octets of a certificate or of a request for one, as PEM.
inline constexpr size_t kMostCertificatePemOctets = 16384;

// SetCertificateRequest writes a request as operators see it. `trust_domain`, when the installation
// has one, is that of the URI which an approved request's certificate must have.
void SetCertificateRequest(const CertificateRequest& request, const std::string& trust_domain,
                           v1::CertificateRequest& out);

// ReadRequestRange reads which requests are to be listed.
CertificateRequestRange ReadRequestRange(FieldErrors& errors,
                                         const v1::ListCertificateRequestsRequest& request);
// RequestPageToken names the last request of a page, for the next one.
std::string RequestPageToken(const CertificateRequest& last);

// Answers to terminals.
void WriteSubmitted(const SubmittedRequest& submitted,
                    v1::SubmitCertificateRequestResponse& response);
void WriteEnrolled(const EnrolledCertificate& enrolled,
                   v1::GetEnrolledCertificateResponse& response);
void WriteRenewal(const RenewalState& renewal, v1::RenewCertificateResponse& response);
void WriteRenewed(const RenewalState& renewal, v1::GetRenewedCertificateResponse& response);

}  // namespace kakunin
