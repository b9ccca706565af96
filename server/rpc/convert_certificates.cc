#include "server/rpc/convert_certificates.h"

#include <fmt/format.h>

#include <string>

#include "server/rpc/convert_feed.h"

namespace kakunin {
namespace {

constexpr size_t kMostFlagCharacters = 3;  // OQSCD012, such as "A03"
constexpr std::string_view kCertificate = "certificate";

std::string At(std::string_view path, std::string_view field) {
  return fmt::format("{}.{}", path, field);
}

template <class Record, class Row>
Incoming<Record> ReadRow(Row& row) {
  Incoming<Record> incoming;
  ReadIndividualNumber(*row.mutable_individual_number(), incoming);
  FieldErrors errors;
  incoming.action =
      RequiredEnum<RowAction>(errors, "action", row.action()).value_or(RowAction::kNew);
  Record& record = incoming.record;
  if (RequiredLine(errors, "certificate_reference", row.certificate_reference(),
                   kMostReferenceCharacters)) {
    record.reference = row.certificate_reference();
  }
  if (RequiredLine(errors, "coverage_reference", row.coverage_reference(),
                   kMostReferenceCharacters)) {
    record.coverage_reference = row.coverage_reference();
  }
  if (incoming.action == RowAction::kLost) {
    record.certificate.valid_through =
        OptionalDay(errors, At(kCertificate, "valid_through"), row.certificate().valid_through());
  } else {
    // Which of two began last decides which is shown.
    RequiredDay(errors, At(kCertificate, "valid_from"), row.certificate().valid_from());
    record.certificate = ReadCertificate(errors, kCertificate, row.certificate());
  }
  AddFaults(errors, incoming);
  // A coverage's name may be a number as well as the certificate's: both are kept and shown.
  CheckTexts(row, "certificate_reference", record.reference, incoming);
  CheckTexts(row, "coverage_reference", record.coverage_reference, incoming);
  return incoming;
}

}  // namespace

ElderlyRecipientCertificate ReadCertificate(FieldErrors& errors, std::string_view path,
                                            const v1::ElderlyRecipientCertificate& in) {
  ElderlyRecipientCertificate out;
  out.issue_date = OptionalDay(errors, At(path, "issue_date"), in.issue_date());
  out.valid_from = OptionalDay(errors, At(path, "valid_from"), in.valid_from());
  out.valid_through = OptionalDay(errors, At(path, "valid_through"), in.valid_through());
  out.contribution_percent = in.contribution_percent();
  // Percent of the costs that a patient pays.
  if (in.contribution_percent() < 0 || in.contribution_percent() > 100) {
    errors.Add(At(path, "contribution_percent"), kFieldMalformed);
  }
  return out;
}

LimitCertificate ReadCertificate(FieldErrors& errors, std::string_view path,
                                 const v1::LimitCertificate& in) {
  LimitCertificate out;
  out.classification =
      RequiredEnum<int>(errors, At(path, "classification"), in.classification()).value_or(0);
  out.classification_flag = in.classification_flag();
  OptionalLine(errors, At(path, "classification_flag"), in.classification_flag(),
               kMostFlagCharacters);
  out.issue_date = OptionalDay(errors, At(path, "issue_date"), in.issue_date());
  out.valid_from = OptionalDay(errors, At(path, "valid_from"), in.valid_from());
  out.valid_through = OptionalDay(errors, At(path, "valid_through"), in.valid_through());
  out.long_term_date = OptionalDay(errors, At(path, "long_term_date"), in.long_term_date());
  return out;
}

SpecificDiseaseCertificate ReadCertificate(FieldErrors& errors, std::string_view path,
                                           const v1::SpecificDiseaseCertificate& in) {
  SpecificDiseaseCertificate out;
  out.disease = RequiredEnum<int>(errors, At(path, "disease"), in.disease()).value_or(0);
  out.issue_date = OptionalDay(errors, At(path, "issue_date"), in.issue_date());
  out.valid_from = OptionalDay(errors, At(path, "valid_from"), in.valid_from());
  out.valid_through = OptionalDay(errors, At(path, "valid_through"), in.valid_through());
  out.self_pay_yen = in.self_pay_yen();
  if (in.self_pay_yen() < 0) errors.Add(At(path, "self_pay_yen"), kFieldMalformed);
  return out;
}

IncomingElderly ReadCertificateRow(v1::ElderlyRecipientCertificateRow& row) {
  return ReadRow<DeliveredElderly>(row);
}

IncomingLimit ReadCertificateRow(v1::LimitCertificateRow& row) {
  return ReadRow<DeliveredLimit>(row);
}

IncomingDisease ReadCertificateRow(v1::SpecificDiseaseCertificateRow& row) {
  return ReadRow<DeliveredDisease>(row);
}

}  // namespace kakunin
