#include "storage/postgres/terminal_certificate_store.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kCode[] =
    "SELECT code_id, secret_hash, facility_code, terminal_id, kind, issued_at, issued_by,"
    " expires_at, wrong_tries, used_at, used_for, coalesce(label, '') FROM kakunin.enrolment_code"
    " WHERE code_id = $1 FOR UPDATE";
constexpr char kRequest[] =
    "SELECT certificate_request_id, origin, facility_code, terminal_id, kind, request_der,"
    " key_fingerprint, submitted_at, code_issued_by, renewed_fingerprint, state, decided_at,"
    " decided_by, delivered_at, delivered_by, certificate_der, issuer_der, coalesce(label, '')"
    " FROM kakunin.certificate_request";

EnrolmentCode CodeFrom(const pqxx::row& row) {
  EnrolmentCode code{.code_id = row[0].c_str(),
                     .secret_hash = DigestFromText<32>(row[1].c_str()),
                     .facility_code = row[2].c_str(),
                     .terminal_id = row[3].c_str(),
                     .kind = static_cast<TerminalKind>(row[4].as<int>()),
                     .issued = InstantFromText(row[5].c_str()),
                     .issued_by = row[6].c_str(),
                     .expires = InstantFromText(row[7].c_str()),
                     .wrong_tries = row[8].as<int>(),
                     .label = row[11].c_str()};
  if (!row[9].is_null()) code.used = InstantFromText(row[9].c_str());
  if (!row[10].is_null()) code.used_for = UuidFromText<CertificateRequestId>(row[10].c_str());
  return code;
}

CertificateRequest RequestFrom(const pqxx::row& row) {
  CertificateRequest request{.id = UuidFromText<CertificateRequestId>(row[0].c_str()),
                             .origin = static_cast<CertificateRequestOrigin>(row[1].as<int>()),
                             .facility_code = row[2].c_str(),
                             .terminal_id = row[3].c_str(),
                             .kind = static_cast<TerminalKind>(row[4].as<int>()),
                             .request_der = ByteaFromText(row[5].c_str()),
                             .key_fingerprint = DigestFromText<32>(row[6].c_str()),
                             .submitted = InstantFromText(row[7].c_str()),
                             .code_issued_by = row[8].c_str(),
                             .state = static_cast<CertificateRequestState>(row[10].as<int>()),
                             .decided_by = row[12].c_str(),
                             .delivered_by = row[14].c_str(),
                             .label = row[17].c_str()};
  if (!row[9].is_null()) request.renewed_fingerprint = DigestFromText<32>(row[9].c_str());
  if (!row[11].is_null()) request.decided = InstantFromText(row[11].c_str());
  if (!row[13].is_null()) request.delivered = InstantFromText(row[13].c_str());
  if (!row[15].is_null()) request.certificate_der = ByteaFromText(row[15].c_str());
  if (!row[16].is_null()) request.issuer_der = ByteaFromText(row[16].c_str());
  return request;
}

std::optional<CertificateRequest> FirstOf(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  return RequestFrom(rows[0]);
}

// An instant, or the null that stands for none.
std::optional<std::string> InstantOrNull(const std::optional<absl::Time>& at) {
  if (!at) return std::nullopt;
  return InstantText(*at);
}

std::optional<std::string> OctetsOrNull(const std::string& octets) {
  if (octets.empty()) return std::nullopt;
  return ByteaText(octets);
}

absl::StatusOr<std::optional<CertificateRequest>> RequestNamed(Transaction& tx,
                                                               const CertificateRequestId& id,
                                                               const char* lock) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<CertificateRequest>> {
    return FirstOf(PostgresTransaction::Work(tx).exec_params(
        std::string(kRequest) + " WHERE certificate_request_id = $1" + lock, UuidText(id)));
  });
}

}  // namespace

absl::Status PostgresTerminalCertificateStore::PutCode(Transaction& tx, const EnrolmentCode& code) {
  return RunStatements([&]() -> absl::Status {
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.enrolment_code (code_id, secret_hash, facility_code, terminal_id,"
        " kind, issued_at, issued_by, expires_at, wrong_tries, label)"
        " VALUES ($1, $2::bytea, $3, $4, $5, $6, $7, $8, 0, nullif($9, ''))",
        code.code_id, ByteaText(code.secret_hash), code.facility_code, code.terminal_id,
        static_cast<int>(code.kind), InstantText(code.issued), code.issued_by,
        InstantText(code.expires), code.label);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<EnrolmentCode>> PostgresTerminalCertificateStore::HoldCode(
    Transaction& tx, std::string_view code_id) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<EnrolmentCode>> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(kCode, std::string(code_id));
    if (rows.empty()) return std::optional<EnrolmentCode>();
    return std::optional(CodeFrom(rows[0]));
  });
}

