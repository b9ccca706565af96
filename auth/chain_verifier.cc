#include "auth/chain_verifier.h"

#include <fmt/format.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

#include "auth/crl_parser.h"
#include "auth/der_reader.h"
#include "auth/oid.h"

namespace kakunin::auth {
namespace {

constexpr size_t kMaxChainCertificateBytes = size_t{64} << 10;
constexpr size_t kMaxChainCrlBytes = size_t{256} << 20;
constexpr int kMaxChainDepth = 16;
constexpr int kLeastRsaBits = 2048;
constexpr char kAnyPolicy[] = "2.5.29.32.0";

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
void FreeCertificates(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
void FreeCrls(STACK_OF(X509_CRL) * stack) { sk_X509_CRL_pop_free(stack, X509_CRL_free); }
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Certificates = std::unique_ptr<STACK_OF(X509), Deleter<FreeCertificates>>;
using Crl = std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>>;
using Crls = std::unique_ptr<STACK_OF(X509_CRL), Deleter<FreeCrls>>;
using Store = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
using Context = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;

ChainVerdict Rejected(std::string reason) { return {VerdictKind::kRejected, std::move(reason)}; }
ChainVerdict Unavailable(std::string reason) {
  return {VerdictKind::kUnavailable, std::move(reason)};
}

// What stands in an extension is DER of its own (RFC 5280 4.2), which the gate takes for octets. Of
// an extension that OpenSSL does not know it decodes nothing.
bool IsStrictInside(X509_EXTENSION* extension) {
  const X509V3_EXT_METHOD* method = X509V3_EXT_get(extension);
  if (method == nullptr) return true;
  const ASN1_OCTET_STRING* octets = X509_EXTENSION_get_data(extension);
  const DerBytes value(ASN1_STRING_get0_data(octets),
                       static_cast<size_t>(ASN1_STRING_length(octets)));
  if (!IsStrictDer(value)) return false;
  if (method->ext_nid != NID_issuing_distribution_point) return true;
  // Its flags are BOOLEANs under tags of its own, which the gate takes for octets, too.
  DerReader fields(value);
  const std::optional<DerElement> sequence = fields.Read(der::kSequence);
  fields = DerReader(sequence ? sequence->content : DerBytes{});
  while (const std::optional<DerElement> field = fields.ReadAny()) {
    const bool is_flag =
        field->tag != der::ContextPrimitive(3) && field->tag != der::ContextConstructed(0);
    if (is_flag && (field->content.size() != 1 || field->content[0] % 0xff != 0)) return false;
  }
  return true;
}

bool AreStrictInside(const STACK_OF(X509_EXTENSION) * extensions) {
  for (int i = 0; i < sk_X509_EXTENSION_num(extensions); ++i) {
    if (!IsStrictInside(sk_X509_EXTENSION_value(extensions, i))) return false;
  }
  return true;
}

// OpenSSL reads BER, so nothing reaches it that is not DER (jpki.md 2).
Certificate ParseStrictly(const std::string& der) {
  if (der.size() > kMaxChainCertificateBytes || !IsStrictDer(AsBytes(der))) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate != nullptr && !AreStrictInside(X509_get0_extensions(certificate.get()))) {
    certificate.reset();
  }
  return certificate;
}

// An entry extension that OpenSSL cannot decode makes it skip the check for critical ones (jpki.md
// 2): such a CRL does not count.
bool EntriesDecode(X509_CRL* crl) {
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    for (int e = 0; e < X509_REVOKED_get_ext_count(entry); ++e) {
      X509_EXTENSION* extension = X509_REVOKED_get_ext(entry, e);
      if (X509V3_EXT_get(extension) == nullptr) continue;  // unknown: refused if it is critical
      if (!IsStrictInside(extension)) return false;
      void* decoded = X509V3_EXT_d2i(extension);
      if (decoded == nullptr) return false;
      const X509V3_EXT_METHOD* method = X509V3_EXT_get(extension);
      if (method->it != nullptr) {
        ASN1_item_free(static_cast<ASN1_VALUE*>(decoded), ASN1_ITEM_ptr(method->it));
      } else {
        method->ext_free(decoded);
      }
    }
  }
  return true;
}

Crl ParseCrlStrictly(const std::string& der) {
  if (der.size() > kMaxChainCrlBytes || !IsStrictDer(AsBytes(der))) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  Crl crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (crl != nullptr &&
      (!AreStrictInside(X509_CRL_get0_extensions(crl.get())) || !EntriesDecode(crl.get()))) {
    crl.reset();
  }
  return crl;
}

// What cannot be told, in contrast to what is wrong with a certificate.
bool IsAboutRevocationData(int error) {
  switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
      return true;
    default:
      return false;
  }
}

