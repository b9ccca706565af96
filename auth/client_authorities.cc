#include "auth/client_authorities.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "auth/certificate.h"
#include "auth/chain_verifier.h"
#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

size_t CountBlocks(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  size_t blocks = 0;
  for (size_t at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin, at + 1)) {
    ++blocks;
  }
  return blocks;
}

// To us a certificate's last second counts, to OpenSSL it does not: both are edges.
void AddEdges(const CertificateView& view, std::vector<absl::Time>& edges) {
  edges.push_back(absl::FromUnixSeconds(view.not_before));
  edges.push_back(absl::FromUnixSeconds(view.not_after));
  edges.push_back(absl::FromUnixSeconds(view.not_after + 1));
}

// The names of an authority, which its DER holds.
struct Names {
  std::string_view subject;
  std::string_view issuer;
};

bool StandsAlone(const Names& one, const std::vector<Names>& all) {
  return one.issuer == one.subject ||
         std::ranges::none_of(all, [&](const Names& other) { return other.subject == one.issuer; });
}

std::string ReasonAt(const CertificateView& view, absl::Time now) {
  if (now < absl::FromUnixSeconds(view.not_before)) return "NOT_YET_VALID";
  if (now >= absl::FromUnixSeconds(view.not_after + 1)) return "EXPIRED";
  return {};
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ClientAuthorities>> ClientAuthorities::Read(
    std::string_view pem) {
  static std::atomic<uint64_t> last_id{0};
  const size_t blocks = CountBlocks(pem);
  std::vector<std::string> ders;
  while (auto der = PemDecode("CERTIFICATE", pem, &pem)) ders.push_back(*std::move(der));
  if (ders.size() != blocks) return absl::InvalidArgumentError("a certificate in it is not PEM");
  if (ders.empty()) return absl::InvalidArgumentError("there is no PEM certificate in it");
  const std::shared_ptr<ClientAuthorities> read(new ClientAuthorities());
  std::vector<Names> names;
  for (const std::string& der : ders) {
    const std::optional<CertificateView> view = ParseCertificate(AsBytes(der));
    if (!view) return absl::InvalidArgumentError("a certificate in it is not strict DER");
    names.push_back({.subject = AsText(view->subject), .issuer = AsText(view->issuer)});
    AddEdges(*view, read->edges_);
  }
  for (size_t i = 0; i < ders.size(); ++i) {
    (StandsAlone(names[i], names) ? read->anchors_ : read->between_).push_back(ders[i]);
  }
  if (read->anchors_.empty()) {
    return absl::InvalidArgumentError("each certificate in it names another one as its issuer");
  }
  read->id_ = ++last_id;
  return read;
}

ForwardedVerdict ClientAuthorities::Judge(std::string_view der, absl::Time now) const {
  ForwardedVerdict verdict;
  verdict.authorities = id_;
  verdict.from = absl::InfinitePast();
  verdict.until = absl::InfiniteFuture();
  const std::optional<CertificateView> view = ParseCertificate(AsBytes(der));
  if (!view) {
    verdict.reason = "MALFORMED";
    return verdict;
  }
  std::vector<absl::Time> edges = edges_;
  AddEdges(*view, edges);
  for (const absl::Time edge : edges) {
    if (edge <= now) {
      verdict.from = std::max(verdict.from, edge);
    } else {
      verdict.until = std::min(verdict.until, edge);
    }
  }
  verdict.reason = ReasonAt(*view, now);
  if (!verdict.reason.empty()) return verdict;
  ChainQuestion question;
  question.anchors = anchors_;
  question.chain = between_;
  question.chain.emplace_back(der);
  question.check_revocation = false;
  question.tls_client = true;
  // OpenSSL would not take the last second, which counts.
  question.time = std::max(absl::FromUnixSeconds(view->not_before),
                           std::min(now, absl::FromUnixSeconds(view->not_after - 1)));
  verdict.reason = VerifyChain(question).reason;
  return verdict;
}

}  // namespace kakunin::auth
