#include "auth/peer_certificate.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/certificate.h"
#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

constexpr std::string_view kScheme = "spiffe://";
constexpr size_t kMaxTrustDomain = 253;
constexpr size_t kMaxId = 64;
constexpr size_t kFacilityDigits = 10;  // domain.md: prefecture 2 + table 1 + 7
constexpr size_t kInsurerDigits = 8;
constexpr uint8_t kClientAuthOid[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '.' || c == '-' ||
         c == '_';
}

bool IsId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxId && text != "." && text != ".." &&
         std::ranges::all_of(text, IsIdCharacter);
}

bool IsDigits(std::string_view text, size_t count) {
  return text.size() == count && std::ranges::all_of(text, IsDigit);
}

bool IsTrustDomain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTrustDomain && std::ranges::all_of(text, [](char c) {
    return IsIdCharacter(c) && !(c >= 'A' && c <= 'Z');
  });
}

std::vector<std::string_view> SplitPath(std::string_view path) {
  std::vector<std::string_view> segments;
  while (true) {
    const size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

std::string_view KindSegment(PeerKind kind) {
  switch (kind) {
    case PeerKind::kTerminal:
      return "facility";
    case PeerKind::kInsurer:
      return "insurer";
    case PeerKind::kOperator:
      return "operator";
    case PeerKind::kProxy:
      return "proxy";
    case PeerKind::kClaimsReviewer:
      return "claims-reviewer";
    case PeerKind::kCardLinkProvider:
      return "card-link-provider";
  }
  return "";
}

absl::Status NotAName() {
  return absl::InvalidArgumentError("the certificate's URI is not a peer name of this service");
}

}  // namespace

absl::StatusOr<PeerName> ParsePeerName(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return NotAName();
  const std::vector<std::string_view> parts = SplitPath(uri.substr(kScheme.size()));
  if (parts.size() < 3 || !IsTrustDomain(parts[0])) return NotAName();
  const std::string domain(parts[0]);
  if (parts[1] == KindSegment(PeerKind::kTerminal)) {
    if (parts.size() != 5 || !IsDigits(parts[2], kFacilityDigits) || parts[3] != "terminal" ||
        !IsId(parts[4])) {
      return NotAName();
    }
    return PeerName{PeerKind::kTerminal, domain, std::string(parts[2]), std::string(parts[4])};
  }
  if (parts.size() != 3) return NotAName();
  for (const PeerKind kind : {PeerKind::kInsurer, PeerKind::kOperator, PeerKind::kProxy,
                              PeerKind::kClaimsReviewer, PeerKind::kCardLinkProvider}) {
    if (parts[1] != KindSegment(kind)) continue;
    const bool ok =
        kind == PeerKind::kInsurer ? IsDigits(parts[2], kInsurerDigits) : IsId(parts[2]);
    if (!ok) return NotAName();
    return PeerName{kind, domain, "", std::string(parts[2])};
  }
  return NotAName();
}

std::string FormatPeerName(const PeerName& name) {
  if (name.kind == PeerKind::kTerminal) {
    return fmt::format("{}{}/facility/{}/terminal/{}", kScheme, name.trust_domain,
                       name.facility_code, name.id);
  }
  return fmt::format("{}{}/{}/{}", kScheme, name.trust_domain, KindSegment(name.kind), name.id);
}

bool PeerCertificate::IsValidAt(absl::Time now) const {
  return now >= not_before && now < not_after + absl::Seconds(1);
}

absl::StatusOr<PeerName> PeerCertificate::Name() const {
  if (uris.size() != 1) {
    return absl::InvalidArgumentError("the certificate does not have exactly one URI");
  }
  return ParsePeerName(uris.front());
}

absl::StatusOr<PeerCertificate> ReadPeerCertificate(std::string_view pem) {
  const std::optional<std::string> der = PemDecode("CERTIFICATE", pem);
  if (!der) return absl::InvalidArgumentError("no PEM certificate");
  const std::optional<CertificateView> view = ParseCertificate(AsBytes(*der));
  if (!view) return absl::InvalidArgumentError("the certificate is not strict DER");
  PeerCertificate peer;
  peer.fingerprint = Sha256(*der);
  peer.key_fingerprint = Sha256(view->spki);
  peer.not_before = absl::FromUnixSeconds(view->not_before);
  peer.not_after = absl::FromUnixSeconds(view->not_after);
  peer.client_auth =
      view->extended_key_usage && ContainsOid(*view->extended_key_usage, kClientAuthOid);
  DerReader names(view->subject_alt_names.value_or(DerBytes{}));
  while (const std::optional<DerElement> name = names.ReadAny()) {
    if (name->tag == der::ContextPrimitive(6)) peer.uris.emplace_back(AsText(name->content));
  }
  return peer;
}

}  // namespace kakunin::auth
