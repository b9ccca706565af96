#include "server/rpc/peer.h"

#include <utility>

#include "auth/encoding.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr char kPemProperty[] = "x509_pem_cert";
// About 2 KB each, so about 100 MB in each thread, and 450 MB at the very most behind a proxy: all
// headers of a call have 8 KiB together (max_metadata_bytes). Then start over.
constexpr size_t kMostRemembered = 50'000;

using Certificate = std::shared_ptr<const auth::PeerCertificate>;

// Remembered is what is known of a certificate; only one from a header was judged here.
struct Remembered {
  Certificate certificate;
  auth::ForwardedVerdict verdict;
};

// Each thread remembers for itself, by PEM from TLS and by base64 from a header: a lane has one
// thread, and a lock here would sit on the hot path.
absl::flat_hash_map<std::string, Remembered>& MemoryOfThread() {
  thread_local absl::flat_hash_map<std::string, Remembered> remembered;
  return remembered;
}

// Recall returns what is remembered by `text`, or null; valid until the next Keep.
Remembered* Recall(std::string_view text) {
  auto& memory = MemoryOfThread();
  const auto found = memory.find(absl::string_view(text.data(), text.size()));
  return found == memory.end() ? nullptr : &found->second;
}

// Read is what is known of a certificate that comes for the first time; its `certificate` is null
// when `pem` is none.
Remembered Read(std::string_view pem) {
  Remembered read;
  auto parsed = auth::ReadPeerCertificate(pem);
  if (parsed.ok()) {
    read.certificate = std::make_shared<const auth::PeerCertificate>(*std::move(parsed));
  }
  return read;
}

// Keep remembers by `text` what is known; valid until the next Keep.
Remembered& Keep(std::string_view text, const Remembered& known) {
  auto& memory = MemoryOfThread();
  if (memory.size() >= kMostRemembered) memory.clear();
  return memory.emplace(std::string(text), known).first->second;
}

absl::StatusOr<Certificate> FromTls(std::string_view pem) {
  if (const Remembered* known = Recall(pem)) return known->certificate;
  Remembered read = Read(pem);
  if (read.certificate == nullptr) return MakeError(Reason::kNoCertificate);
  return Keep(pem, read).certificate;
}

std::string DetailsOf(const auth::PeerCertificate& certificate) {
  return "certificate=" + auth::HexEncode(certificate.fingerprint);
}

// A proxy tells who calls, but the listener's own CAs say whether there is such a caller.
absl::Status Judge(std::string_view base64, const PeerSource& source, absl::Time now,
                   Remembered& known, PeerDenial& denial) {
  constexpr std::string_view kExact = "CERTIFICATE_CHAIN_";
  const auto authorities = source.authorities ? source.authorities() : nullptr;
  if (authorities == nullptr) {
    denial.exact = std::string(kExact) + "NOT_JUDGED";
    return MakeError(Reason::kNoCertificate);
  }
  if (!authorities->Holds(known.verdict, now)) {
    known.verdict = authorities->Judge(*auth::Base64Decode(base64), now);
  }
  if (known.verdict.accepted()) return absl::OkStatus();
  denial.exact = std::string(kExact) + known.verdict.reason;
  denial.details = DetailsOf(*known.certificate);
  const bool dates = known.verdict.reason == "EXPIRED" || known.verdict.reason == "NOT_YET_VALID";
  return MakeError(dates ? Reason::kCertificateExpired : Reason::kNoCertificate);
}

absl::StatusOr<Certificate> FromHeader(std::string_view base64, const PeerSource& source,
                                       absl::Time now, IsRegistered registered,
                                       PeerDenial& denial) {
  Remembered* known = Recall(base64);
  if (known == nullptr) {
    // One spelling only: Base64Decode takes no other.
    const auto der = auth::Base64Decode(base64);
    Remembered read;
    if (der) read = Read(auth::PemEncode("CERTIFICATE", *der));
    if (read.certificate == nullptr) return MakeError(Reason::kNoCertificate);
    // Before anything is judged or kept: else whoever makes up certificates would have the thread
    // judge each of them, and drive out those that are remembered.
    if (!registered(read.certificate->fingerprint)) {
      denial.details = DetailsOf(*read.certificate);
      return MakeError(Reason::kCertificateNotRegistered);
    }
    known = &Keep(base64, read);
  }
  RETURN_IF_ERROR(Judge(base64, source, now, *known, denial));
  return known->certificate;
}

}  // namespace

absl::StatusOr<Certificate> PeerCertificateOf(const grpc::ServerContextBase& context,
                                              const PeerSource& source, absl::Time now,
                                              IsRegistered registered, PeerDenial& denial) {
  const auto headers = context.client_metadata().equal_range(kProxyHeader);
  if (!source.behind_proxy && headers.first != headers.second)
    return MakeError(Reason::kProxyHeaderRefused);

  const auto auth_context = context.auth_context();
  if (auth_context == nullptr) return MakeError(Reason::kNoCertificate);
  const auto pem = auth_context->FindPropertyValues(kPemProperty);
  if (pem.empty()) return MakeError(Reason::kNoCertificate);
  auto peer = FromTls(std::string_view(pem.front().data(), pem.front().size()));
  if (!peer.ok() || !source.behind_proxy) return peer;

  if ((*peer)->fingerprint != source.proxy_fingerprint)
    return MakeError(Reason::kProxyHeaderRefused);
  if (headers.first == headers.second) return MakeError(Reason::kNoCertificate);
  // Two headers would leave it open which one the proxy wrote.
  if (std::next(headers.first) != headers.second) return MakeError(Reason::kProxyHeaderRefused);
  const std::string_view value(headers.first->second.data(), headers.first->second.size());
  return FromHeader(value, source, now, registered, denial);
}

}  // namespace kakunin
