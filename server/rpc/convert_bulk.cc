#include "server/rpc/convert_bulk.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "auth/uuid.h"
#include "domain/access_policy.h"
#include "domain/civil_day.h"
#include "kakunin/stored/v1/bulk_rows.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_eligibility.h"
#include "server/rpc/fields.h"
#include "server/rpc/patient_fields.h"
#include "server/rpc/read_terminal_call.h"
#include "server/rpc/row_error.h"
#include "server/usecases/feed_keys.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

constexpr int kYearsBack = 10;
constexpr size_t kMostRowId = 40;
constexpr size_t kMostName = 200;
constexpr size_t kEchoKeyOctets = 32;
constexpr char kEchoLabel[] = "kakunin bulk echo";

constexpr std::string_view kDayTooEarly = "10年より前の日付は照会できません。";
constexpr std::string_view kDayTooLate = "31日より先の日付は照会できません。";
constexpr std::string_view kNotAPlace = "前の回答にあった続きの指定をそのまま送ってください。";
constexpr std::string_view kNotAReceptionNumber = "受付番号をそのまま入力してください。";
constexpr std::string_view kSameRowId = "同じ行番号が他の行にあります。行ごとに別にしてください。";

BulkId ReadReceptionNumber(FieldErrors& errors, const std::string& number) {
  const auto id = ParseUuid(number);
  if (number.empty()) {
    errors.Add("reception_number", kFieldMissing);
  } else if (!id) {
    errors.Add("reception_number", kNotAReceptionNumber);
  }
  return id ? BulkId{*id} : BulkId{};
}

std::optional<auth::SivKey> ReadEchoKey(FieldErrors& errors, const std::string& key) {
  if (key.empty() || !RequiredOctets(errors, "echo_key", key, kEchoKeyOctets, kEchoKeyOctets)) {
    return std::nullopt;
  }
  return auth::SivKey({reinterpret_cast<const uint8_t*>(key.data()), key.size()}, kEchoLabel);
}

std::string OctetsOfKey(const KeyHash& key) {
  return {reinterpret_cast<const char*>(key.octets.data()), key.octets.size()};
}

bool ReadKey(const std::string& octets, KeyHash& key) {
  if (octets.size() != key.octets.size()) return false;
  std::memcpy(key.octets.data(), octets.data(), octets.size());
  return true;
}

absl::StatusOr<std::vector<BulkQuestion>> QuestionsOf(std::string_view octets) {
  stored::v1::BulkRows rows;
  if (!rows.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) {
    return absl::DataLossError("no rows of a bulk inquiry");
  }
  std::vector<BulkQuestion> questions;
  questions.reserve(static_cast<size_t>(rows.rows_size()));
  for (stored::v1::BulkRow& row : *rows.mutable_rows()) {
    BulkQuestion& question = questions.emplace_back();
    question.row_id = std::move(*row.mutable_row_id());
    question.sealed_echo = std::move(*row.mutable_sealed_echo());
    question.error = std::move(*row.mutable_error());
    if (!question.error.empty()) continue;
    KeyQuestion asked{.in_bulk = true};
    asked.insurer = InsurerNumber::Parse(row.insurer_number());
    asked.limit_certificate = static_cast<Decision>(row.limit_certificate_consent());
    if (!ReadKey(row.key(), asked.key) ||
        !ReadKey(row.key_without_branch(), asked.key_without_branch)) {
      return absl::DataLossError("a row without its keys");
    }
    question.question = asked;
  }
  return questions;
}

void WriteAnswer(const BulkOutcome& outcome, v1::BulkAnswer& answer) {
  WriteBulkAnswer(*outcome.confirmed, answer);
  answer.set_change(static_cast<v1::BulkChange>(outcome.change));
  answer.set_next_step(BulkNextStep(outcome.confirmed->validity, outcome.form_of_care));
}

std::string ResultsOf(const std::vector<BulkOutcome>& outcomes) {
  stored::v1::BulkResults results;
  std::string answer_octets;
  for (const BulkOutcome& outcome : outcomes) {
    v1::BulkResult result;
    result.set_row_id(outcome.row->row_id);
    result.set_row_number(outcome.row_number);
    stored::v1::BulkResult& stored = *results.add_results();
    if (outcome.confirmed->status.ok()) {
      v1::BulkAnswer answer;
      WriteAnswer(outcome, answer);
      answer_octets.clear();
      answer.AppendToString(&answer_octets);
      for (const std::string& coverage : outcome.confirmed->coverages) {
        AppendMessage(v1::BulkAnswer::kCoveragesFieldNumber, coverage, {}, answer_octets);
      }
      result.AppendToString(stored.mutable_result());
      AppendMessage(v1::BulkResult::kAnswerFieldNumber, answer_octets, {},
                    *stored.mutable_result());
    } else {
      v1::BulkRowError& error = *result.mutable_error();
      if (outcome.row->error.empty() || !error.ParseFromString(outcome.row->error)) {
        error = RowErrorOf(outcome.confirmed->status);
      }
      result.AppendToString(stored.mutable_result());
    }
    stored.set_sealed_echo(outcome.row->sealed_echo);
  }
  return results.SerializeAsString();
}

}  // namespace

