#include "server/usecases/enrol_terminal.h"

#include <algorithm>
#include <utility>

#include "auth/encoding.h"
#include "auth/uuid.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/refusal.h"

namespace kakunin {
namespace {

// Each use of the key is of other octets.
constexpr std::string_view kReceiptLabel = "terminal certificate receipt\n";
constexpr std::string_view kCodeLabel = "enrolment code\n";
constexpr size_t kIdDigits = 32;
constexpr size_t kMacDigits = 32;

std::string ReceiptMac(const CertificateRequestId& id, const auth::HmacKey& key) {
  return auth::HexEncode(key.Mac(std::string(kReceiptLabel) + std::string(auth::AsText(id.octets))))
      .substr(0, kMacDigits);
}

Reason RefusalOf(CodeVerdict verdict) {
  if (verdict == CodeVerdict::kUsed) return Reason::kEnrolmentCodeUsed;
  if (verdict == CodeVerdict::kExpired) return Reason::kEnrolmentCodeExpired;
  return Reason::kEnrolmentCodeRefused;
}

// For the audit alone: more exact than what the caller is told.
std::string_view NameOf(CodeVerdict verdict) {
  switch (verdict) {
    case CodeVerdict::kGood:
      return "good";
    case CodeVerdict::kWrong:
      return "wrong";
    case CodeVerdict::kExhausted:
      return "exhausted";
    case CodeVerdict::kUsed:
      return "used";
    case CodeVerdict::kExpired:
      return "expired";
  }
  return "";
}

// Audited runs `act` (Transaction&, AuditRecord&) -> StatusOr<optional<Reason>>. A refusal commits
// like an act, with what was counted for it.
template <class Act>
absl::StatusOr<AuditId> Audited(Database& database, const AuditRecord& call, MonotonicTime deadline,
                                Act&& act) {
  AuditId id;
  std::optional<Reason> refused;
  RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    AuditRecord record = call;
    ASSIGN_OR_RETURN(refused, act(tx, record));
    if (refused) AddRefusal(MakeError(*refused), record);
    ASSIGN_OR_RETURN(id, tx.AppendAudit(std::move(record)));
    return absl::OkStatus();
  }));
  if (refused) return MakeError(*refused);
  return id;
}

// IsOvertaken tells whether the right that a code was issued for was taken away since: whoever took
// it did not know of the code.
absl::StatusOr<bool> IsOvertaken(Transaction& tx, RegistryStore& registry,
                                 const EnrolmentCode& code, absl::Time now) {
  ASSIGN_OR_RETURN(const auto facility, registry.FindFacility(tx, code.facility_code));
  if (!facility || !facility->active ||
      !WorksDuringClosure(facility->terms.closure, CivilDayAt(now)) ||
      !MayHaveTerminal(facility->terms, code.kind)) {
    return true;
  }
  ASSIGN_OR_RETURN(const auto terminal,
                   registry.ReadTerminal(tx, code.facility_code, code.terminal_id));
  if (!terminal) return false;
  return (terminal->revoked_at && code.issued <= *terminal->revoked_at) ||
         (terminal->suspended_at && code.issued <= *terminal->suspended_at);
}

CertificateRequestId NewRequestId() { return {auth::RandomArray<16>()}; }

}  // namespace

std::string WriteEnrolmentReceipt(const CertificateRequestId& id, const auth::HmacKey& key) {
  return auth::HexEncode(auth::AsText(id.octets)) + ReceiptMac(id, key);
}

std::optional<CertificateRequestId> ReadEnrolmentReceipt(std::string_view receipt,
                                                         const auth::HmacKey& key) {
  if (receipt.size() != kIdDigits + kMacDigits) return std::nullopt;
  const auto octets = auth::HexDecode(receipt.substr(0, kIdDigits));
  if (!octets) return std::nullopt;
  CertificateRequestId id;
  std::copy(octets->begin(), octets->end(), id.octets.begin());
  if (!auth::ConstantTimeEqual(receipt.substr(kIdDigits), ReceiptMac(id, key))) {
    return std::nullopt;
  }
  return id;
}

Digest32 EnrolmentSecretHash(const EnrolmentCodeText& code, const auth::HmacKey& key) {
  return key.Mac(std::string(kCodeLabel) + code.code_id + "\n" + code.secret);
}

Reason RefusalOf(auth::RequestFault fault) {
  switch (fault) {
    case auth::RequestFault::kMalformed:
      return Reason::kCertificateRequestMalformed;
    case auth::RequestFault::kWeakKey:
      return Reason::kCertificateRequestWeakKey;
    case auth::RequestFault::kAlgorithm:
      return Reason::kCertificateRequestAlgorithm;
    case auth::RequestFault::kProofFailed:
      return Reason::kCertificateRequestProofFailed;
  }
  return Reason::kInternal;
}

