#include "explained_refusals.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <set>
#include <string>

#include "auth/digest.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

// An extension decoded by OpenSSL; null when it is absent, repeated or does not decode.
template <typename T, auto Free>
std::shared_ptr<T> Decoded(const PeerCertificate& certificate, int nid) {
  std::shared_ptr<T> value(
      static_cast<T*>(X509_get_ext_d2i(certificate.get(), nid, nullptr, nullptr)),
      [](T* decoded) { Free(decoded); });
  ERR_clear_error();
  return value;
}

bool Has(const PeerCertificate& certificate, int nid) {
  return X509_get_ext_by_NID(certificate.get(), nid, -1) >= 0;
}

std::string_view ValueOf(const X509_EXTENSION* extension) {
  const ASN1_OCTET_STRING* octets = X509_EXTENSION_get_data(const_cast<X509_EXTENSION*>(extension));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(octets)),
          static_cast<size_t>(ASN1_STRING_length(octets))};
}

template <typename Predicate>
bool AnyExtension(const PeerCertificate& certificate, Predicate predicate) {
  for (int i = 0; i < X509_get_ext_count(certificate.get()); ++i) {
    if (predicate(X509_get_ext(certificate.get(), i))) return true;
  }
  return false;
}

template <typename Predicate>
bool AnyNode(const DerNode& node, Predicate predicate) {
  return predicate(node) || std::ranges::any_of(node.children, [&](const DerNode& child) {
           return AnyNode(child, predicate);
         });
}

bool IsTimeOfProfile(const ASN1_TIME* time) {
  const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(time));
  const int length = ASN1_STRING_length(time);
  return ASN1_STRING_type(time) == V_ASN1_UTCTIME
             ? length == 13
             : length == 15 && std::string_view(text, 4) >= "2050";
}

bool HasBadSerial(const PeerCertificate& certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate.get());
  const int length = ASN1_STRING_length(serial);
  const bool zero = length == 0 || (length == 1 && *ASN1_STRING_get0_data(serial) == 0);
  const bool padded = length == 20 && *ASN1_STRING_get0_data(serial) >= 0x80;  // 21 octets of DER
  return zero || padded || length > 20 || ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER;
}

bool HasUniqueIds(const PeerCertificate& certificate) {
  const ASN1_BIT_STRING* of_issuer = nullptr;
  const ASN1_BIT_STRING* of_subject = nullptr;
  X509_get0_uids(certificate.get(), &of_issuer, &of_subject);
  return of_issuer != nullptr || of_subject != nullptr;
}

bool RepeatsExtension(const PeerCertificate& certificate) {
  std::set<std::string> seen;
  return AnyExtension(certificate, [&](X509_EXTENSION* extension) {
    char oid[128];
    OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object(extension), /*no_name=*/1);
    return !seen.insert(oid).second;
  });
}

// Only of what our reader reads: any octets may stand in an extension it does not know.
bool HasLooseExtension(const PeerCertificate& certificate) {
  constexpr int kRead[] = {NID_subject_key_identifier,   NID_key_usage,
                           NID_subject_alt_name,         NID_basic_constraints,
                           NID_crl_distribution_points,  NID_certificate_policies,
                           NID_authority_key_identifier, NID_ext_key_usage};
  return AnyExtension(certificate, [&](X509_EXTENSION* extension) {
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    return std::ranges::find(kRead, nid) != std::end(kRead) &&
           !IsStrictDer(AsBytes(ValueOf(extension)));
  });
}

bool EncodesDefaultFalse(const Mutant& mutant) {
  return AnyNode(DerNode::Parse(mutant.der), [](const DerNode& node) {
    return node.tag == der::kBoolean && node.content == std::string_view("\0", 1);
  });
}

