#include "auth/crl_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "auth/certificate.h"
#include "auth/der_reader.h"

namespace kakunin::auth {
namespace {

// Third octet of id-ce (2.5.29.x).
constexpr uint8_t kIssuerAltName = 18;
constexpr uint8_t kCrlNumber = 20;
constexpr uint8_t kReasonCode = 21;
constexpr uint8_t kInvalidityDate = 24;
constexpr uint8_t kDeltaIndicator = 27;
constexpr uint8_t kIssuingPoint = 28;
constexpr uint8_t kCertificateIssuer = 29;
constexpr uint8_t kAuthorityKeyId = 35;
constexpr uint8_t kReasonSuperseded = 4;
constexpr uint8_t kReasonRemoveFromCrl = 8;
constexpr size_t kMinEntryBytes = 18;  // 30 10, 02 01 xx, 17 0D and 13 characters: for reserve
constexpr size_t kMaxListExtensions = 16;

absl::Status Refuse(std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("CRL refused: {}", why));
}

// The fields of a CertificateList; views into the input.
struct CrlView {
  DerBytes tbs;
  DerBytes inner_algorithm;
  DerBytes issuer;
  int64_t this_update = 0;
  int64_t next_update = 0;
  DerBytes entries;
  SignatureAlgorithm algorithm;
  DerBytes signature;
  std::optional<DerBytes> authority_key_id;
  std::optional<SerialNumber> crl_number;
  DerBytes partition;
};

struct Extension {
  DerBytes oid;
  bool critical = false;
  DerBytes value;

