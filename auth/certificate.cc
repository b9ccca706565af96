#include "auth/certificate.h"

#include <algorithm>
#include <array>

namespace kakunin::auth {
namespace {

constexpr int kMaxRdns = 32;
constexpr int kMaxPolicies = 16;
// Third octet of the id-ce arc 2.5.29 (55 1d xx).
constexpr uint8_t kIdCe[] = {0x55, 0x1d};
constexpr uint8_t kSubjectKeyId = 14;
constexpr uint8_t kKeyUsage = 15;
constexpr uint8_t kSubjectAltName = 17;
constexpr uint8_t kBasicConstraints = 19;
constexpr uint8_t kNameConstraints = 30;
constexpr uint8_t kDistributionPoints = 31;
constexpr uint8_t kPolicies = 32;
constexpr uint8_t kPolicyMappings = 33;
constexpr uint8_t kAuthorityKeyId = 35;
constexpr uint8_t kPolicyConstraints = 36;
constexpr uint8_t kExtendedKeyUsage = 37;
constexpr uint8_t kInhibitAnyPolicy = 54;

constexpr uint8_t kDirectoryName = der::ContextConstructed(4);
constexpr uint8_t kUri = der::ContextPrimitive(6);

bool IsStringTag(uint8_t tag) {
  return tag == der::kUtf8String || tag == der::kPrintableString || tag == der::kIa5String ||
         tag == 0x12 || tag == 0x1a || tag == 0x1e;
}

// The characters were checked by IsStrictDer; here the shape: SEQUENCE OF SET OF {OID, string}.
bool IsName(DerBytes content) {
  DerReader rdns(content);
  for (int count = 0; !rdns.empty(); ++count) {
    const std::optional<DerElement> rdn = rdns.Read(der::kSet);
    if (!rdn || rdn->content.empty() || count == kMaxRdns) return false;
    DerReader attributes(rdn->content);
    while (!attributes.empty()) {
      const std::optional<DerElement> attribute = attributes.Read(der::kSequence);
      if (!attribute) return false;
      DerReader pair(attribute->content);
      if (!pair.Read(der::kOid)) return false;
      const std::optional<DerElement> value = pair.ReadAny();
      if (!value || !IsStringTag(value->tag) || !pair.empty()) return false;
    }
  }
  return true;
}

bool IsIa5(DerBytes text) {
  return std::all_of(text.begin(), text.end(), [](uint8_t c) { return c != 0 && c < 0x80; });
}

bool IsGeneralNames(DerBytes content) {
  DerReader names(content);
  if (names.empty()) return false;
  while (!names.empty()) {
    const std::optional<DerElement> name = names.ReadAny();
    if (!name) return false;
    switch (name->tag) {
      case der::ContextPrimitive(1):  // e-mail
      case der::ContextPrimitive(2):  // DNS
      case kUri:
        if (name->content.empty() || !IsIa5(name->content)) return false;
        break;
      case kDirectoryName: {
        const std::optional<DerElement> inner = ReadWhole(name->content, der::kSequence);
        if (!inner || !IsName(inner->content)) return false;
        break;
      }
      case der::ContextPrimitive(7):    // IP address
      case der::ContextPrimitive(8):    // registered id
      case der::ContextConstructed(0):  // other name
      case der::ContextConstructed(3):
      case der::ContextConstructed(5):
        break;
      default:
        return false;
    }
  }
  return true;
}

// The fields of a DistributionPoint.
struct PointFields {
  std::optional<DerBytes> name;  // content of [0], a DistributionPointName
  bool has_reasons = false;
  bool has_crl_issuer = false;
};

std::optional<PointFields> ReadPoint(DerReader& points) {
  const std::optional<DerElement> point = points.Read(der::kSequence);
  if (!point) return std::nullopt;
  DerReader reader(point->content);
  PointFields fields;
  if (const auto name = reader.Read(der::ContextConstructed(0))) fields.name = name->content;
  fields.has_reasons = reader.Read(der::ContextPrimitive(1)).has_value();
  fields.has_crl_issuer = reader.Read(der::ContextConstructed(2)).has_value();
  if (!reader.empty() || (!fields.name && !fields.has_crl_issuer)) return std::nullopt;
  return fields;
}

bool ReadDistributionPoints(DerBytes content, CertificateView& out) {
  DerReader points(content);
  if (points.empty()) return false;
  while (!points.empty()) {
    const std::optional<PointFields> fields = ReadPoint(points);
    if (!fields) return false;
    if (!fields->name) continue;
    DerReader choice(*fields->name);
    if (const auto full = choice.Read(der::ContextConstructed(0))) {
      if (!IsGeneralNames(full->content)) return false;
    } else if (!choice.Read(der::ContextConstructed(1))) {
      return false;
    }
    if (!choice.empty()) return false;
  }
  out.distribution_points = content;
  return true;
}

bool ReadPolicies(DerBytes content, CertificateView& out) {
  std::array<DerBytes, kMaxPolicies> seen;
  size_t count = 0;
  DerReader policies(content);
  if (policies.empty()) return false;
  while (!policies.empty()) {
    const std::optional<DerElement> policy = policies.Read(der::kSequence);
    if (!policy || count == seen.size()) return false;
    DerReader reader(policy->content);
    const std::optional<DerElement> oid = reader.Read(der::kOid);
    if (!oid) return false;
    if (!reader.empty()) {
      const std::optional<DerElement> qualifiers = reader.Read(der::kSequence);
      if (!qualifiers || qualifiers->content.empty() || !reader.empty()) return false;
    }
    for (size_t i = 0; i < count; ++i) {
      if (std::ranges::equal(seen[i], oid->content)) return false;
    }
    seen[count++] = oid->content;
  }
  out.certificate_policies = content;
  return true;
}

bool ReadKeyUsage(DerBytes value, CertificateView& out) {
  const std::optional<DerElement> bits = ReadWhole(value, der::kBitString);
  if (!bits || bits->content.size() < 2 || bits->content.size() > 3) return false;
  // X.690 11.2.2: a named bit list has no trailing zero bits.
  if ((bits->content.back() >> bits->content[0] & 1) == 0) return false;
  uint16_t usage = static_cast<uint16_t>(bits->content[1] << 8);
  if (bits->content.size() == 3) usage |= bits->content[2];
  out.key_usage = usage;
  return true;
}

bool ReadBasicConstraints(DerBytes content, CertificateView& out) {
  DerReader reader(content);
  out.has_basic_constraints = true;
  if (const auto ca = reader.Read(der::kBoolean)) {
    if (ca->content[0] != 0xff) return false;  // DEFAULT FALSE is not encoded
    out.is_ca = true;
  }
  if (const auto length = reader.Read(der::kInteger)) {
    if (!out.is_ca || length->content.size() > 2 || (length->content[0] & 0x80) != 0) return false;
    int64_t path_length = 0;
    for (const uint8_t octet : length->content) path_length = path_length << 8 | octet;
    out.path_length = path_length;
  }
  return reader.empty();
}

bool ReadAuthorityKeyId(DerBytes content, CertificateView& out) {
  DerReader reader(content);
  if (const auto key_id = reader.Read(der::ContextPrimitive(0))) {
    if (key_id->content.empty()) return false;
    out.authority_key_id = key_id->content;
  }
  const bool has_issuer = reader.Read(der::ContextConstructed(1)).has_value();
  const bool has_serial = reader.Read(der::ContextPrimitive(2)).has_value();
  return reader.empty() && has_issuer == has_serial;
}

bool ReadExtendedKeyUsage(DerBytes content, CertificateView& out) {
  DerReader reader(content);
  if (reader.empty()) return false;
  while (!reader.empty()) {
    if (!reader.Read(der::kOid)) return false;
  }
  out.extended_key_usage = content;
  return true;
}

// The SEQUENCE that fills an extension value, or nullopt.
std::optional<DerBytes> SequenceIn(DerBytes value) {
  const std::optional<DerElement> sequence = ReadWhole(value, der::kSequence);
  if (!sequence) return std::nullopt;
  return sequence->content;
}

bool ReadSequenceExtension(uint8_t number, bool critical, DerBytes content, CertificateView& out) {
  switch (number) {
    case kBasicConstraints:
      out.basic_constraints_critical = critical;
      return ReadBasicConstraints(content, out);
    case kDistributionPoints:
      return ReadDistributionPoints(content, out);
    case kPolicies:
      return ReadPolicies(content, out);
    case kAuthorityKeyId:
      return ReadAuthorityKeyId(content, out);
    case kExtendedKeyUsage:
      out.extended_key_usage_critical = critical;
      return ReadExtendedKeyUsage(content, out);
    default:  // kSubjectAltName
      out.subject_alt_names = content;
      return IsGeneralNames(content);
  }
}

bool ReadKnownExtension(uint8_t number, bool critical, DerBytes value, CertificateView& out) {
  if (!IsStrictDer(value)) return false;
  // RFC 5280 4.2.1.1 and 4.2.1.2: hints, never critical. OpenSSL does not know them as such either.
  if (number == kAuthorityKeyId || number == kSubjectKeyId) out.has_unknown_critical |= critical;
  if (number == kKeyUsage) {
    out.key_usage_critical = critical;
    return ReadKeyUsage(value, out);
  }
  if (number == kSubjectKeyId) {
    const std::optional<DerElement> id = ReadWhole(value, der::kOctetString);
    if (!id || id->content.empty()) return false;
    out.subject_key_id = id->content;
    return true;
  }
  const std::optional<DerBytes> content = SequenceIn(value);
  return content && ReadSequenceExtension(number, critical, *content, out);
}

bool ReadExtension(DerBytes oid, bool critical, DerBytes value, CertificateView& out) {
  const bool in_id_ce = oid.size() == 3 && std::ranges::equal(oid.first(2), kIdCe);
  switch (in_id_ce ? oid[2] : 0) {
    case kSubjectKeyId:
    case kKeyUsage:
    case kSubjectAltName:
    case kBasicConstraints:
    case kDistributionPoints:
    case kPolicies:
    case kAuthorityKeyId:
    case kExtendedKeyUsage:
      return ReadKnownExtension(oid[2], critical, value, out);
    case kNameConstraints:
    case kPolicyMappings:
    case kPolicyConstraints:
    case kInhibitAnyPolicy:
      out.has_path_constraints = true;
      return true;
    default:
      out.has_unknown_critical |= critical;
      return true;
  }
}

bool ReadExtensions(DerBytes explicit_content, CertificateView& out) {
  const std::optional<DerBytes> list = SequenceIn(explicit_content);
  if (!list || list->empty()) return false;
  std::array<DerBytes, kMaxExtensions> seen;
  size_t count = 0;
  DerReader extensions(*list);
  while (!extensions.empty()) {
    const std::optional<DerElement> extension = extensions.Read(der::kSequence);
    if (!extension || count == seen.size()) return false;
    DerReader reader(extension->content);
    const std::optional<DerElement> oid = reader.Read(der::kOid);
    const std::optional<DerElement> critical = reader.Read(der::kBoolean);
    const std::optional<DerElement> value = reader.Read(der::kOctetString);
    if (!oid || !value || !reader.empty()) return false;
    if (critical && critical->content[0] != 0xff) return false;  // DEFAULT FALSE is not encoded
    for (size_t i = 0; i < count; ++i) {
      if (std::ranges::equal(seen[i], oid->content)) return false;
    }
    seen[count++] = oid->content;
    if (!ReadExtension(oid->content, critical.has_value(), value->content, out)) return false;
  }
  return true;
}

bool ReadSerial(const std::optional<DerElement>& element, CertificateView& out) {
  if (!element || element->content.size() > SerialNumber::kMaxBytes) return false;
  if ((element->content[0] & 0x80) != 0) return false;
  const std::optional<SerialNumber> serial = SerialNumber::FromBigEndian(element->content);
  if (!serial) return false;
  out.serial = *serial;
  return true;
}

bool ReadValidity(const std::optional<DerElement>& element, CertificateView& out) {
  if (!element) return false;
  DerReader reader(element->content);
  const std::optional<DerElement> from = reader.ReadAny();
  const std::optional<DerElement> to = reader.ReadAny();
  if (!from || !to || !reader.empty()) return false;
  const std::optional<int64_t> not_before = ParseDerTime(*from);
  const std::optional<int64_t> not_after = ParseDerTime(*to);
  if (!not_before || !not_after) return false;
  out.not_before = *not_before;
  out.not_after = *not_after;
  return true;
}

bool ReadVersion3(DerReader& tbs) {
  const std::optional<DerElement> wrapper = tbs.Read(der::ContextConstructed(0));
  if (!wrapper) return false;
  const std::optional<DerElement> version = ReadWhole(wrapper->content, der::kInteger);
  return version && version->content.size() == 1 && version->content[0] == 2;
}

// Reads TBSCertificate; `algorithm` receives the inner AlgorithmIdentifier.
bool ReadTbs(DerBytes content, DerBytes& algorithm, CertificateView& out) {
  DerReader tbs(content);
  if (!ReadVersion3(tbs) || !ReadSerial(tbs.Read(der::kInteger), out)) return false;
  const std::optional<DerElement> inner = tbs.Read(der::kSequence);
  const std::optional<DerElement> issuer = tbs.Read(der::kSequence);
  if (!inner || !issuer || issuer->content.empty() || !IsName(issuer->content)) return false;
  if (!ReadValidity(tbs.Read(der::kSequence), out)) return false;
  const std::optional<DerElement> subject = tbs.Read(der::kSequence);
  const std::optional<DerElement> spki = tbs.Read(der::kSequence);
  if (!subject || !IsName(subject->content) || !spki) return false;
  const std::optional<PublicKeyView> key = ParsePublicKey(spki->encoded);
  if (!key) return false;
  algorithm = inner->encoded;
  out.issuer = issuer->encoded;
  out.subject = subject->encoded;
  out.spki = spki->encoded;
  out.key = *key;
  // Unique identifiers ([1], [2]) are forbidden by RFC 5280 4.1.2.8 and fall out as a rest here.
  const std::optional<DerElement> extensions = tbs.Read(der::ContextConstructed(3));
  if (extensions && !ReadExtensions(extensions->content, out)) return false;
  return tbs.empty();
}

}  // namespace

std::optional<CertificateView> ParseCertificate(DerBytes input) {
  if (input.size() > kMaxCertificateBytes || !IsStrictDer(input)) return std::nullopt;
  const std::optional<DerElement> certificate = ReadWhole(input, der::kSequence);
  if (!certificate) return std::nullopt;
  DerReader reader(certificate->content);
  const std::optional<DerElement> tbs = reader.Read(der::kSequence);
  const std::optional<DerElement> outer = reader.Read(der::kSequence);
  const std::optional<DerElement> signature = reader.Read(der::kBitString);
  if (!tbs || !outer || !signature || !reader.empty()) return std::nullopt;
  if (signature->content[0] != 0) return std::nullopt;
  const std::optional<SignatureAlgorithm> algorithm = ParseSignatureAlgorithm(outer->encoded);
  if (!algorithm) return std::nullopt;
  CertificateView view;
  view.tbs = tbs->encoded;
  view.signature_algorithm = *algorithm;
  view.signature = signature->content.subspan(1);
  DerBytes inner;
  if (!ReadTbs(tbs->content, inner, view)) return std::nullopt;
  view.signature_algorithms_differ = !std::ranges::equal(inner, outer->encoded);
  return view;
}

std::optional<DerBytes> DistributionPointName(DerBytes full_name_content) {
  std::optional<DerBytes> uri;
  DerReader names(full_name_content);
  while (!names.empty()) {
    const std::optional<DerElement> name = names.ReadAny();
    if (!name) return std::nullopt;
    if (name->tag == kDirectoryName) return name->encoded;
    if (name->tag == kUri && !uri) uri = name->encoded;
  }
  return uri;
}

std::optional<DerBytes> PartitionOf(const CertificateView& certificate) {
  if (!certificate.distribution_points) return DerBytes{};
  DerReader points(*certificate.distribution_points);
  const std::optional<PointFields> fields = ReadPoint(points);
  if (!fields || !fields->name || fields->has_reasons || fields->has_crl_issuer) {
    return std::nullopt;
  }
  const std::optional<DerElement> full = ReadWhole(*fields->name, der::ContextConstructed(0));
  if (!full) return std::nullopt;
  return DistributionPointName(full->content);
}

}  // namespace kakunin::auth