// A name's RDN, in the subject or in a general name, that is empty or whose value is no string.
bool HasBadRdn(const Mutant& mutant) {
  constexpr uint8_t kStrings[] = {
      der::kUtf8String, der::kPrintableString, der::kIa5String, 0x12, 0x1a, 0x1e};
  return AnyNode(DerNode::Parse(mutant.der), [&](const DerNode& node) {
    return node.tag == der::kSet &&
           (node.children.empty() || AnyNode(node, [&](const DerNode& pair) {
              return pair.children.size() == 2 && pair.children[0].tag == der::kOid &&
                     std::ranges::find(kStrings, pair.children[1].tag) == std::end(kStrings);
            }));
  });
}

// Context tags in the form that their field never has: OpenSSL takes a structure in primitive and a
// string in constructed form.
bool HasOtherForm(const PeerCertificate& certificate) {
  return AnyExtension(certificate, [](X509_EXTENSION* extension) {
    std::string_view tags;
    switch (OBJ_obj2nid(X509_EXTENSION_get_object(extension))) {
      case NID_crl_distribution_points:
        tags = "\x80\x82\x84\xa6";
        break;
      case NID_authority_key_identifier:
        tags = "\x81\xa0\xa2";
        break;
      case NID_subject_alt_name:
        tags = "\x80\x84\xa1\xa2\xa6\xa7\xa8";
        break;
      default:
        return false;
    }
    return AnyNode(DerNode::Parse(ValueOf(extension)), [tags](const DerNode& node) {
      return tags.find(static_cast<char>(node.tag)) != std::string_view::npos;
    });
  });
}

bool HasLooseKey(const PeerCertificate& certificate) {
  X509_PUBKEY* key = X509_get_X509_PUBKEY(certificate.get());
  const unsigned char* bits = nullptr;
  int size = 0;
  X509_ALGOR* algorithm = nullptr;
  X509_PUBKEY_get0_param(nullptr, &bits, &size, &algorithm, key);
  const ASN1_OBJECT* oid = nullptr;
  int parameters = V_ASN1_UNDEF;
  X509_ALGOR_get0(&oid, &parameters, nullptr, algorithm);
  if (OBJ_obj2nid(oid) != NID_rsaEncryption) return false;
  const DerBytes octets(bits, static_cast<size_t>(size));
  return parameters != V_ASN1_NULL || !IsStrictDer(octets) ||
         AnyNode(DerNode::Parse(AsText(octets)), [](const DerNode& node) {
           return node.tag == der::kInteger && (node.content[0] & 0x80) != 0;
         });
}

// X.690 11.2.2 and RFC 5280 4.2.1.3: nine named bits at most, the last one set.
bool HasLooseKeyUsage(const PeerCertificate& certificate) {
  return AnyExtension(certificate, [](X509_EXTENSION* extension) {
    if (OBJ_obj2nid(X509_EXTENSION_get_object(extension)) != NID_key_usage) return false;
    const std::string_view bits = DerNode::Parse(ValueOf(extension)).content;
    return bits.size() < 2 || bits.size() > 3 || (bits.back() >> bits.front() & 1) == 0;
  });
}

bool HasSpareKeyBits(const PeerCertificate& certificate) {
  constexpr long kSpareBits = 7;
  return (X509_get0_pubkey_bitstr(certificate.get())->flags & kSpareBits) != 0;
}

// What RFC 5280's SIZE (1..MAX) forbids, and half of an issuer and serial pair.
bool HasEmptyOrHalfField(const PeerCertificate& certificate) {
  const auto key_id =
      Decoded<AUTHORITY_KEYID, AUTHORITY_KEYID_free>(certificate, NID_authority_key_identifier);
  const auto purposes =
      Decoded<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(certificate, NID_ext_key_usage);
  const auto subject_key_id =
      Decoded<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>(certificate, NID_subject_key_identifier);
  const auto empty = [](const ASN1_OCTET_STRING* id) {
    return id != nullptr && ASN1_STRING_length(id) == 0;
  };
  if (key_id != nullptr &&
      (empty(key_id->keyid) || (key_id->issuer == nullptr) != (key_id->serial == nullptr))) {
    return true;
  }
  return empty(subject_key_id.get()) ||
         (purposes != nullptr && sk_ASN1_OBJECT_num(purposes.get()) == 0);
}

