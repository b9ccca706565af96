#include "auth/crl_writer.h"

#include "auth/der_reader.h"
#include "auth/der_writer.h"
#include "auth/digest.h"

namespace kakunin::auth {
namespace {

// One plain entry, appended in place: a million of them must not cost a million strings.
void AppendEntry(uint64_t serial, std::string_view date, std::string& out) {
  char octets[9];
  size_t size = 0;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto octet = static_cast<uint8_t>(serial >> shift);
    if (size == 0 && octet == 0 && shift != 0) continue;
    if (size == 0 && octet >= 0x80) octets[size++] = 0;
    octets[size++] = static_cast<char>(octet);
  }
  out += static_cast<char>(der::kSequence);
  out += static_cast<char>(2 + size + date.size());
  out += static_cast<char>(der::kInteger);
  out += static_cast<char>(size);
  out.append(octets, size);
  out += date;
}

std::string EntryDer(const RevokedEntry& entry) {
  std::vector<ExtensionSpec> extensions;
  if (entry.reason) {
    extensions.push_back(
        {"2.5.29.21", false,
         DerTlv(der::kEnumerated, std::string(1, static_cast<char>(*entry.reason)))});
  }
  extensions.insert(extensions.end(), entry.extra_extensions.begin(), entry.extra_extensions.end());
  return DerSequence({DerUnsigned(AsText(entry.serial.bytes())), DerTime(entry.revoked_at),
                      extensions.empty() ? std::string() : ExtensionListDer(extensions)});
}

std::string Extensions(const CrlSpec& spec, const Authority& issuer) {
  std::vector<ExtensionSpec> extensions;
  if (spec.authority_key_id) {
    extensions.push_back({"2.5.29.35", false,
                          DerSequence({DerTlv(der::ContextPrimitive(0), issuer.subject_key_id)})});
  }
  if (spec.crl_number) {
    extensions.push_back({"2.5.29.20", false, DerUnsigned(AsText(spec.crl_number->bytes()))});
  }
  if (!spec.raw_issuing_point.empty()) {
    extensions.push_back({"2.5.29.28", true, spec.raw_issuing_point});
  } else if (!spec.partition.empty()) {
    extensions.push_back(
        {"2.5.29.28", true,
         DerSequence({DerTlv(der::ContextConstructed(0),
                             DerTlv(der::ContextConstructed(0), spec.partition))})});
  }
  extensions.insert(extensions.end(), spec.extra_extensions.begin(), spec.extra_extensions.end());
  if (extensions.empty()) return {};
  return DerTlv(der::ContextConstructed(0), ExtensionListDer(extensions));
}

}  // namespace

std::string IssueCrl(const CrlSpec& spec, const Authority& issuer) {
  const std::string date = DerTime(spec.this_update);
  std::string entries;
  entries.reserve(spec.serials.size() * 28);
  for (const uint64_t serial : spec.serials) AppendEntry(serial, date, entries);
  for (const RevokedEntry& entry : spec.entries) entries += EntryDer(entry);
  const std::string algorithm = SignatureAlgorithmDer(issuer.key.type(), spec.digest);
  const std::string tbs =
      DerSequence({DerInteger(1), algorithm, issuer.subject, date,
                   spec.next_update ? DerTime(*spec.next_update) : std::string(),
                   entries.empty() ? std::string() : DerTlv(der::kSequence, entries),
                   Extensions(spec, issuer)});
  return DerSequence({tbs, algorithm, DerBitString(issuer.key.Sign(tbs, spec.digest))});
}

}  // namespace kakunin::auth
