#include "auth/oid.h"

#include <algorithm>

namespace kakunin::auth {
namespace {

bool AppendArc(std::string_view digits, uint64_t offset, std::string& out) {
  if (digits.empty() || digits.size() > 18 || (digits.size() > 1 && digits[0] == '0')) return false;
  uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  value += offset;
  std::string octets(1, static_cast<char>(value & 0x7f));
  while ((value >>= 7) != 0)
    octets.insert(octets.begin(), static_cast<char>(0x80 | (value & 0x7f)));
  out += octets;
  return true;
}

}  // namespace

bool ContainsOid(DerBytes oid_elements, DerBytes oid_content) {
  DerReader reader(oid_elements);
  while (const std::optional<DerElement> oid = reader.ReadAny()) {
    if (std::ranges::equal(oid->content, oid_content)) return true;
  }
  return false;
}

std::optional<std::string> EncodeOid(std::string_view dotted) {
  const size_t first_dot = dotted.find('.');
  if (first_dot != 1 || dotted[0] < '0' || dotted[0] > '2') return std::nullopt;
  const uint64_t root = static_cast<uint64_t>(dotted[0] - '0');
  std::string_view rest = dotted.substr(2);
  std::string out;
  bool first = true;
  while (true) {
    const size_t dot = rest.find('.');
    const std::string_view arc = rest.substr(0, dot);
    // X.690 8.19.4: the first two arcs share a subidentifier; under 0 and 1 the second is below 40.
    if (first && root < 2 && (arc.size() > 2 || (arc.size() == 2 && arc >= "40")))
      return std::nullopt;
    if (!AppendArc(arc, first ? root * 40 : 0, out)) return std::nullopt;
    first = false;
    if (dot == std::string_view::npos) return out;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace kakunin::auth
