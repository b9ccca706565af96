#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kakunin/v1/operations_service.pb.h"

namespace kakunin::synth {

// Terminal is one device of a facility, named as in its certificate.
struct Terminal {
  std::string id;
  v1::TerminalKind kind = v1::TERMINAL_KIND_UNSPECIFIED;
};

// Facility is an invented clinic, hospital, dental clinic, pharmacy or home-nursing station with a
// valid code.
struct Facility {
  std::string code;  // ten digits, valid check digit
  std::string name;
  v1::FacilityType type = v1::FACILITY_TYPE_UNSPECIFIED;
  std::vector<Terminal> terminals;
};

// Facilities is the fixed table: the test facilities first, then a few hundred others with one desk
// terminal each. It does not depend on the seed.
std::span<const Facility> Facilities();

// The facilities and terminals that the demo, the tests and the documents speak of.
namespace test_facility {
inline constexpr std::string_view kClinic = "1310000003";
inline constexpr std::string_view kOtherClinic = "1310000011";
inline constexpr std::string_view kDental = "1330000009";
inline constexpr std::string_view kPharmacy = "1340000007";
inline constexpr std::string_view kHomeNursing = "1360000002";
// Terminals of kClinic; every other test facility has a kDesk.
inline constexpr std::string_view kDesk = "T1";
inline constexpr std::string_view kViewing = "T2";
inline constexpr std::string_view kMobile = "T3";
inline constexpr std::string_view kRestricted = "T4";
}  // namespace test_facility

}  // namespace kakunin::synth