// The text forms of GeneralName: e-mail, DNS and URI.
bool HasBadGeneralName(const PeerCertificate& certificate) {
  return AnyExtension(certificate, [](X509_EXTENSION* extension) {
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (nid != NID_subject_alt_name && nid != NID_crl_distribution_points) return false;
    return AnyNode(DerNode::Parse(ValueOf(extension)), [](const DerNode& node) {
      const bool text = node.tag == 0x81 || node.tag == 0x82 || node.tag == 0x86;
      return text && (node.content.empty() || std::ranges::any_of(node.content, [](char c) {
                        return c <= 0;  // NUL or not ASCII
                      }));
    });
  });
}

bool IsCardPolicy(const ASN1_OBJECT* policy) {
  char dotted[128];
  OBJ_obj2txt(dotted, sizeof(dotted), policy, /*no_name=*/1);
  return std::string_view(dotted) == "1.2.392.200149.8.5.1.3.30";
}

bool HasAnotherPolicy(const Mutant&, const PeerCertificate& certificate) {
  const auto policies =
      Decoded<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>(certificate, NID_certificate_policies);
  for (int i = 0; policies != nullptr && i < sk_POLICYINFO_num(policies.get()); ++i) {
    if (!IsCardPolicy(sk_POLICYINFO_value(policies.get(), i)->policyid)) return true;
  }
  return false;
}

bool HasOtherUsage(const Mutant&, const PeerCertificate& certificate) {
  int critical = -1;
  const std::unique_ptr<ASN1_BIT_STRING, decltype(&ASN1_BIT_STRING_free)> usage(
      static_cast<ASN1_BIT_STRING*>(
          X509_get_ext_d2i(certificate.get(), NID_key_usage, &critical, nullptr)),
      ASN1_BIT_STRING_free);
  return usage == nullptr || critical != 1 ||
         X509_get_key_usage(certificate.get()) != KU_DIGITAL_SIGNATURE;
}

bool IsCa(const Mutant&, const PeerCertificate& certificate) {
  const auto constraints =
      Decoded<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(certificate, NID_basic_constraints);
  return constraints != nullptr && constraints->ca != 0;
}

bool LacksClientAuth(const Mutant&, const PeerCertificate& certificate) {
  const auto purposes =
      Decoded<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(certificate, NID_ext_key_usage);
  for (int i = 0; purposes != nullptr && i < sk_ASN1_OBJECT_num(purposes.get()); ++i) {
    if (OBJ_obj2nid(sk_ASN1_OBJECT_value(purposes.get(), i)) == NID_client_auth) return false;
  }
  return purposes != nullptr;
}

bool HasOtherKey(const Mutant&, const PeerCertificate& certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  ERR_clear_error();
  if (key == nullptr) return true;
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
    return EVP_PKEY_get_bits(key) != 256 && EVP_PKEY_get_bits(key) != 384;
  }
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) != 2048) return true;
  BIGNUM* modulus = nullptr;
  BIGNUM* exponent = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus);
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent);
  const bool other = BN_is_word(exponent, RSA_F4) == 0 || BN_is_odd(modulus) == 0;
  BN_free(modulus);
  BN_free(exponent);
  return other;
}

// JPKI's points are one full name each (jpki.md 1.5); reasons and foreign issuers are of kinds of
// CRL that are refused at load.
bool HasUnusablePoint(const Mutant&, const PeerCertificate& certificate) {
  const auto points =
      Decoded<CRL_DIST_POINTS, CRL_DIST_POINTS_free>(certificate, NID_crl_distribution_points);
  if (points == nullptr || sk_DIST_POINT_num(points.get()) == 0) return false;
  const DIST_POINT* first = sk_DIST_POINT_value(points.get(), 0);
  if (first->reasons != nullptr || first->CRLissuer != nullptr || first->distpoint == nullptr ||
      first->distpoint->type != 0) {
    return true;
  }
  const GENERAL_NAMES* names = first->distpoint->name.fullname;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const int type = sk_GENERAL_NAME_value(names, i)->type;
    if (type == GEN_DIRNAME || type == GEN_URI) return false;
  }
  return true;
}

