#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "server/dev/service_certificates.h"
#include "server/synth/facility_table.h"
#include "server/synth/insurer_table.h"

namespace grpc {
class Channel;
}

namespace kakunin::dev {

// RegistrationCounts says how many registrations were made and how many were there already.
struct RegistrationCounts {
  int made = 0;
  int kept = 0;
};

// RegisterParties registers facilities with their terminals, insurers, the claims reviewers of
// every synthetic nation and the card link provider, through the operator's port, with a
// certificate for each. What the server already knows under the same certificate is left alone: it
// is asked first (validate_only).
absl::StatusOr<RegistrationCounts> RegisterParties(
    const std::shared_ptr<grpc::Channel>& operator_channel, const ServiceCertificates& certificates,
    const std::vector<const synth::Facility*>& facilities,
    const std::vector<const synth::Insurer*>& insurers);

// PublishTestPersons makes the test persons of every nation (docs/test_persons.md), who are pushed
// already, those whom facilities in the operation test see.
absl::Status PublishTestPersons(const std::shared_ptr<grpc::Channel>& operator_channel,
                                absl::CivilDay nation_day);

// TestFacilities are the facilities that the demo, the tests and the documents speak of.
std::vector<const synth::Facility*> TestFacilities();

}  // namespace kakunin::dev