absl::StatusOr<BulkHeaderRead> ReadBulkHeader(const v1::BulkInquiryHeader& header, const Call& call,
                                              const auth::HmacKey& audit_key) {
  FieldErrors errors;
  BulkHeaderRead read;
  const Terminal& terminal = TerminalOf(call);
  const absl::CivilDay today = CivilDayAt(call.at);
  const auto form = RequiredEnum<FormOfCare>(errors, "form_of_care", header.form_of_care());
  ReadTerminalCall(errors, header.facility_code(), header.SerializeAsString(),
                   form.value_or(FormOfCare::kOutpatient), call, audit_key, read.call);
  const auto day = RequiredDay(errors, "day", header.day());
  if (day && *day < SameDayYearsBefore(today, kYearsBack)) errors.Add("day", kDayTooEarly);
  if (day && *day > today + kMostBulkDaysAhead) errors.Add("day", kDayTooLate);
  const auto request = RequiredUuid<RequestId>(errors, "request_id", header.request_id());
  read.echo = ReadEchoKey(errors, header.echo_key());
  RETURN_IF_ERROR(errors.ToStatus());
  // Somebody else's list is not gone on with: every row is asked in the sender's name.
  const std::string sent = fmt::format("{}/{}/{}/{}", call.actor_name, terminal.user,
                                       static_cast<int>(terminal.role), header.SerializeAsString());
  read.header = {.facility_code = terminal.facility_code,
                 .request_id = *request,
                 .header_digest = KeyedDigest(audit_key, sent),
                 .terminal_id = terminal.terminal_id,
                 .user = terminal.user,
                 .role = terminal.role,
                 .day = *day,
                 .form_of_care = *form};
  read.call.record.request_id = *request;
  read.call.record.asked_day = *day;
  return read;
}

std::string ReadBulkRow(const v1::BulkInquiryRow& row, const BulkHeaderRead& list, bool is_new,
                        absl::CivilDay today, const auth::HmacKey& look_up) {
  FieldErrors errors;
  RequiredLine(errors, "row_id", row.row_id(), kMostRowId);
  OptionalText(errors, "name", row.name(), kMostName);
  OptionalText(errors, "address", row.address(), kMostName);
  const auto limit =
      OptionalEnum<Decision>(errors, "limit_certificate_consent", row.limit_certificate_consent());
  const auto key = ReadInsuredKey(errors,
                                  {.insurer_number = row.insurer_number(),
                                   .symbol = row.symbol(),
                                   .number = row.number(),
                                   .branch_number = row.branch_number(),
                                   .birth_date = row.birth_date()},
                                  today);
  if (key) RequireBranchAtHome(errors, "branch_number", *key, list.header.form_of_care);
  stored::v1::BulkRow stored;
  if (const absl::Status status = errors.ToStatus(); !status.ok()) {
    stored.set_error(RowErrorOf(status).SerializeAsString());
    // What is too long, or no text, is not repeated.
    FieldErrors of_id;
    if (RequiredLine(of_id, "row_id", row.row_id(), kMostRowId)) stored.set_row_id(row.row_id());
  } else {
    stored.set_row_id(row.row_id());
    if (list.echo && !(row.name().empty() && row.address().empty())) {
      stored::v1::BulkEcho echo;
      echo.set_name(row.name());
      echo.set_address(row.address());
      stored.set_sealed_echo(list.echo->Seal(row.row_id(), echo.SerializeAsString()));
    }
  }
  if (stored.error().empty() && !is_new) {
    v1::BulkRowError error;
    error.set_reason("DUPLICATE_ROW_ID");
    error.set_message(kSameRowId.data(), kSameRowId.size());
    stored.set_error(error.SerializeAsString());
  }
  if (stored.error().empty()) {
    const KeyHash without = LookUpHash(look_up, *key, false);
    stored.set_key_without_branch(OctetsOfKey(without));
    stored.set_key(OctetsOfKey(key->branch ? LookUpHash(look_up, *key, true) : without));
    stored.set_insurer_number(std::string(key->insurer.Digits()));
    stored.set_limit_certificate_consent(static_cast<int>(limit.value_or(Decision::kNotAsked)));
  }
  return stored.SerializeAsString();
}