  // The x of 2.5.29.x, or 0 for any other arc.
  uint8_t IdCe() const { return oid.size() == 3 && oid[0] == 0x55 && oid[1] == 0x1d ? oid[2] : 0; }
};

std::optional<Extension> ReadExtension(DerReader& list) {
  const std::optional<DerElement> sequence = list.Read(der::kSequence);
  if (!sequence || !IsStrictDer(sequence->encoded)) return std::nullopt;
  DerReader reader(sequence->content);
  const std::optional<DerElement> oid = reader.Read(der::kOid);
  const std::optional<DerElement> critical = reader.Read(der::kBoolean);
  const std::optional<DerElement> value = reader.Read(der::kOctetString);
  if (!oid || !value || !reader.empty() || (critical && critical->content[0] != 0xff)) {
    return std::nullopt;
  }
  if (!IsStrictDer(value->content)) return std::nullopt;
  return Extension{oid->content, critical.has_value(), value->content};
}

// The extensions of the list or of one entry, each OID once.
template <typename Handler>
absl::Status ForEachExtension(DerBytes list, Handler handle) {
  std::array<DerBytes, kMaxListExtensions> seen;
  size_t count = 0;
  DerReader reader(list);
  if (reader.empty()) return Refuse("empty extension list");
  while (!reader.empty()) {
    const std::optional<Extension> extension = ReadExtension(reader);
    if (!extension) return Refuse("an extension does not decode");
    if (count == seen.size()) return Refuse("too many extensions");
    for (size_t i = 0; i < count; ++i) {
      if (std::ranges::equal(seen[i], extension->oid)) return Refuse("duplicate extension");
    }
    seen[count++] = extension->oid;
    if (absl::Status status = handle(*extension); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReadIssuingPoint(DerBytes value, CrlView& out) {
  const std::optional<DerElement> sequence = ReadWhole(value, der::kSequence);
  if (!sequence) return Refuse("issuing distribution point does not decode");
  DerReader reader(sequence->content);
  if (const auto name = reader.Read(der::ContextConstructed(0))) {
    const std::optional<DerElement> full = ReadWhole(name->content, der::ContextConstructed(0));
    const std::optional<DerBytes> point =
        full ? DistributionPointName(full->content) : std::nullopt;
    if (!point) return Refuse("issuing distribution point has no usable name");
    out.partition = *point;
  }
  reader.Read(der::ContextPrimitive(1));  // onlyContainsUserCerts: cards are end entities
  // What is left can only be onlyContainsCACerts, onlySomeReasons, indirectCRL or
  // onlyContainsAttributeCerts: none says anything final about a card.
  if (!reader.empty()) return Refuse("issuing distribution point is limited or indirect");
  return absl::OkStatus();
}

absl::Status ReadListExtension(const Extension& extension, CrlView& out) {
  switch (extension.IdCe()) {
    case kCrlNumber: {
      const std::optional<DerElement> number = ReadWhole(extension.value, der::kInteger);
      if (!number || (number->content[0] & 0x80) != 0 ||
          number->content.size() > SerialNumber::kMaxBytes) {
        return Refuse("crlNumber does not decode");
      }
      out.crl_number = SerialNumber::FromBigEndian(number->content).value_or(SerialNumber());
      return absl::OkStatus();
    }
    case kAuthorityKeyId: {
      const std::optional<DerElement> sequence = ReadWhole(extension.value, der::kSequence);
      if (!sequence) return Refuse("authority key identifier does not decode");
      DerReader reader(sequence->content);
      if (const auto id = reader.Read(der::ContextPrimitive(0))) out.authority_key_id = id->content;
      return absl::OkStatus();
    }
    case kIssuingPoint:
      return ReadIssuingPoint(extension.value, out);
    case kDeltaIndicator:
      return Refuse("delta CRL");
    case kIssuerAltName:
      return absl::OkStatus();
    default:
      return extension.critical ? Refuse("unknown critical extension") : absl::OkStatus();
  }
}

// `reason` is set when the extension tells it.
absl::Status ReadEntryExtension(const Extension& extension, std::optional<uint8_t>& reason) {
  switch (extension.IdCe()) {
    case kReasonCode: {
      const std::optional<DerElement> number = ReadWhole(extension.value, der::kEnumerated);
      if (!number || number->content.size() != 1 || number->content[0] > 10 ||
          number->content[0] == 7) {
        return Refuse("an entry's reason does not decode");
      }
      reason = number->content[0];
      return *reason == kReasonRemoveFromCrl ? Refuse("removeFromCRL entry") : absl::OkStatus();
    }
    case kInvalidityDate:
      return ReadWhole(extension.value, der::kGeneralizedTime)
                 ? absl::OkStatus()
                 : Refuse("an entry's invalidity date does not decode");
    case kCertificateIssuer:
      return Refuse("entry of another issuer (indirect CRL)");
    default:
      return extension.critical ? Refuse("unknown critical entry extension") : absl::OkStatus();
  }
}

absl::Status ReadTimes(DerReader& tbs, CrlView& out) {
  const std::optional<DerElement> this_update = tbs.ReadAny();
  const std::optional<int64_t> from = this_update ? ParseDerTime(*this_update) : std::nullopt;
  if (!from) return Refuse("thisUpdate does not decode");
  if (!tbs.NextIs(der::kUtcTime) && !tbs.NextIs(der::kGeneralizedTime)) {
    return Refuse("no nextUpdate");
  }
  const std::optional<DerElement> next_update = tbs.ReadAny();
  const std::optional<int64_t> to = next_update ? ParseDerTime(*next_update) : std::nullopt;
  if (!to || *to <= *from) return Refuse("nextUpdate does not decode or is not after thisUpdate");
  out.this_update = *from;
  out.next_update = *to;
  return absl::OkStatus();
}

absl::Status ReadTbs(DerBytes content, CrlView& out) {
  DerReader tbs(content);
  const std::optional<DerElement> version = tbs.Read(der::kInteger);
  if (!version || version->content.size() != 1 || version->content[0] != 1) {
    return Refuse("not version 2");
  }
  const std::optional<DerElement> algorithm = tbs.Read(der::kSequence);
  const std::optional<DerElement> issuer = tbs.Read(der::kSequence);
  if (!algorithm || !issuer || !IsStrictDer(issuer->encoded)) return Refuse("not strict DER");
  out.inner_algorithm = algorithm->encoded;
  out.issuer = issuer->encoded;
  if (absl::Status status = ReadTimes(tbs, out); !status.ok()) return status;
  if (const auto entries = tbs.Read(der::kSequence)) {
    if (entries->content.empty()) return Refuse("empty list of entries is encoded");
    out.entries = entries->content;
  }
  const std::optional<DerElement> wrapper = tbs.Read(der::ContextConstructed(0));
  if (!tbs.empty()) return Refuse("not strict DER");
  if (!wrapper) return Refuse("no crlNumber");
  const std::optional<DerElement> list = ReadWhole(wrapper->content, der::kSequence);
  if (!list) return Refuse("extensions do not decode");
  if (absl::Status status = ForEachExtension(
          list->content, [&](const Extension& e) { return ReadListExtension(e, out); });
      !status.ok()) {
    return status;
  }
  return out.crl_number ? absl::OkStatus() : Refuse("no crlNumber");
}

absl::StatusOr<CrlView> ReadCrl(DerBytes input) {
  const std::optional<DerElement> crl = ReadWhole(input, der::kSequence);
  if (!crl) return Refuse("not one strict DER element");
  DerReader reader(crl->content);
  const std::optional<DerElement> tbs = reader.Read(der::kSequence);
  const std::optional<DerElement> algorithm = reader.Read(der::kSequence);
  const std::optional<DerElement> signature = reader.Read(der::kBitString);
  if (!tbs || !algorithm || !signature || !reader.empty() || signature->content.empty() ||
      signature->content[0] != 0) {
    return Refuse("not strict DER");
  }
  CrlView view;
  view.tbs = tbs->encoded;
  view.signature = signature->content.subspan(1);
  if (absl::Status status = ReadTbs(tbs->content, view); !status.ok()) return status;
  const std::optional<SignatureAlgorithm> parsed =
      IsStrictDer(algorithm->encoded) ? ParseSignatureAlgorithm(algorithm->encoded) : std::nullopt;
  if (!parsed || parsed->digest == DigestKind::kUnknown ||
      !std::ranges::equal(algorithm->encoded, view.inner_algorithm)) {
    return Refuse("signature algorithm is not allowed or inner and outer differ");
  }
  view.algorithm = *parsed;
  return view;
}

absl::Status ReadEntry(DerReader& list, CrlPartition& out) {
  const std::optional<DerElement> entry = list.Read(der::kSequence);
  if (!entry) return Refuse("an entry does not decode");
  DerReader reader(entry->content);
  const std::optional<DerElement> serial = reader.Read(der::kInteger);
  if (!serial || !IsMinimalInteger(serial->content) || (serial->content[0] & 0x80) != 0 ||
      serial->content.size() > SerialNumber::kMaxBytes) {
    return Refuse("an entry's serial does not decode");
  }
  const std::optional<SerialNumber> number = SerialNumber::FromBigEndian(serial->content);
  if (!number) return Refuse("an entry's serial is zero");
  const std::optional<DerElement> date = reader.ReadAny();
  if (!date || !ParseDerTime(*date)) return Refuse("an entry's date does not decode");
  std::optional<uint8_t> reason;
  if (!reader.empty()) {
    const std::optional<DerElement> extensions = reader.Read(der::kSequence);
    if (!extensions || !reader.empty()) return Refuse("an entry does not decode");
    if (absl::Status status = ForEachExtension(
            extensions->content, [&](const Extension& e) { return ReadEntryExtension(e, reason); });
        !status.ok()) {
      return status;
    }
  }
  if (reason == kReasonSuperseded) out.superseded.Add(*number);
  if (const std::optional<uint64_t> value = number->ToUint64()) {
    out.serials.push_back(*value);
  } else {
    out.long_serials.push_back(*number);
  }
  return absl::OkStatus();
}

template <typename T>
void Sort(std::vector<T>& values) {
  if (!std::is_sorted(values.begin(), values.end())) std::sort(values.begin(), values.end());
}

// Leaves of `superseded` what `listed`, both sorted, lists once: a second entry may give a reason
// that is worse.
template <typename T>
void KeepListedOnce(std::vector<T>& superseded, const std::vector<T>& listed) {
  std::erase_if(superseded, [&](const T& serial) {
    const auto [first, last] = std::equal_range(listed.begin(), listed.end(), serial);
    return last - first != 1;
  });
  superseded.shrink_to_fit();
}

template <typename T>
void Unique(std::vector<T>& values) {
  values.erase(std::unique(values.begin(), values.end()), values.end());
  values.shrink_to_fit();
}

}  // namespace

absl::StatusOr<std::shared_ptr<CrlPartition>> ParseCrl(std::span<const uint8_t> crl,
                                                       const TrustStore& store) {
  absl::StatusOr<CrlView> view = ReadCrl(crl);
  if (!view.ok()) return view.status();
  if (!store.HasName(view->issuer)) return Refuse("issuer is not a trusted name");
  const PinnedRoot* signer = store.FindSigner(view->issuer, view->authority_key_id, view->algorithm,
                                              view->tbs, view->signature);
  if (signer == nullptr) return Refuse("no trusted key of this name made the signature");
  if (!signer->MaySignCrls()) return Refuse("the signing key may not sign CRLs");
  auto partition = std::make_shared<CrlPartition>();
  partition->issuer = signer->key_id;
  partition->name = std::string(AsText(view->partition));
  partition->this_update = view->this_update;
  partition->next_update = view->next_update;
  partition->crl_number = *view->crl_number;
  partition->digest = Sha256(crl);
  partition->serials.reserve(view->entries.size() / kMinEntryBytes);
  DerReader entries(view->entries);
  while (!entries.empty()) {
    if (absl::Status status = ReadEntry(entries, *partition); !status.ok()) return status;
  }
  Sort(partition->serials);
  Sort(partition->long_serials);
  SerialSet& superseded = partition->superseded;
  Sort(superseded.serials);
  Sort(superseded.long_serials);
  KeepListedOnce(superseded.serials, partition->serials);
  KeepListedOnce(superseded.long_serials, partition->long_serials);
  Unique(partition->serials);
  Unique(partition->long_serials);
  partition->Index();
  return partition;
}

}  // namespace kakunin::auth