absl::Status PostgresTerminalCertificateStore::CountWrongTry(Transaction& tx,
                                                             std::string_view code_id) {
  return RunStatements([&]() -> absl::Status {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.enrolment_code SET wrong_tries = wrong_tries + 1 WHERE code_id = $1",
        std::string(code_id));
    return absl::OkStatus();
  });
}

absl::Status PostgresTerminalCertificateStore::UseCode(Transaction& tx, std::string_view code_id,
                                                       const CertificateRequestId& request,
                                                       absl::Time at) {
  return RunStatements([&]() -> absl::Status {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.enrolment_code SET used_at = $2, used_for = $3 WHERE code_id = $1",
        std::string(code_id), InstantText(at), UuidText(request));
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> PostgresTerminalCertificateStore::TakeKey(Transaction& tx,
                                                               const Digest32& key_fingerprint,
                                                               absl::Time at) {
  return RunStatements([&]() -> absl::StatusOr<bool> {
    const pqxx::result taken = PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.certified_key (key_fingerprint, first_at) VALUES ($1::bytea, $2)"
        " ON CONFLICT (key_fingerprint) DO NOTHING",
        ByteaText(key_fingerprint), InstantText(at));
    return taken.affected_rows() == 1;
  });
}

absl::Status PostgresTerminalCertificateStore::PutRequest(Transaction& tx,
                                                          const CertificateRequest& request) {
  return RunStatements([&]() -> absl::Status {
    const std::optional<std::string> renewed =
        request.renewed_fingerprint ? std::optional(ByteaText(*request.renewed_fingerprint))
                                    : std::nullopt;
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.certificate_request (certificate_request_id, origin, facility_code,"
        " terminal_id, kind, request_der, key_fingerprint, submitted_at, code_issued_by,"
        " renewed_fingerprint, state, decided_at, decided_by, delivered_by, label)"
        " VALUES ($1, $2, $3, $4, $5, $6::bytea, $7::bytea, $8, $9, $10::bytea, $11, $12, $13,"
        " '', nullif($14, ''))",
        UuidText(request.id), static_cast<int>(request.origin), request.facility_code,
        request.terminal_id, static_cast<int>(request.kind), ByteaText(request.request_der),
        ByteaText(request.key_fingerprint), InstantText(request.submitted), request.code_issued_by,
        renewed, static_cast<int>(request.state), InstantOrNull(request.decided),
        request.decided_by, request.label);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<CertificateRequest>> PostgresTerminalCertificateStore::FindRequest(
    Transaction& tx, const CertificateRequestId& id) {
  return RequestNamed(tx, id, "");
}

absl::StatusOr<std::optional<CertificateRequest>> PostgresTerminalCertificateStore::HoldRequest(
    Transaction& tx, const CertificateRequestId& id) {
  return RequestNamed(tx, id, " FOR UPDATE");
}

absl::Status PostgresTerminalCertificateStore::UpdateRequest(Transaction& tx,
                                                             const CertificateRequest& request) {
  return RunStatements([&]() -> absl::Status {
    PostgresTransaction::Work(tx).exec_params(
        "UPDATE kakunin.certificate_request SET state = $2, decided_at = $3, decided_by = $4,"
        " delivered_at = $5, delivered_by = $6, certificate_der = $7::bytea,"
        " issuer_der = $8::bytea WHERE certificate_request_id = $1",
        UuidText(request.id), static_cast<int>(request.state), InstantOrNull(request.decided),
        request.decided_by, InstantOrNull(request.delivered), request.delivered_by,
        OctetsOrNull(request.certificate_der), OctetsOrNull(request.issuer_der));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<CertificateRequest>> PostgresTerminalCertificateStore::ListRequests(
    Transaction& tx, const CertificateRequestRange& range) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<CertificateRequest>> {
    std::vector<std::string> states;
    states.reserve(range.states.size());
    for (const CertificateRequestState state : range.states) {
      states.push_back(std::to_string(static_cast<int>(state)));
    }
    std::vector<CertificateRequest> requests;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             std::string(kRequest) +
                 " WHERE state = ANY ($1::smallint[]) AND ($2::timestamptz IS NULL"
                 " OR (submitted_at, certificate_request_id) > ($2, $3::uuid))"
                 " ORDER BY submitted_at, certificate_request_id LIMIT $4",
             TextArray(states), InstantOrNull(range.after_submitted), UuidText(range.after_id),
             range.limit)) {
      requests.push_back(RequestFrom(row));
    }
    return requests;
  });
}

absl::StatusOr<std::optional<CertificateRequest>> PostgresTerminalCertificateStore::LastRenewal(
    Transaction& tx, const std::string& facility_code, const std::string& terminal_id) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<CertificateRequest>> {
    return FirstOf(PostgresTransaction::Work(tx).exec_params(
        std::string(kRequest) + " WHERE facility_code = $1 AND terminal_id = $2 AND origin = 2"
                                " ORDER BY submitted_at DESC, certificate_request_id LIMIT 1",
        facility_code, terminal_id));
  });
}

}  // namespace kakunin