absl::StatusOr<SubmittedRequest> EnrolTerminal::Submit(const AuditRecord& record,
                                                       std::string_view code,
                                                       std::string_view request_pem,
                                                       MonotonicTime deadline) {
  const auto read = ReadEnrolmentCode(code);
  // Before the transaction, and whatever the code is worth: it tells nobody anything by itself.
  const auth::CheckedRequest checked = auth::CheckCertificateRequestPem(request_pem);
  SubmittedRequest submitted;
  ASSIGN_OR_RETURN(submitted.audit_id,
                   Audited(database_, record, deadline, [&](Transaction& tx, AuditRecord& row) {
                     return TrySubmit(tx, row, read, checked, submitted.request);
                   }));
  submitted.receipt = WriteEnrolmentReceipt(submitted.request.id, key_);
  return submitted;
}

absl::StatusOr<std::optional<Reason>> EnrolTerminal::TrySubmit(
    Transaction& tx, AuditRecord& record, const std::optional<EnrolmentCodeText>& shown,
    const auth::CheckedRequest& checked, CertificateRequest& request) {
  if (!shown) {
    AddDetail(record, "code", "malformed");
    return std::optional(Reason::kEnrolmentCodeRefused);
  }
  ASSIGN_OR_RETURN(const auto code, store_.HoldCode(tx, shown->code_id));
  const Digest32 hash = EnrolmentSecretHash(*shown, key_);
  // Where there is no such code the same is done in the same time.
  const EnrolmentCode none{.code_id = shown->code_id};
  const EnrolmentCode& held = code ? *code : none;
  const bool right = auth::ConstantTimeEqual(hash, held.secret_hash) && code.has_value();
  const CodeVerdict verdict = JudgeEnrolmentCode(held, right, record.at);
  AddDetail(record, "code", shown->code_id);
  AddDetail(record, "verdict", code ? NameOf(verdict) : "unknown");
  if (!right) RETURN_IF_ERROR(store_.CountWrongTry(tx, shown->code_id));
  if (verdict == CodeVerdict::kUsed && !checked.fault) {
    // Whoever lost our answer asks again; a thief of the code has another key.
    ASSIGN_OR_RETURN(const auto before, store_.FindRequest(tx, *held.used_for));
    if (before && before->request_der == checked.der) {
      AddDetail(record, "repeat", 1);
      request = *before;
      return std::optional<Reason>();
    }
  }
  if (verdict != CodeVerdict::kGood) return std::optional(RefusalOf(verdict));
  ASSIGN_OR_RETURN(const bool overtaken, IsOvertaken(tx, registry_, held, record.at));
  if (overtaken) {
    AddDetail(record, "overtaken", 1);
    return std::optional(Reason::kEnrolmentCodeOvertaken);
  }
  AddDetail(record, "terminal", held.facility_code + "/" + held.terminal_id);
  if (checked.fault) return std::optional(RefusalOf(*checked.fault));
  AddDetail(record, "key", auth::HexEncode(checked.key_fingerprint));
  ASSIGN_OR_RETURN(const bool fresh, store_.TakeKey(tx, checked.key_fingerprint, record.at));
  if (!fresh) return std::optional(Reason::kCertificateRequestKeyReused);
  request = {.id = NewRequestId(),
             .origin = CertificateRequestOrigin::kCode,
             .facility_code = held.facility_code,
             .terminal_id = held.terminal_id,
             .kind = held.kind,
             .request_der = checked.der,
             .key_fingerprint = checked.key_fingerprint,
             .submitted = record.at,
             .code_issued_by = held.issued_by,
             .label = held.label};
  AddDetail(record, "request", auth::UuidText(request.id.octets));
  RETURN_IF_ERROR(store_.PutRequest(tx, request));
  RETURN_IF_ERROR(store_.UseCode(tx, held.code_id, request.id, record.at));
  return std::optional<Reason>();
}

absl::StatusOr<EnrolledCertificate> EnrolTerminal::Get(const AuditRecord& record,
                                                       std::string_view receipt,
                                                       MonotonicTime deadline) {
  const auto id = ReadEnrolmentReceipt(receipt, key_);
  EnrolledCertificate enrolled;
  ASSIGN_OR_RETURN(
      enrolled.audit_id,
      Audited(database_, record, deadline,
              [&](Transaction& tx, AuditRecord& row) -> absl::StatusOr<std::optional<Reason>> {
                if (!id) return std::optional(Reason::kEnrolmentReceiptRefused);
                AddDetail(row, "request", auth::UuidText(id->octets));
                ASSIGN_OR_RETURN(const auto request, store_.FindRequest(tx, *id));
                if (!request) return std::optional(Reason::kEnrolmentReceiptRefused);
                AddDetail(row, "state", static_cast<int>(request->state));
                enrolled.request = AsTold(*request, row.at);
                return std::optional<Reason>();
              }));
  return enrolled;
}

}  // namespace kakunin
