#include "auth/public_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <bit>

namespace kakunin::auth {
namespace {

constexpr size_t kMaxRsaBytes = 512;
constexpr size_t kMaxExponentBytes = 8;

constexpr uint8_t kOidRsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
constexpr uint8_t kOidSha256Rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b};
constexpr uint8_t kOidSha384Rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c};
constexpr uint8_t kOidEc[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
constexpr uint8_t kOidSha256Ecdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
constexpr uint8_t kOidSha384Ecdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};
constexpr uint8_t kOidP256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr uint8_t kOidP384[] = {0x2b, 0x81, 0x04, 0x00, 0x22};

bool Same(DerBytes a, DerBytes b) { return std::ranges::equal(a, b); }

// The magnitude of a positive INTEGER, or empty for zero and negative numbers.
DerBytes Magnitude(DerBytes content) {
  if (content.empty() || (content[0] & 0x80) != 0) return {};
  return content[0] == 0 ? content.subspan(1) : content;
}

bool ReadRsaKey(DerBytes bits, PublicKeyView& out) {
  if (!IsStrictDer(bits)) return false;
  const std::optional<DerElement> sequence = ReadWhole(bits, der::kSequence);
  if (!sequence) return false;
  DerReader reader(sequence->content);
  const std::optional<DerElement> modulus = reader.Read(der::kInteger);
  const std::optional<DerElement> exponent = reader.Read(der::kInteger);
  if (!modulus || !exponent || !reader.empty()) return false;
  out.rsa_modulus = Magnitude(modulus->content);
  out.rsa_exponent = Magnitude(exponent->content);
  if (out.rsa_modulus.empty() || out.rsa_exponent.empty()) return false;
  out.type = KeyType::kRsa;
  out.bits = static_cast<int>(out.rsa_modulus.size() * 8) - std::countl_zero(out.rsa_modulus[0]);
  return true;
}

void ReadEcKey(DerReader& parameters, DerBytes point, PublicKeyView& out) {
  const std::optional<DerElement> curve = parameters.Read(der::kOid);
  if (!curve || !parameters.empty()) return;
  const int bits = Same(curve->content, kOidP256) ? 256 : Same(curve->content, kOidP384) ? 384 : 0;
  const size_t coordinate = static_cast<size_t>(bits) / 8;
  if (bits == 0 || point.size() != 1 + 2 * coordinate || point[0] != 0x04) return;
  out.type = KeyType::kEc;
  out.bits = bits;
  out.ec_point = point;
}

const EVP_MD* Method(DigestKind digest) {
  // Fetched once a process: a fetch walks the providers under a lock.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA384", nullptr);
  switch (digest) {
    case DigestKind::kSha256:
      return sha256;
    case DigestKind::kSha384:
      return sha384;
    case DigestKind::kUnknown:
      break;
  }
  return nullptr;
}

// An import context a thread: making one fetches the key manager under a lock.
EVP_PKEY_CTX* ImportContext(KeyType type) {
  struct Holder {
    explicit Holder(const char* name)
        : context(EVP_PKEY_CTX_new_from_name(nullptr, name, nullptr)) {
      if (context != nullptr && EVP_PKEY_fromdata_init(context) != 1) {
        EVP_PKEY_CTX_free(context);
        context = nullptr;
      }
    }
    ~Holder() { EVP_PKEY_CTX_free(context); }
    EVP_PKEY_CTX* context;
  };
  if (type == KeyType::kRsa) {
    thread_local Holder rsa("RSA");
    return rsa.context;
  }
  thread_local Holder ec("EC");
  return ec.context;
}

EVP_PKEY* Import(KeyType type, OSSL_PARAM* parameters) {
  EVP_PKEY* key = nullptr;
  EVP_PKEY_CTX* context = ImportContext(type);
  if (context == nullptr ||
      EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return key;
}

EVP_PKEY* ImportRsa(const PublicKeyView& view) {
  // Parameters are in the machine's byte order; every machine this runs on is little endian.
  static_assert(std::endian::native == std::endian::little);
  std::array<uint8_t, kMaxRsaBytes> modulus;
  std::array<uint8_t, kMaxExponentBytes> exponent;
  std::ranges::reverse_copy(view.rsa_modulus, modulus.begin());
  std::ranges::reverse_copy(view.rsa_exponent, exponent.begin());
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus.data(), view.rsa_modulus.size()),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent.data(), view.rsa_exponent.size()),
      OSSL_PARAM_construct_end()};
  return Import(KeyType::kRsa, parameters);
}

EVP_PKEY* ImportEc(const PublicKeyView& view) {
  char group[] = "P-256";
  char group_384[] = "P-384";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                       view.bits == 384 ? group_384 : group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                        const_cast<uint8_t*>(view.ec_point.data()),
                                        view.ec_point.size()),
      OSSL_PARAM_construct_end()};
  return Import(KeyType::kEc, parameters);
}

EVP_MD_CTX* DigestContext() {
  struct Holder {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~Holder() { EVP_MD_CTX_free(context); }
  };
  thread_local Holder holder;
  return holder.context;
}

bool VerifyOnce(EVP_PKEY* key, const EVP_MD* method, DerBytes message, DerBytes signature) {
  EVP_MD_CTX* context = DigestContext();
  const bool ok = EVP_DigestVerifyInit(context, nullptr, method, nullptr, key) == 1 &&
                  EVP_DigestVerify(context, signature.data(), signature.size(), message.data(),
                                   message.size()) == 1;
  EVP_MD_CTX_reset(context);
  return ok;
}

