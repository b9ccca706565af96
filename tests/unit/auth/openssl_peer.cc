#include "openssl_peer.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace kakunin::auth {
namespace {

constexpr const char* kCardPolicy = "1.2.392.200149.8.5.1.3.30";

// The issuer is who has the name and made the signature; OpenSSL's own choice believes in the
// authority key identifier.
int IsIssuer(X509_STORE_CTX*, X509* certificate, X509* issuer) {
  const bool named =
      X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(issuer)) == 0;
  EVP_PKEY* key = X509_get0_pubkey(issuer);
  return named && key != nullptr && X509_verify(certificate, key) == 1 ? 1 : 0;
}

}  // namespace

struct OpenSslPeer::Loaded {
  X509_STORE* store = X509_STORE_new();
  STACK_OF(X509_CRL) * crls = sk_X509_CRL_new_null();
  ~Loaded() {
    X509_STORE_free(store);
    sk_X509_CRL_pop_free(crls, X509_CRL_free);
  }
};

OpenSslPeer::OpenSslPeer(const DifferentialWorld& world) : loaded_(std::make_unique<Loaded>()) {
  for (const std::string& root : world.roots) {
    X509_STORE_add_cert(loaded_->store, Parse(root).get());
  }
  X509_STORE_set_check_issued(loaded_->store, IsIssuer);
  for (const std::string& crl : world.crls) {
    const auto* at = reinterpret_cast<const unsigned char*>(crl.data());
    sk_X509_CRL_push(loaded_->crls, d2i_X509_CRL(nullptr, &at, static_cast<long>(crl.size())));
  }
}

OpenSslPeer::~OpenSslPeer() = default;

PeerCertificate OpenSslPeer::Parse(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  PeerCertificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
  ERR_clear_error();
  return certificate;
}

int OpenSslPeer::Verify(const PeerCertificate& certificate, absl::Time now) const {
  if (certificate == nullptr) return X509_V_ERR_UNSPECIFIED;
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), X509_STORE_CTX_free);
  X509_STORE_CTX_init(context.get(), loaded_->store, certificate.get(), nullptr);
  X509_STORE_CTX_set0_crls(context.get(), loaded_->crls);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
                                              X509_V_FLAG_POLICY_CHECK |
                                              X509_V_FLAG_EXPLICIT_POLICY);
  X509_VERIFY_PARAM_set_time(parameters, absl::ToTimeT(now));
  X509_VERIFY_PARAM_add0_policy(parameters, OBJ_txt2obj(kCardPolicy, /*no_name=*/1));
  const bool accepted = X509_verify_cert(context.get()) == 1;
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (accepted) return X509_V_OK;
  return error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
}

}  // namespace kakunin::auth