std::string ReasonFor(int error) {
  switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "ISSUER";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH:
      return "SIGNATURE";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "NOT_YET_VALID";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "EXPIRED";
    case X509_V_ERR_CERT_REVOKED:
      return "REVOKED";
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      return "NOT_A_CA";
    case X509_V_ERR_INVALID_PURPOSE:
      return "PURPOSE";
    case X509_V_ERR_NO_EXPLICIT_POLICY:
    case X509_V_ERR_INVALID_POLICY_EXTENSION:
      return "POLICY";
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return "NAME_CONSTRAINT";
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
    case X509_V_ERR_INVALID_EXTENSION:
      return "EXTENSION";
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
      return "REVOCATION_MISSING";
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
      return "REVOCATION_STALE";
    default:
      return fmt::format("OPENSSL_{}", error);
  }
}

// A curve that is told by its parameters OpenSSL has refused already.
bool IsOnAllowedCurve(const EVP_PKEY* key) {
  char name[32];
  if (EVP_PKEY_get_group_name(key, name, sizeof(name), nullptr) != 1) return false;
  const int curve = OBJ_sn2nid(name);
  return curve == NID_X9_62_prime256v1 || curve == NID_secp384r1 || curve == NID_secp521r1;
}

// WeakAlgorithm tells whether a certificate below the anchor has a key or a signature that no CA of
// ours makes: RSA below 2048 bits, a curve other than P-256, P-384 and P-521, or RSA, RSASSA-PSS
// and ECDSA over SHA-1 and older.
bool HasWeakAlgorithm(X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return true;
  const int kind_of_key = EVP_PKEY_get_base_id(key);
  if (kind_of_key == EVP_PKEY_EC && !IsOnAllowedCurve(key)) return true;
  // A key that may sign by RSASSA-PSS alone is of a kind of its own.
  const bool is_rsa = kind_of_key == EVP_PKEY_RSA || kind_of_key == EVP_PKEY_RSA_PSS;
  if (is_rsa && EVP_PKEY_get_bits(key) < kLeastRsaBits) return true;
  int digest = NID_undef;
  int kind = NID_undef;
  if (X509_get_signature_info(certificate, &digest, &kind, nullptr, nullptr) != 1) return true;
  if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_RSA_PSS && kind != EVP_PKEY_EC) return false;
  return digest != NID_sha256 && digest != NID_sha384 && digest != NID_sha512;
}

// ParsedQuestion is a question in OpenSSL's terms.
class ParsedQuestion {
 public:
  // False when a certificate is no strict DER or a policy no OID.
  bool Parse(const ChainQuestion& question) {
    question_ = &question;
    anchors_.reset(X509_STORE_new());
    between_.reset(sk_X509_new_null());
    crls_.reset(sk_X509_CRL_new_null());
    for (const std::string& der : question.anchors) {
      const Certificate anchor = ParseStrictly(der);
      if (anchor == nullptr || X509_STORE_add_cert(anchors_.get(), anchor.get()) != 1) return false;
    }
    for (const std::string& der : question.chain) {
      if (leaf_ != nullptr) sk_X509_push(between_.get(), leaf_.release());
      leaf_ = ParseStrictly(der);
      if (leaf_ == nullptr) return false;
    }
    for (const std::string& der : question.crls) {
      if (Crl crl = ParseCrlStrictly(der)) sk_X509_CRL_push(crls_.get(), crl.release());
    }
    return leaf_ != nullptr &&
           std::ranges::all_of(question.policies, [](const std::string& policy) {
             return EncodeOid(policy).has_value();
           });
  }

  bool holds_crls() const { return sk_X509_CRL_num(crls_.get()) > 0; }

