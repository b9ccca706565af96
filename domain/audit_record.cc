#include "domain/audit_record.h"

#include <charconv>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

constexpr char kCanonicalFormat = 1;

void PutInt(std::string& out, int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(bits >> shift));
}

void PutText(std::string& out, std::string_view text) {
  PutInt(out, static_cast<int64_t>(text.size()));
  out.append(text);
}

template <size_t N>
void PutOctets(std::string& out, const std::array<uint8_t, N>& octets) {
  out.append(reinterpret_cast<const char*>(octets.data()), octets.size());
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string AuditIdText(const AuditId& id) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(48);
  for (const uint8_t octet : id.stream.octets) {
    text.push_back(kHex[octet >> 4]);
    text.push_back(kHex[octet & 15]);
  }
  text.push_back('-');
  text += std::to_string(id.number);
  return text;
}

std::optional<AuditId> AuditIdFromText(std::string_view text) {
  if (text.size() < 34 || text[32] != '-') return std::nullopt;
  AuditId id;
  for (size_t i = 0; i < 16; ++i) {
    const int high = HexDigit(text[2 * i]);
    const int low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.stream.octets[i] = static_cast<uint8_t>(high << 4 | low);
  }
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 33, end, id.number);
  if (error != std::errc() || stop != end || id.number < 1) return std::nullopt;
  return id;
}

void AppendCanonicalOctets(const AuditRecord& record, std::string& out) {
  out.push_back(kCanonicalFormat);
  PutOctets(out, record.id.stream.octets);
  PutInt(out, record.id.number);
  PutInt(out, absl::ToUnixMicros(record.at));
  PutInt(out, record.operation);
  PutInt(out, static_cast<int64_t>(record.actor_kind));
  PutText(out, record.actor);
  PutText(out, record.user);
  PutInt(out, record.role);
  PutInt(out, record.role_evidence);
  PutInt(out, record.form_of_care);
  PutInt(out, record.situation);
  PutInt(out, record.code);
  PutText(out, record.reason);
  PutInt(out, record.validity);
  out.push_back(record.person ? 1 : 0);
  if (record.person) PutOctets(out, record.person->octets);
  out.push_back(record.asked_day ? 1 : 0);
  if (record.asked_day) PutInt(out, DayNumber(*record.asked_day));
  PutText(out, record.details);
  PutOctets(out, record.request_id.octets);
  PutOctets(out, record.request_digest.octets);
  PutOctets(out, record.answer_digest.octets);
  PutText(out, record.key_id);
  PutOctets(out, record.previous_hash);
}

}  // namespace kakunin
