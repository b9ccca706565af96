#include "server/rpc/convert_terminals.h"

#include <algorithm>

#include "domain/text/facility_code.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

constexpr size_t kMostTerminalId = 32;

}  // namespace

void RequiredFacilityCode(FieldErrors& errors, std::string_view field, const std::string& code) {
  RequiredDigits(errors, field, code, FacilityCode::kLength);
}

void RequiredTerminalId(FieldErrors& errors, std::string_view field, const std::string& id) {
  if (id.empty()) {
    errors.Add(std::string(field), kFieldMissing);
    return;
  }
  const bool right = id.size() <= kMostTerminalId && std::all_of(id.begin(), id.end(), [](char c) {
                       return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                              (c >= '0' && c <= '9') || c == '-';
                     });
  if (!right) errors.Add(std::string(field), "半角英数字とハイフン32文字以内で入力してください。");
}

std::string OctetsText(const Digest32& octets) { return {octets.begin(), octets.end()}; }

void SetTerminal(const TerminalRow& row, v1::Terminal& out) {
  out.set_facility_code(row.facility_code);
  out.set_terminal_id(row.terminal_id);
  out.set_kind(static_cast<v1::TerminalKind>(row.kind));
  out.set_certificate_fingerprint(OctetsText(row.fingerprint));
  *out.mutable_not_before() = TimeToProto(row.not_before);
  *out.mutable_not_after() = TimeToProto(row.not_after);
  out.set_revoked(row.revoked_at.has_value());
  out.set_suspended(row.suspended_at.has_value());
}

}  // namespace kakunin