std::vector<BulkPiece> PiecesOfRows(const std::vector<std::string>& rows, int64_t first_row) {
  std::vector<BulkPiece> pieces;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i % kBulkRoundRows == 0) {
      pieces.push_back({.first_row = first_row + static_cast<int64_t>(i)});
    }
    ++pieces.back().rows;
    AppendMessage(stored::v1::BulkRows::kRowsFieldNumber, rows[i], {}, pieces.back().octets);
  }
  return pieces;
}

std::vector<std::string> RowIdsOf(std::string_view octets) {
  std::vector<std::string> ids;
  stored::v1::BulkRows rows;
  if (!rows.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return ids;
  for (const stored::v1::BulkRow& row : rows.rows()) ids.push_back(row.row_id());
  return ids;
}

BulkCodec BulkCodecFor() { return {.questions = &QuestionsOf, .results = &ResultsOf}; }

absl::Status ReadGet(const v1::BulkServiceGetRequest& request, const Call& call,
                     const auth::HmacKey& audit_key, TerminalCall& asked, BulkId& id) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  if (request.name_case() == v1::BulkServiceGetRequest::kRequestId) {
    const auto named = RequiredUuid<RequestId>(errors, "request_id", request.request_id());
    if (named) id = BulkIdOf(audit_key, asked.facility_code, *named);
  } else {
    id = ReadReceptionNumber(errors, request.reception_number());
  }
  return errors.ToStatus();
}

absl::Status ReadCancel(const v1::BulkServiceCancelRequest& request, const Call& call,
                        const auth::HmacKey& audit_key, TerminalCall& asked, BulkId& id) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  id = ReadReceptionNumber(errors, request.reception_number());
  return errors.ToStatus();
}

absl::Status ReadDelete(const v1::BulkServiceDeleteRequest& request, const Call& call,
                        const auth::HmacKey& audit_key, TerminalCall& asked, BulkId& id) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  id = ReadReceptionNumber(errors, request.reception_number());
  return errors.ToStatus();
}

absl::Status ReadStreamResults(const v1::BulkServiceStreamResultsRequest& request, const Call& call,
                               const auth::HmacKey& audit_key, TerminalCall& asked,
                               ResultsAsked& where) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  where.id = ReadReceptionNumber(errors, request.reception_number());
  where.echo = ReadEchoKey(errors, request.echo_key());
  const std::string& token = request.resume_token();
  if (!token.empty()) {
    const char* const last = token.data() + token.size();
    const auto [end, error] = std::from_chars(token.data(), last, where.after);
    if (error != std::errc() || end != last || where.after < 0 || where.after > kMostBulkRows) {
      errors.Add("resume_token", kNotAPlace);
    }
  }
  return errors.ToStatus();
}

void WriteBulkInquiry(const BulkInquiryRow& row, v1::BulkInquiry& out) {
  out.set_reception_number(auth::UuidText(row.id.octets));
  out.set_state(static_cast<v1::BulkState>(row.state));
  out.set_reason(row.reason);
  *out.mutable_day() = DayToProto(row.header.day);
  out.set_form_of_care(static_cast<v1::FormOfCare>(row.header.form_of_care));
  *out.mutable_begin_time() = TimeToProto(row.began);
  if (!IsOpen(row.state)) *out.mutable_end_time() = TimeToProto(row.touched);
  if (row.state != BulkState::kRunning) {
    *out.mutable_expire_time() =
        TimeToProto(row.touched + (IsOpen(row.state) ? kBulkReceivingLife : kBulkResultsLife));
  }
  if (row.state == BulkState::kReceiving) out.set_next_chunk_number(row.chunks + 1);
  out.set_row_count(row.rows);
  out.set_answered_rows(row.answered);
  out.set_error_rows(row.errors);
}

bool WriteResults(const BulkPiece& piece, int64_t after, const std::optional<auth::SivKey>& echo,
                  v1::BulkServiceStreamResultsResponse& out) {
  stored::v1::BulkResults stored;
  if (!stored.ParseFromString(piece.octets)) return false;
  for (const stored::v1::BulkResult& one : stored.results()) {
    v1::BulkResult result;
    if (!result.ParseFromString(one.result())) return false;
    if (result.row_number() <= after) continue;
    if (echo && !one.sealed_echo().empty()) {
      stored::v1::BulkEcho said;
      const auto opened = echo->Open(result.row_id(), one.sealed_echo());
      if (opened && said.ParseFromString(*opened)) {
        result.set_name(said.name());
        result.set_address(said.address());
      }
    }
    *out.add_results() = std::move(result);
  }
  return true;
}

}  // namespace kakunin
