#include "server/rpc/convert_reference_numbers.h"

#include <cstdint>

#include "domain/civil_day.h"
#include "server/rpc/fields.h"
#include "server/rpc/patient_fields.h"
#include "server/rpc/read_terminal_call.h"
#include "server/rpc/row_error.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

constexpr size_t kMostRowId = 40;  // as of a row of a bulk inquiry

constexpr std::string_view kHowManyUnits = "1件から1,000件までで送ってください。";
constexpr std::string_view kTooManyNumbers = "照会番号は10件までで送ってください。";

// Reads the change under the path `prefix`; what is wrong goes to `errors`.
ReferenceNumberChange ReadChange(FieldErrors& errors, const v1::ReferenceNumberChange& change,
                                 const Call& call, const auth::HmacKey& audit_key,
                                 const auth::HmacKey& look_up, const std::string& prefix) {
  ReferenceNumberChange read{.request_digest = KeyedDigest(audit_key, change.SerializeAsString())};
  const auto patient =
      ReadPatient(errors, change.patient(), std::nullopt, CivilDayAt(call.at), look_up, prefix);
  if (patient) read.patient = patient->patient;
  const auto action =
      RequiredEnum<ReferenceNumberAction>(errors, prefix + "action", change.action());
  if (action) read.action = *action;
  const std::string path = prefix + "reference_numbers";
  const int count = change.reference_numbers_size();
  if (count == 0 && read.action != ReferenceNumberAction::kDelete) {
    errors.Add(path, kFieldMissing);
  }
  if (static_cast<size_t>(count) > kMostReferenceNumbers) {
    errors.Add(path, kTooManyNumbers);
    return read;
  }
  for (int i = 0; i < count; ++i) {
    const std::string& number = change.reference_numbers(i);
    RequiredLine(errors, FieldAt(path, i), number, kMostReferenceNumberLength);
    read.numbers.push_back(number);
  }
  return read;
}

template <class Response>
void WriteKnown(const KnownNumbers& known, Response& response) {
  for (const std::string& number : known.numbers) response.add_reference_numbers(number);
  response.set_audit_id(AuditIdText(known.audit_id));
}

}  // namespace

absl::Status ReadChangeReferenceNumbers(const v1::ChangeReferenceNumbersRequest& request,
                                        const Call& call, const auth::HmacKey& audit_key,
                                        const auth::HmacKey& look_up, TerminalCall& asked,
                                        ReferenceNumberChange& change) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  change = ReadChange(errors, request.change(), call, audit_key, look_up, "change.");
  return errors.ToStatus();
}

absl::Status ReadBatchChangeReferenceNumbers(const v1::BatchChangeReferenceNumbersRequest& request,
                                             const Call& call, const auth::HmacKey& audit_key,
                                             const auth::HmacKey& look_up, TerminalCall& asked,
                                             std::vector<ReferenceNumberChange>& changes) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  if (request.units_size() < 1 || request.units_size() > kMostReferenceNumberUnits) {
    errors.Add("units", kHowManyUnits);
    return errors.ToStatus();
  }
  for (const v1::ReferenceNumberUnit& unit : request.units()) {
    FieldErrors of_unit;
    OptionalLine(of_unit, "row_id", unit.row_id(), kMostRowId);
    changes.push_back(ReadChange(of_unit, unit.change(), call, audit_key, look_up, "change."));
    changes.back().fault = of_unit.ToStatus();
  }
  return errors.ToStatus();
}

absl::Status ReadListReferenceNumbers(const v1::ListReferenceNumbersRequest& request,
                                      const Call& call, const auth::HmacKey& audit_key,
                                      const auth::HmacKey& look_up, TerminalCall& asked,
                                      NamedPatient& patient) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  const auto read =
      ReadPatient(errors, request.patient(), std::nullopt, CivilDayAt(call.at), look_up);
  if (read) patient = read->patient;
  return errors.ToStatus();
}

void WriteChangeReferenceNumbers(const KnownNumbers& known,
                                 v1::ChangeReferenceNumbersResponse& response) {
  WriteKnown(known, response);
}

void WriteBatchChangeReferenceNumbers(const v1::BatchChangeReferenceNumbersRequest& request,
                                      std::span<const KnownNumbers> results,
                                      v1::BatchChangeReferenceNumbersResponse& response) {
  for (int i = 0; i < request.units_size(); ++i) {
    const KnownNumbers& known = results[static_cast<size_t>(i)];
    v1::ReferenceNumberResult& result = *response.add_results();
    // What is too long, or no text, is not repeated.
    FieldErrors of_id;
    if (OptionalLine(of_id, "row_id", request.units(i).row_id(), kMostRowId)) {
      result.set_row_id(request.units(i).row_id());
    }
    WriteKnown(known, result);
    if (!known.status.ok()) *result.mutable_error() = RowErrorOf(known.status);
  }
}

void WriteListReferenceNumbers(const KnownNumbers& known,
                               v1::ListReferenceNumbersResponse& response) {
  WriteKnown(known, response);
}

}  // namespace kakunin
