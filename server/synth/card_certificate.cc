#include "server/synth/card_certificate.h"

namespace kakunin::synth {

auth::CertificateSpec CertificateSpecFor(const CardRecord& card, const auth::Authority& issuer,
                                         std::string_view public_key) {
  auth::CardSpec spec;
  spec.serial = auth::SerialNumber(card.serial);
  spec.common_name = auth::MakeCardCommonName(card.municipality_code, card.serial);
  spec.municipality_code = card.municipality_code;
  spec.not_before = card.not_before;
  spec.not_after = card.not_after;
  return auth::MakeCardSpec(spec, issuer, public_key);
}

}  // namespace kakunin::synth