bool HasPathConstraints(const Mutant&, const PeerCertificate& certificate) {
  return Has(certificate, NID_name_constraints) || Has(certificate, NID_policy_mappings) ||
         Has(certificate, NID_policy_constraints) || Has(certificate, NID_inhibit_any_policy);
}

// The partition is found by its name's octets in the first point; OpenSSL looks at every point and
// compares names loosely, and a CRL without a name serves it for any.
bool NamesOtherPartitionFirst(const Mutant&, const PeerCertificate& certificate) {
  const auto points =
      Decoded<CRL_DIST_POINTS, CRL_DIST_POINTS_free>(certificate, NID_crl_distribution_points);
  if (points == nullptr) return true;
  const auto& world = DifferentialWorld::Get();
  const std::string& full = world.issuers[DifferentialWorld::kFullCrl].certificate_der;
  if (X509_verify(certificate.get(), X509_get0_pubkey(OpenSslPeer::Parse(full).get())) == 1) {
    return true;  // its CA has a full CRL only
  }
  ERR_clear_error();
  const DIST_POINT* first = sk_DIST_POINT_value(points.get(), 0);
  unsigned char* der = nullptr;
  const int size =
      i2d_GENERAL_NAME(sk_GENERAL_NAME_value(first->distpoint->name.fullname, 0), &der);
  const std::string name(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return name != MunicipalityPoint(kCity);
}

constexpr ExplainedRefusal kRefusals[] = {
    {CardReason::kMalformed, "not strict DER, or octets behind it (jpki.md 6 rows 29, 30)",
     [](const Mutant& mutant, const PeerCertificate&) {
       return !IsStrictDer(AsBytes(mutant.der));
     }},
    {CardReason::kMalformed, "above 8 KB (jpki.md 6 row 29)",
     [](const Mutant& mutant, const PeerCertificate&) {
       return mutant.der.size() > kMaxCertificateBytes;
     }},
    {CardReason::kMalformed, "version is not 3 (jpki.md 6 row 33)",
     [](const Mutant&, const PeerCertificate& certificate) {
       return X509_get_version(certificate.get()) != X509_VERSION_3;
     }},
    {CardReason::kMalformed, "serial not in 1..2^159 (RFC 5280 4.1.2.2)",
     [](const Mutant&, const PeerCertificate& certificate) { return HasBadSerial(certificate); }},
    {CardReason::kMalformed, "unique identifiers (RFC 5280 4.1.2.8)",
     [](const Mutant&, const PeerCertificate& certificate) { return HasUniqueIds(certificate); }},
    {CardReason::kMalformed, "time not of RFC 5280 4.1.2.5's form for its year",
     [](const Mutant&, const PeerCertificate& certificate) {
       return !IsTimeOfProfile(X509_get0_notBefore(certificate.get())) ||
              !IsTimeOfProfile(X509_get0_notAfter(certificate.get()));
     }},
    {CardReason::kMalformed, "extension twice (RFC 5280 4.2)",
     [](const Mutant&, const PeerCertificate& certificate) {
       return RepeatsExtension(certificate);
     }},
    {CardReason::kMalformed, "a known extension's value is not strict DER (X.690 10, 11)",
     [](const Mutant&, const PeerCertificate& certificate) {
       return HasLooseExtension(certificate);
     }},
    {CardReason::kMalformed, "DEFAULT FALSE is encoded (X.690 11.5)",
     [](const Mutant& mutant, const PeerCertificate&) { return EncodesDefaultFalse(mutant); }},
    {CardReason::kMalformed, "empty RDN, or its value no character string (RFC 5280 4.1.2.4)",
     [](const Mutant& mutant, const PeerCertificate&) { return HasBadRdn(mutant); }},
    {CardReason::kMalformed,
     "a context tag in its other form, primitive or constructed (X.690 8.14, 10.2)",
     [](const Mutant&, const PeerCertificate& certificate) { return HasOtherForm(certificate); }},
    {CardReason::kMalformed,
     "RSA key without NULL parameters, not strict DER or negative (RFC 3279 2.3.1)",
     [](const Mutant&, const PeerCertificate& certificate) { return HasLooseKey(certificate); }},
    {CardReason::kMalformed, "key usage is no minimal list of named bits (X.690 11.2.2)",
     [](const Mutant&, const PeerCertificate& certificate) {
       return HasLooseKeyUsage(certificate);
     }},
    {CardReason::kMalformed, "key of a number of bits that is no multiple of 8 (RFC 5480 2.2)",
     [](const Mutant&, const PeerCertificate& certificate) {
       return HasSpareKeyBits(certificate);
     }},
    {CardReason::kMalformed, "empty list or identifier, or issuer without serial (RFC 5280 4.2.1)",
     [](const Mutant&, const PeerCertificate& certificate) {
       return HasEmptyOrHalfField(certificate);
     }},
    {CardReason::kMalformed, "general name empty or not ASCII (RFC 5280 4.2.1.6)",
     [](const Mutant&, const PeerCertificate& certificate) {
       return HasBadGeneralName(certificate);
     }},
    {CardReason::kAlgorithm, "signature algorithm not in our table for this CA's key",
     [](const Mutant&, const PeerCertificate& certificate) {
       const int nid = X509_get_signature_nid(certificate.get());
       return nid != NID_sha256WithRSAEncryption && nid != NID_ecdsa_with_SHA384;
     }},
    {CardReason::kIssuer,
     "issuer's name differs in octets from the pinned root's (OpenSSL folds case"
     " and spaces)",
     [](const Mutant&, const PeerCertificate& certificate) {
       const unsigned char* der = nullptr;
       size_t size = 0;
       X509_NAME_get0_der(X509_get_issuer_name(certificate.get()), &der, &size);
       return JpkiAuthenticationName() !=
              std::string_view(reinterpret_cast<const char*>(der), size);
     }},
    {CardReason::kExtension, "path constraint in a leaf (jpki.md 6 row 35)", HasPathConstraints},
    {CardReason::kExtension, "first distribution point is no plain full name (jpki.md 6 row 44)",
     HasUnusablePoint},
    {CardReason::kPolicy, "a policy beside the card's own, anyPolicy too (jpki.md 6 row 5)",
     HasAnotherPolicy},
    {CardReason::kKeyUsage, "CA true (jpki.md 6 row 8)", IsCa},
    {CardReason::kKeyUsage,
     "key usage not critical or not digitalSignature alone (jpki.md 6 row 7)", HasOtherUsage},
    {CardReason::kKeyUsage, "extended key usage without clientAuth", LacksClientAuth},
    {CardReason::kKey, "type, size, exponent or even modulus (jpki.md 6 rows 19, 20)", HasOtherKey},
    {CardReason::kRevocationMissing,
     "first point is not the name of a partition held (jpki.md 6 row 41)",
     NamesOtherPartitionFirst},
    {CardReason::kRevocationStale, "CRL above our own limit of age (jpki.md 6 row 39)",
     [](const Mutant& mutant, const PeerCertificate&) {
       return mutant.now - DefaultCrl(Now()).this_update > kDefaultCrlMaxAge;
     }},
};

}  // namespace

std::span<const ExplainedRefusal> ExplainedRefusals() { return kRefusals; }

const ExplainedRefusal* Explain(CardReason reason, const Mutant& mutant,
                                const PeerCertificate& certificate) {
  for (const ExplainedRefusal& refusal : kRefusals) {
    if (refusal.reason == reason && refusal.holds(mutant, certificate)) return &refusal;
  }
  return nullptr;
}

}  // namespace kakunin::auth
