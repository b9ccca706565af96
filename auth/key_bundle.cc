#include "auth/key_bundle.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <memory>

#include "auth/digest.h"

namespace kakunin::auth {
namespace {

constexpr int kModernIterations = 100'000;
// What old readers bear.
constexpr int kLegacyIterations = 2048;
constexpr int kSaltOctets = 16;

struct LibraryDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(PKCS12* bundle) const { PKCS12_free(bundle); }
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

std::unique_ptr<X509, LibraryDeleter> Read(std::string_view der) {
  const unsigned char* at = AsBytes(der).data();
  return std::unique_ptr<X509, LibraryDeleter>(
      d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

}  // namespace

absl::StatusOr<std::string> MakeKeyBundle(const PrivateKey& key, std::string_view certificate_der,
                                          std::string_view issuer_der, const std::string& name,
                                          const std::string& password, BundleForm form) {
  const auto certificate = Read(certificate_der);
  const auto issuer = Read(issuer_der);
  const std::unique_ptr<STACK_OF(X509), LibraryDeleter> others(sk_X509_new_null());
  if (!certificate || !issuer || !others || sk_X509_push(others.get(), issuer.get()) == 0 ||
      X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the key is not the certificate's");
  }
  const bool legacy = form == BundleForm::kLegacy;
  const int cipher = legacy ? NID_pbe_WithSHA1And3_Key_TripleDES_CBC : NID_aes_256_cbc;
  const int iterations = legacy ? kLegacyIterations : kModernIterations;
  // Without a MAC of the library's choosing (-1): it is set below.
  const std::unique_ptr<PKCS12, LibraryDeleter> bundle(
      PKCS12_create(password.c_str(), name.c_str(), key.get(), certificate.get(), others.get(),
                    cipher, cipher, iterations, -1, 0));
  if (!bundle || PKCS12_set_mac(bundle.get(), password.c_str(), -1, nullptr, kSaltOctets,
                                iterations, legacy ? EVP_sha1() : EVP_sha256()) != 1) {
    ERR_clear_error();
    return absl::InternalError("the cryptographic library made no PKCS#12");
  }
  unsigned char* der = nullptr;
  const int size = i2d_PKCS12(bundle.get(), &der);
  if (size <= 0) return absl::InternalError("the cryptographic library wrote no PKCS#12");
  std::string octets(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return octets;
}

}  // namespace kakunin::auth
