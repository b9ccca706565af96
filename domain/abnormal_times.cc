#include "domain/abnormal_times.h"

#include <algorithm>

namespace kakunin {
namespace {

constexpr char kFormat = 1;

void Append(std::string_view text, std::string& out) {
  const auto size = static_cast<uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(size >> shift));
  out.append(text);
}

void Append(int64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<uint64_t>(number) >> shift));
  }
}

// Microseconds, as the database keeps them; both infinities are numbers of their own.
void Append(absl::Time at, std::string& out) { Append(absl::ToUnixMicros(at), out); }

void Append(const std::optional<absl::Time>& at, std::string& out) {
  out.push_back(at ? 1 : 0);
  if (at) Append(*at, out);
}

void Append(const std::vector<std::string>& texts, std::string& out) {
  Append(static_cast<int64_t>(texts.size()), out);
  for (const std::string& text : texts) Append(text, out);
}

void Append(const PolicyId& id, std::string& out) {
  out.append(reinterpret_cast<const char*>(id.octets.data()), id.octets.size());
}

}  // namespace

bool Concerns(const AbnormalTimesPolicy& policy, const Terminal& terminal) {
  return std::ranges::binary_search(policy.facilities, terminal.facility_code) ||
         (!terminal.municipality_code.empty() && terminal.municipality_since < policy.proposed_at &&
          std::ranges::binary_search(policy.municipalities, terminal.municipality_code));
}

bool IsInForce(const AbnormalTimesPolicy& policy, absl::Time at) {
  return policy.approved_at && policy.from <= at && at < policy.to &&
         (!policy.ended_at || at < *policy.ended_at);
}

bool Opens(const AbnormalTimesPolicy& policy, RecordKind kind) {
  if (kind == RecordKind::kEligibility) return true;
  return MayBeOpened(kind) && (policy.kinds & KindBit(kind)) != 0;
}

std::string CanonicalOctets(const AbnormalTimesPolicy& policy) {
  std::string out(1, kFormat);
  Append(policy.id, out);
  Append(static_cast<int64_t>(policy.situation), out);
  Append(policy.order_number, out);
  Append(policy.order_day ? *policy.order_day - absl::CivilDay(1970, 1, 1) : int64_t{-1}, out);
  Append(policy.municipalities, out);
  Append(policy.facilities, out);
  Append(policy.from, out);
  Append(policy.to, out);
  Append(static_cast<int64_t>(policy.kinds), out);
  out.push_back(policy.rehearsal ? 1 : 0);
  Append(policy.extends, out);
  Append(policy.note, out);
  Append(policy.proposed_by, out);
  Append(policy.proposed_body, out);
  Append(policy.proposed_at, out);
  Append(policy.approved_by, out);
  Append(policy.approved_body, out);
  Append(policy.approved_at, out);
  Append(policy.ended_by, out);
  Append(policy.ended_at, out);
  return out;
}

const AbnormalTimesPolicy* PolicyInForce(const Terminal& terminal, Situation situation,
                                         RecordKind kind, absl::Time at,
                                         const std::optional<PolicyId>& named) {
  if (terminal.abnormal_times == nullptr) return nullptr;
  for (const AbnormalTimesPolicy& policy : terminal.abnormal_times->policies) {
    if (policy.situation == situation && (!named || policy.id == *named) && IsInForce(policy, at) &&
        Opens(policy, kind) && Concerns(policy, terminal)) {
      return &policy;
    }
  }
  return nullptr;
}

std::string EmergencyScope(std::string_view facility_code) {
  return std::string(facility_code) + "/emergency";
}

absl::Time ViewEnd(const AbnormalTimesPolicy& policy, absl::Time at) {
  const absl::Duration life =
      policy.situation == Situation::kEmergency ? kEmergencyViewLife : kDisasterViewLife;
  return std::min(at + life, policy.to);
}

}  // namespace kakunin