  // Verify returns OpenSSL's error, X509_V_OK when there is none.
  int Verify(bool with_revocation) const {
    const Context context(X509_STORE_CTX_new());
    if (context == nullptr ||
        X509_STORE_CTX_init(context.get(), anchors_.get(), leaf_.get(), between_.get()) != 1) {
      return X509_V_ERR_OUT_OF_MEM;
    }
    X509_STORE_CTX_set0_crls(context.get(), crls_.get());
    SetParameters(X509_STORE_CTX_get0_param(context.get()), with_revocation);
    if (X509_verify_cert(context.get()) != 1) {
      const int error = X509_STORE_CTX_get_error(context.get());
      return error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
    }
    const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context.get());
    for (int i = 0; i + 1 < sk_X509_num(path); ++i) {
      if (HasWeakAlgorithm(sk_X509_value(path, i))) return X509_V_ERR_CA_MD_TOO_WEAK;
    }
    return X509_V_OK;
  }

 private:
  void SetParameters(X509_VERIFY_PARAM* parameters, bool with_revocation) const {
    unsigned long flags = X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_PARTIAL_CHAIN |
                          X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_EXTENDED_CRL_SUPPORT |
                          X509_V_FLAG_USE_DELTAS;
    if (with_revocation) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
    if (question_->require_explicit_policy) flags |= X509_V_FLAG_EXPLICIT_POLICY;
    if (question_->inhibit_mapping) flags |= X509_V_FLAG_INHIBIT_MAP;
    if (question_->inhibit_any) flags |= X509_V_FLAG_INHIBIT_ANY;
    X509_VERIFY_PARAM_set_flags(parameters, flags);
    X509_VERIFY_PARAM_set_depth(parameters, kMaxChainDepth);
    if (question_->tls_client) {
      X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT);
    }
    X509_VERIFY_PARAM_set_time(parameters, absl::ToTimeT(question_->time));
    // To OpenSSL an empty set is no policy at all, not any.
    if (question_->policies.empty()) AddPolicy(parameters, kAnyPolicy);
    for (const std::string& policy : question_->policies) AddPolicy(parameters, policy.c_str());
  }

  static void AddPolicy(X509_VERIFY_PARAM* parameters, const char* dotted) {
    X509_VERIFY_PARAM_add0_policy(parameters, OBJ_txt2obj(dotted, /*no_name=*/1));
  }

  const ChainQuestion* question_ = nullptr;
  Store anchors_;
  Certificates between_;
  Certificate leaf_;
  Crls crls_;
};

// Anchors that no card CA may be are left out: the others decide.
std::shared_ptr<const TrustStore> CardAnchors(const std::vector<std::string>& anchors) {
  std::vector<std::string> usable;
  for (const std::string& anchor : anchors) {
    if (TrustStore::Create(Hierarchy::kUserAuthentication, std::span(&anchor, 1)).ok()) {
      usable.push_back(anchor);
    }
  }
  auto store = TrustStore::Create(Hierarchy::kUserAuthentication, usable);
  return store.ok() ? *std::move(store) : nullptr;
}

}  // namespace

ChainVerdict VerifyChain(const ChainQuestion& question) {
  ParsedQuestion parsed;
  if (!parsed.Parse(question)) return Rejected("MALFORMED");
  // Without revocation first: a definite rejection wins over what cannot be told.
  if (const int error = parsed.Verify(/*with_revocation=*/false); error != X509_V_OK) {
    return Rejected(error == X509_V_ERR_CA_MD_TOO_WEAK ? "ALGORITHM" : ReasonFor(error));
  }
  if (!question.check_revocation) return {VerdictKind::kAccepted, "NONE"};
  if (!parsed.holds_crls()) return Unavailable("REVOCATION_MISSING");
  const int error = parsed.Verify(/*with_revocation=*/true);
  if (error == X509_V_OK) return {VerdictKind::kAccepted, "NONE"};
  return IsAboutRevocationData(error) ? Unavailable(ReasonFor(error)) : Rejected(ReasonFor(error));
}

ChainVerdict VerifyCardChain(const ChainQuestion& question, CardPolicy policy) {
  if (question.chain.empty()) return Rejected("MALFORMED");
  const auto anchors = CardAnchors(question.anchors);
  if (anchors == nullptr) return Rejected("ISSUER");
  policy.policy_required = !question.any_policy;
  if (!question.policies.empty()) {
    policy.accepted_policies.clear();
    for (const std::string& dotted : question.policies) {
      const auto oid = EncodeOid(dotted);
      if (!oid) return Rejected("MALFORMED");
      policy.accepted_policies.push_back(*oid);
    }
  }
  RevocationSnapshot revocations;
  for (const std::string& der : question.crls) {
    const auto crl = ParseCrl(AsBytes(der), *anchors);
    if (!crl.ok()) continue;
    const auto held = revocations.Find((*crl)->issuer, (*crl)->name);
    if (held == nullptr || held->crl_number < (*crl)->crl_number) revocations.Put(*crl);
  }
  const CardVerdict verdict = VerifyCardCertificate(
      AsBytes(question.chain.back()), *anchors, question.check_revocation ? &revocations : nullptr,
      policy, question.time, Medium::kCard);
  return {verdict.kind, std::string(CardReasonName(verdict.reason))};
}

}  // namespace kakunin::auth
