#include "auth/certificate_request.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <memory>

#include "auth/der_reader.h"
#include "auth/der_writer.h"
#include "auth/encoding.h"
#include "auth/issuance.h"
#include "auth/public_key.h"

namespace kakunin::auth {
namespace {

constexpr char kLabel[] = "CERTIFICATE REQUEST";
constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 4096;
constexpr int kEcBits = 256;

struct RequestDeleter {
  void operator()(X509_REQ* request) const { X509_REQ_free(request); }
};

// What a CertificationRequest holds that counts; views of its DER.
struct RequestView {
  DerBytes public_key;
  SignatureAlgorithm algorithm;
};

std::optional<RequestView> Parse(DerBytes der) {
  if (der.size() > kMaxCertificateRequestBytes || !IsStrictDer(der)) return std::nullopt;
  const auto outer = ReadWhole(der, der::kSequence);
  if (!outer) return std::nullopt;
  DerReader parts(outer->content);
  const auto info = parts.Read(der::kSequence);
  const auto algorithm = parts.Read(der::kSequence);
  const auto signature = parts.Read(der::kBitString);
  if (!info || !algorithm || !signature || !parts.empty()) return std::nullopt;

  DerReader fields(info->content);
  const auto version = fields.Read(der::kInteger);
  const auto subject = fields.Read(der::kSequence);
  const auto public_key = fields.Read(der::kSequence);
  const auto attributes = fields.Read(der::ContextConstructed(0));
  if (!version || version->content.size() != 1 || version->content.front() != 0 || !subject ||
      !public_key || !attributes || !fields.empty()) {
    return std::nullopt;
  }
  const auto known = ParseSignatureAlgorithm(algorithm->encoded);
  if (!known) return std::nullopt;
  return RequestView{.public_key = public_key->encoded, .algorithm = *known};
}

bool IsStrong(const PublicKeyView& key) {
  if (key.type == KeyType::kEc) return key.bits == kEcBits;
  return key.type == KeyType::kRsa && key.bits >= kLeastRsaBits && key.bits <= kMostRsaBits &&
         key.IsRsaF4();
}

bool ProvesPossession(DerBytes der) {
  const unsigned char* at = der.data();
  const std::unique_ptr<X509_REQ, RequestDeleter> request(
      d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  // The key is looked at by the library too: a point off the curve is none.
  EVP_PKEY* const key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
  const bool proves =
      key != nullptr && at == der.data() + der.size() && X509_REQ_verify(request.get(), key) == 1;
  ERR_clear_error();
  return proves;
}

}  // namespace

CheckedRequest CheckCertificateRequest(std::string_view der) {
  const auto faulty = [](RequestFault fault) {
    CheckedRequest checked;
    checked.fault = fault;
    return checked;
  };
  const auto view = Parse(AsBytes(der));
  if (!view) return faulty(RequestFault::kMalformed);
  const auto key = ParsePublicKey(view->public_key);
  if (!key) return faulty(RequestFault::kMalformed);
  if (!IsStrong(*key)) return faulty(RequestFault::kWeakKey);
  if (view->algorithm.key_type != key->type || view->algorithm.digest == DigestKind::kUnknown) {
    return faulty(RequestFault::kAlgorithm);
  }
  if (!ProvesPossession(AsBytes(der))) return faulty(RequestFault::kProofFailed);
  return {.fault = std::nullopt,
          .der = std::string(der),
          .public_key = std::string(AsText(view->public_key)),
          .key_fingerprint = Sha256(view->public_key)};
}

CheckedRequest CheckCertificateRequestPem(std::string_view pem) {
  const auto der = PemDecode(kLabel, pem);
  return CheckCertificateRequest(der ? *der : std::string());
}

std::string MakeCertificateRequest(const PrivateKey& key, std::string_view common_name) {
  const std::string info =
      DerSequence({DerInteger(0), MakeName({{kOidCommonName, std::string(common_name)}}),
                   key.PublicKeyDer(), DerTlv(der::ContextConstructed(0), "")});
  return DerSequence({info, SignatureAlgorithmDer(key.type(), DigestKind::kSha256),
                      DerBitString(key.Sign(info, DigestKind::kSha256))});
}

std::string CertificateRequestPem(std::string_view der) { return PemEncode(kLabel, der); }

}  // namespace kakunin::auth
