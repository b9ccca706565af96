// Requests for terminals' certificates, DER or PEM: what passes is strict DER with the signature of
// its own key, and the same in both forms.
#include "auth/certificate_request.h"
#include "auth/der_reader.h"
#include "auth/encoding.h"
#include "tests/fuzz/fuzz_world.h"

namespace kakunin::fuzz {
namespace {

void Check(std::string_view der) {
  const auth::CheckedRequest request = auth::CheckCertificateRequest(der);
  const auth::CheckedRequest wrapped =
      auth::CheckCertificateRequestPem(auth::CertificateRequestPem(der));
  Require(request.fault == wrapped.fault || der.empty(), "DER and PEM are judged alike");
  if (request.fault) return;
  Require(der.size() <= auth::kMaxCertificateRequestBytes, "no more than is looked at");
  Require(request.der == der && auth::IsStrictDer(auth::AsBytes(der)), "strict DER as it came");
  Require(request.key_fingerprint == auth::Sha256(request.public_key), "its key's fingerprint");
  // Whatever octet is changed, it is no longer signed by its key.
  std::string changed(der);
  changed[der.size() / 2] ^= 1;
  Require(auth::CheckCertificateRequest(changed).fault.has_value(), "a changed request is refused");
}

}  // namespace
}  // namespace kakunin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  kakunin::fuzz::Check(input);
  kakunin::auth::CheckCertificateRequestPem(input);
  return 0;
}
