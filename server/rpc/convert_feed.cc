#include "server/rpc/convert_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "auth/uuid.h"
#include "domain/text/clear_number.h"
#include "domain/text/digits.h"
#include "domain/text/facility_code.h"
#include "server/rpc/convert_certificates.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/fields.h"
#include "server/rpc/write_call.h"
#include "server/usecases/feed_intake.h"

namespace kakunin {
namespace {

constexpr size_t kMostNameCharacters = 200;  // long Latin names of foreigners
constexpr size_t kMostAddressCharacters = 300;
constexpr size_t kMostTicketText = 200;
constexpr int kMostPieces = 50;

int EnumOr0(const std::optional<int>& value) { return value.value_or(0); }

// Percent of the costs that a patient pays.
void CheckPercent(FieldErrors& errors, std::string_view field, int percent) {
  if (percent < 0 || percent > 100) errors.Add(std::string(field), kFieldMalformed);
}

void CheckYen(FieldErrors& errors, std::string field, int64_t yen) {
  if (yen < 0) errors.Add(std::move(field), kFieldMalformed);
}

// More pieces than anybody can have would only fill the report.
bool CheckCount(FieldErrors& errors, std::string_view field, int count) {
  if (count <= kMostPieces) return true;
  errors.Add(std::string(field), kFieldMalformed);
  return false;
}

PersonName ReadName(FieldErrors& errors, std::string_view field, const v1::RawName& name) {
  OptionalText(errors, fmt::format("{}.original", field), name.original(), kMostNameCharacters);
  OptionalText(errors, fmt::format("{}.kana", field), name.kana(), kMostNameCharacters);
  return {name.original(), name.kana()};
}

// Any width, with or without its hyphen, becomes NNN-NNNN.
std::string ReadPostalCode(FieldErrors& errors, std::string_view text) {
  if (text.empty()) return {};
  std::string joined(text);
  for (const std::string_view hyphen : {"-", "－", "‐", "−"}) {
    if (const size_t at = joined.find(hyphen); at != std::string::npos) {
      joined.erase(at, hyphen.size());
      break;
    }
  }
  std::array<char, 7> digits{};
  const auto count = ReadDigits(joined, digits);
  if (!count || *count != digits.size()) {
    errors.Add("postal_code", kFieldMalformed);
    return {};
  }
  const std::string_view all(digits.data(), digits.size());
  return fmt::format("{}-{}", all.substr(0, 3), all.substr(3));
}

// A ticket is kept as it came: only its days, its sizes and its amount are looked at.
MedicalTicket ReadTicket(FieldErrors& errors, int index, v1::MedicalTicket& in) {
  const auto at = [&](std::string_view field) { return FieldAt("medical_tickets", index, field); };
  MedicalTicket out;
  out.valid_from = OptionalDay(errors, at("valid_from"), in.valid_from());
  out.valid_through = OptionalDay(errors, at("valid_through"), in.valid_through());
  CheckYen(errors, at("self_pay_yen"), in.self_pay_yen());
  const std::pair<std::string_view, const std::string&> texts[] = {
      {"issue_number", in.issue_number()},
      {"treatment_month", in.treatment_month()},
      {"designated_facility_name", in.designated_facility_name()},
      {"district_contact_name", in.district_contact_name()},
      {"handling_contact_name", in.handling_contact_name()},
      {"prescription_issuer_name", in.prescription_issuer_name()}};
  for (const auto& [field, text] : texts) OptionalText(errors, at(field), text, kMostTicketText);
  // They are compared with the code of the terminal that asks: in another spelling they would match
  // nobody.
  const std::pair<std::string_view, const std::string&> codes[] = {
      {"designated_facility_code", in.designated_facility_code()},
      {"prescription_issuer_code", in.prescription_issuer_code()}};
  for (const auto& [field, code] : codes) {
    if (!code.empty() && !FacilityCode::Parse(code)) errors.Add(at(field), kFieldMalformed);
  }
  // Up to three of each (domain.md 1.6).
  if (in.injury_names_size() > 3) errors.Add(at("injury_names"), kFieldMalformed);
  if (in.remarks_size() > 3) errors.Add(at("remarks"), kFieldMalformed);
  for (const std::string& text : in.injury_names()) {
    OptionalText(errors, at("injury_names"), text, kMostTicketText);
  }
  for (const std::string& text : in.remarks()) {
    OptionalText(errors, at("remarks"), text, kMostTicketText);
  }
  in.DiscardUnknownFields();
  out.serialised = in.SerializeAsString();
  return out;
}

void ReadPieces(FieldErrors& errors, v1::CoverageRow& row, Coverage& out) {
  if (row.has_elderly_recipient_certificate()) {
    out.elderly_recipient_certificate = ReadCertificate(errors, "elderly_recipient_certificate",
                                                        row.elderly_recipient_certificate());
  }
  if (CheckCount(errors, "limit_certificates", row.limit_certificates_size())) {
    for (int i = 0; i < row.limit_certificates_size(); ++i) {
      out.limit_certificates.push_back(
          ReadCertificate(errors, FieldAt("limit_certificates", i), row.limit_certificates(i)));
    }
  }
  if (CheckCount(errors, "specific_disease_certificates",
                 row.specific_disease_certificates_size())) {
    for (int i = 0; i < row.specific_disease_certificates_size(); ++i) {
      out.specific_disease_certificates.push_back(
          ReadCertificate(errors, FieldAt("specific_disease_certificates", i),
                          row.specific_disease_certificates(i)));
    }
  }
  if (CheckCount(errors, "medical_tickets", row.medical_tickets_size())) {
    for (int i = 0; i < row.medical_tickets_size(); ++i) {
      out.medical_tickets.push_back(ReadTicket(errors, i, *row.mutable_medical_tickets(i)));
    }
  }
}

void ReadPerson(FieldErrors& errors, const v1::CoverageRow& row, Coverage& out) {
  out.personal_family_classification = EnumOr0(OptionalEnum<int>(
      errors, "personal_family_classification", row.personal_family_classification()));
  out.insured_name = ReadName(errors, "insured_name", row.insured_name());
  RequiredText(errors, "name.original", row.name().original(), kMostNameCharacters);
  OptionalText(errors, "name.kana", row.name().kana(), kMostNameCharacters);
  out.name = {row.name().original(), row.name().kana()};
  out.other_name = ReadName(errors, "other_name", row.other_name());
  out.sex = RequiredEnum<Sex>(errors, "sex", row.sex()).value_or(Sex::kUnspecified);
  out.sex_back = OptionalEnum<Sex>(errors, "sex_back", row.sex_back()).value_or(Sex::kUnspecified);
  out.birth_date = RequiredDay(errors, "birth_date", row.birth_date()).value_or(absl::CivilDay());
  OptionalText(errors, "address", row.address(), kMostAddressCharacters);
  out.address = row.address();
  out.postal_code = ReadPostalCode(errors, row.postal_code());
}

void ReadCoverage(FieldErrors& errors, const v1::CoverageRow& row, Coverage& out) {
  if (RequiredLine(errors, "coverage_reference", row.coverage_reference(),
                   kMostReferenceCharacters)) {
    out.coverage_reference = row.coverage_reference();
  }
  out.card_classification =
      RequiredEnum<CardClassification>(errors, "card_classification", row.card_classification())
          .value_or(CardClassification::kUnspecified);
  out.symbol = row.symbol();
  out.number = row.number();
  out.branch_number = row.branch_number();
  out.qualification_date = RequiredDay(errors, "qualification_date", row.qualification_date())
                               .value_or(absl::CivilDay());
  out.disqualification_date =
      OptionalDay(errors, "disqualification_date", row.disqualification_date());
  out.certificate_issue_date =
      OptionalDay(errors, "certificate_issue_date", row.certificate_issue_date());
  out.certificate_valid_from =
      OptionalDay(errors, "certificate_valid_from", row.certificate_valid_from());
  out.certificate_valid_through =
      OptionalDay(errors, "certificate_valid_through", row.certificate_valid_through());
  if (row.has_partial_contribution_percent()) {
    CheckPercent(errors, "partial_contribution_percent", row.partial_contribution_percent());
    out.partial_contribution_percent = row.partial_contribution_percent();
  }
  out.preschool = row.preschool();
  out.reason_of_loss = EnumOr0(OptionalEnum<int>(errors, "reason_of_loss", row.reason_of_loss()));
  out.medical_aid_unregistered = row.medical_aid_unregistered();
}

// U+FFFD stands for what whoever wrote the row could not map to a character.
constexpr std::string_view kReplacementCharacter = "\uFFFD";

// RefuseUnmappable tells every field that holds one.
void RefuseUnmappable(const google::protobuf::Message& row, const std::string& path,
                      IncomingHead& incoming) {
  const google::protobuf::Reflection& reflection = *row.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(row, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    using enum google::protobuf::FieldDescriptor::CppType;
    const bool is_text = field->cpp_type() == CPPTYPE_STRING;
    if (!is_text && field->cpp_type() != CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(row, field) : 1;
    for (int i = 0; i < count; ++i) {
      const bool repeated = field->is_repeated();
      const std::string at = path + (repeated ? FieldAt(field->name(), i) : field->name());
      if (is_text) {
        const std::string text = repeated ? reflection.GetRepeatedString(row, field, i)
                                          : reflection.GetString(row, field);
        if (text.find(kReplacementCharacter) == std::string::npos) continue;
        incoming.AddFault(RowFault::kCharacterUnmappable, at);
      } else {
        RefuseUnmappable(repeated ? reflection.GetRepeatedMessage(row, field, i)
                                  : reflection.GetMessage(row, field),
                         at + ".", incoming);
      }
    }
  }
}

}  // namespace

void ReadIndividualNumber(std::string& number, IncomingHead& incoming) {
  if (number.empty()) return;
  incoming.individual_number = IndividualNumber::Parse(number);
  if (!incoming.individual_number) {
    incoming.AddFault(RowFault::kIndividualNumberInvalid, "individual_number");
  }
  Wipe(number);
}

void CheckTexts(const google::protobuf::Message& row, const char* reference_field,
                std::string& reference, IncomingHead& incoming) {
  thread_local std::string octets;
  octets.clear();
  row.AppendPartialToString(&octets);
  if (octets.find(kReplacementCharacter) != std::string::npos) {
    RefuseUnmappable(row, /*path=*/"", incoming);
  }
  if (!incoming.individual_number) {
    // Columns that have shifted: what should be the row's own name may be somebody's number.
    if (!LooksLikeIndividualNumber(reference)) return;
    incoming.AddFault(RowFault::kIndividualNumberInClear, reference_field);
    Wipe(reference);
    return;
  }
  // Its own field was wiped: wherever else it stands it would be kept and shown.
  if (!HoldsNumber(octets, incoming.individual_number->Reveal())) return;
  incoming.AddFault(RowFault::kIndividualNumberInClear, "individual_number");
  Wipe(octets);
  Wipe(reference);
}

void AddFaults(const FieldErrors& errors, IncomingHead& incoming) {
  for (const FieldViolation& violation : errors.violations()) {
    incoming.AddFault(violation.description == kFieldMissing ? RowFault::kFieldMissing
                                                             : RowFault::kFieldMalformed,
                      violation.field);
  }
}

IncomingCoverage ReadCoverageRow(v1::CoverageRow& row) {
  IncomingCoverage incoming;
  ReadIndividualNumber(*row.mutable_individual_number(), incoming);
  FieldErrors errors;
  incoming.action =
      RequiredEnum<RowAction>(errors, "action", row.action()).value_or(RowAction::kNew);
  ReadCoverage(errors, row, incoming.record);
  ReadPerson(errors, row, incoming.record);
  ReadPieces(errors, row, incoming.record);
  AddFaults(errors, incoming);
  CheckTexts(row, "coverage_reference", incoming.record.coverage_reference, incoming);
  return incoming;
}

KeyHash HashRow(const v1::CoverageRow& row, const auth::HmacKey& key, std::string& buffer) {
  buffer.clear();
  row.AppendToString(&buffer);
  // The action is the first field and its value the second octet of what is serialised; an absent
  // one is refused when the row is read.
  if (row.action() == v1::ROW_ACTION_CHANGED) buffer[1] = v1::ROW_ACTION_NEW;
  const auth::Sha256Digest mac = key.Mac(buffer);
  KeyHash hash;
  std::copy_n(mac.begin(), hash.octets.size(), hash.octets.begin());
  return hash;
}

void SetFeed(const FeedRow& row, v1::Feed& out) {
  out.set_feed_id(auth::UuidText(row.id.octets));
  out.set_kind(static_cast<v1::FeedKind>(row.kind));
  out.set_feed_number(row.feed_number);
  out.set_state(static_cast<v1::FeedState>(row.state));
  out.set_next_chunk_number(row.next_chunk);
  out.set_row_count(row.row_count);
  *out.mutable_begin_time() = TimeToProto(row.began);
  if (row.published) *out.mutable_publish_time() = TimeToProto(*row.published);
  out.set_risk_score(row.risk_score);
  if (row.undone) *out.mutable_undo_time() = TimeToProto(*row.undone);
}

void SetCounts(const FeedCounts& counts, v1::FeedCounts& out) {
  out.set_new_rows(counts.new_rows);
  out.set_changed_rows(counts.changed_rows);
  out.set_lost_rows(counts.lost_rows);
  out.set_unchanged_rows(counts.unchanged_rows);
  out.set_hidden_rows(counts.hidden_rows);
  out.set_refused_rows(counts.refused_rows);
  out.set_new_persons(counts.new_persons);
  out.set_corrected_rows(counts.corrected_rows);
}

void SetRisks(std::span<const RiskFinding> risks,
              google::protobuf::RepeatedPtrField<v1::FeedRisk>& out) {
  for (const RiskFinding& risk : risks) {
    v1::FeedRisk& told = *out.Add();
    told.set_reason(risk.reason);
    told.set_points(risk.points);
    told.set_observed_rows(risk.observed);
    told.set_base_rows(risk.of);
    told.set_message(std::string(RiskMessage(risk.reason)));
  }
}

void SetReleases(std::span<const FeedRelease> releases,
                 google::protobuf::RepeatedPtrField<v1::FeedRelease>& out) {
  for (const FeedRelease& release : releases) {
    v1::FeedRelease& told = *out.Add();
    told.set_by_operator(release.actor_kind == ActorKind::kOperator);
    told.set_actor(release.actor);
    told.set_released_by(release.released_by);
    *told.mutable_release_time() = TimeToProto(release.at);
  }
}

void SetSample(std::span<const SampledRow> sample,
               google::protobuf::RepeatedPtrField<v1::SampledRow>& out) {
  for (const SampledRow& row : sample) {
    v1::SampledRow& told = *out.Add();
    told.set_verdict(row.verdict);
    told.set_reference(row.reference);
    for (const std::string& field : row.changed_fields) told.add_changed_fields(field);
  }
}

void SetFinding(const Finding& finding, v1::RowFinding& out) {
  out.set_chunk_number(finding.chunk);
  out.set_row_index(finding.row_index);
  out.set_coverage_reference(finding.reference);
  out.set_reason(finding.reason);
  out.set_field(finding.field);
  out.set_message(std::string(MessageOfFinding(finding.reason)));
  out.set_hidden(finding.hidden);
  out.set_noted(finding.noted);
}

}  // namespace kakunin
