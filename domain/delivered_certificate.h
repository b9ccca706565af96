#pragma once

#include <string>

#include "domain/coverage.h"

namespace kakunin {

// Delivered is a certificate that its insurer delivers by itself and not within the row of the
// coverage to which it belongs. Of one that is lost `certificate` holds the last day on which it is
// valid and nothing else; without that day it is withdrawn, as if it had never been issued.
template <class Certificate>
struct Delivered {
  std::string reference;  // the insurer's own name of it, unique within the insurer and kind
  std::string coverage_reference;
  Certificate certificate;
};
using DeliveredElderly = Delivered<ElderlyRecipientCertificate>;
using DeliveredLimit = Delivered<LimitCertificate>;
using DeliveredDisease = Delivered<SpecificDiseaseCertificate>;

}  // namespace kakunin
