#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/coverage.h"
#include "storage/postgres/json_array.h"

namespace kakunin {

// The repeated parts of a coverage are kept as jsonb arrays of flat objects (migration 0003). Days
// are "YYYY-MM-DD"; an absent day has no member.
std::string JsonOf(const std::vector<LimitCertificate>& certificates);
std::string JsonOf(const std::vector<SpecificDiseaseCertificate>& certificates);
std::string JsonOf(const std::vector<MedicalTicket>& tickets);

// The readers of the same; empty when the text is not what the writers above make.
std::optional<std::vector<LimitCertificate>> LimitCertificatesFrom(std::string_view json);
std::optional<std::vector<SpecificDiseaseCertificate>> SpecificDiseaseCertificatesFrom(
    std::string_view json);
std::optional<std::vector<MedicalTicket>> MedicalTicketsFrom(std::string_view json);

// WriteCertificate writes the members of one certificate of these, and of an elderly recipient's.
void WriteCertificate(JsonArrayWriter& writer, const ElderlyRecipientCertificate& part);
void WriteCertificate(JsonArrayWriter& writer, const LimitCertificate& part);
void WriteCertificate(JsonArrayWriter& writer, const SpecificDiseaseCertificate& part);

}  // namespace kakunin