// A copy of a context that was set up once spares the fetches of EVP_DigestVerifyInit, which take
// the library's locks. Copying only reads the prepared one, so threads may share it.
bool VerifyPrepared(const EVP_PKEY_CTX* prepared, const EVP_MD* method, DerBytes message,
                    DerBytes signature) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_MD_CTX* hashing = DigestContext();
  const bool hashed = EVP_DigestInit_ex2(hashing, method, nullptr) == 1 &&
                      EVP_DigestUpdate(hashing, message.data(), message.size()) == 1 &&
                      EVP_DigestFinal_ex(hashing, digest.data(), &size) == 1;
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_dup(prepared);
  const bool ok =
      hashed && context != nullptr &&
      EVP_PKEY_verify(context, signature.data(), signature.size(), digest.data(), size) == 1;
  EVP_PKEY_CTX_free(context);
  return ok;
}

}  // namespace

bool PublicKeyView::IsRsaF4() const {
  constexpr uint8_t kF4[] = {0x01, 0x00, 0x01};
  return type == KeyType::kRsa && Same(rsa_exponent, kF4) && (rsa_modulus.back() & 1) == 1;
}

std::optional<PublicKeyView> ParsePublicKey(DerBytes spki) {
  const std::optional<DerElement> sequence = ReadWhole(spki, der::kSequence);
  if (!sequence) return std::nullopt;
  DerReader reader(sequence->content);
  const std::optional<DerElement> algorithm = reader.Read(der::kSequence);
  const std::optional<DerElement> bits = reader.Read(der::kBitString);
  if (!algorithm || !bits || !reader.empty() || bits->content.empty() || bits->content[0] != 0) {
    return std::nullopt;
  }
  DerReader parameters(algorithm->content);
  const std::optional<DerElement> oid = parameters.Read(der::kOid);
  if (!oid) return std::nullopt;
  PublicKeyView key;
  const DerBytes key_bits = bits->content.subspan(1);
  if (Same(oid->content, kOidRsa)) {
    // RFC 3279 2.3.1: the parameters are NULL, present.
    const std::optional<DerElement> null = parameters.Read(der::kNull);
    if (!null || !null->content.empty() || !parameters.empty()) return std::nullopt;
    if (!ReadRsaKey(key_bits, key)) return std::nullopt;
  } else if (Same(oid->content, kOidEc)) {
    ReadEcKey(parameters, key_bits, key);
  }
  return key;
}

std::optional<SignatureAlgorithm> ParseSignatureAlgorithm(DerBytes algorithm_identifier) {
  const std::optional<DerElement> sequence = ReadWhole(algorithm_identifier, der::kSequence);
  if (!sequence) return std::nullopt;
  DerReader reader(sequence->content);
  const std::optional<DerElement> oid = reader.Read(der::kOid);
  if (!oid) return std::nullopt;
  constexpr uint8_t kEncodedNull[] = {der::kNull, 0};
  if (Same(reader.rest(), kEncodedNull)) {
    if (Same(oid->content, kOidSha256Rsa))
      return SignatureAlgorithm{KeyType::kRsa, DigestKind::kSha256};
    if (Same(oid->content, kOidSha384Rsa))
      return SignatureAlgorithm{KeyType::kRsa, DigestKind::kSha384};
  } else if (reader.empty()) {
    if (Same(oid->content, kOidSha256Ecdsa))
      return SignatureAlgorithm{KeyType::kEc, DigestKind::kSha256};
    if (Same(oid->content, kOidSha384Ecdsa))
      return SignatureAlgorithm{KeyType::kEc, DigestKind::kSha384};
  }
  return SignatureAlgorithm{};
}

std::optional<VerificationKey> VerificationKey::Create(const PublicKeyView& key) {
  EVP_PKEY* imported = nullptr;
  if (key.type == KeyType::kRsa && key.bits >= 2048 && key.rsa_modulus.size() <= kMaxRsaBytes &&
      key.IsRsaF4()) {
    imported = ImportRsa(key);
  } else if (key.type == KeyType::kEc) {
    imported = ImportEc(key);
  }
  if (imported == nullptr) return std::nullopt;
  return VerificationKey(std::shared_ptr<EVP_PKEY>(imported, EVP_PKEY_free), key.type, key.bits);
}

void VerificationKey::PrepareFor(DigestKind digest) {
  const EVP_MD* method = Method(digest);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key_.get(), nullptr);
  if (method == nullptr || context == nullptr || EVP_PKEY_verify_init(context) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context, method) != 1) {
    EVP_PKEY_CTX_free(context);  // not prepared is slower, not wrong
    ERR_clear_error();
    return;
  }
  prepared_digest_ = digest;
  prepared_ = {context,
               [](const EVP_PKEY_CTX* c) { EVP_PKEY_CTX_free(const_cast<EVP_PKEY_CTX*>(c)); }};
}

bool VerificationKey::Verify(DigestKind digest, DerBytes message, DerBytes signature) const {
  const EVP_MD* method = Method(digest);
  if (method == nullptr) return false;
  if (type_ == KeyType::kRsa && signature.size() != static_cast<size_t>(bits_ + 7) / 8) {
    return false;
  }
  // PKCS#1 v1.5 is the library's default padding for RSA keys: PSS is never tried.
  const bool ok = prepared_ != nullptr && digest == prepared_digest_
                      ? VerifyPrepared(prepared_.get(), method, message, signature)
                      : VerifyOnce(key_.get(), method, message, signature);
  if (!ok) ERR_clear_error();  // the queue is the thread's: leave nothing for the TLS code
  return ok;
}

}  // namespace kakunin::auth
