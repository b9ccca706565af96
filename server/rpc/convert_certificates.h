#pragma once

#include <string_view>

#include "domain/coverage.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/rpc/fields.h"
#include "server/usecases/feed_row.h"

namespace kakunin {

// ReadCertificate reads a certificate, within the row of its coverage or by itself; `path` names it
// in `errors`.
ElderlyRecipientCertificate ReadCertificate(FieldErrors& errors, std::string_view path,
                                            const v1::ElderlyRecipientCertificate& in);
LimitCertificate ReadCertificate(FieldErrors& errors, std::string_view path,
                                 const v1::LimitCertificate& in);
SpecificDiseaseCertificate ReadCertificate(FieldErrors& errors, std::string_view path,
                                           const v1::SpecificDiseaseCertificate& in);

// ReadCertificateRow reads one pushed row, as ReadCoverageRow does. Of a lost row only its names
// and its last day are read.
IncomingElderly ReadCertificateRow(v1::ElderlyRecipientCertificateRow& row);
IncomingLimit ReadCertificateRow(v1::LimitCertificateRow& row);
IncomingDisease ReadCertificateRow(v1::SpecificDiseaseCertificateRow& row);

}  // namespace kakunin
