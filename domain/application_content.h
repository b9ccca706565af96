#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/application.h"
#include "domain/card_reader_order.h"
#include "domain/facility_closure.h"
#include "domain/joining_application.h"
#include "domain/service_addition.h"
#include "domain/subsidy.h"

namespace kakunin {

// SubsidyRequest is an application for a subsidy as it was filled in.
struct SubsidyRequest {
  SubsidyFacts facts;  // facility_type and subsidy_applied are filled in from beside
  std::vector<std::string> documents;  // keys of RequiredDocuments that are attached
};

// ApplicationContent is what one facility hands in, of any kind: the alternatives in the order of
// ApplicationKind.
struct ApplicationContent {
  std::string facility_code;
  std::variant<JoiningApplication, CardReaderOrder, ServiceAddition, SubsidyRequest,
               FacilityClosure>
      value;
};

// OrderedReaders is an order of free card readers that was handed in here.
struct OrderedReaders {
  absl::CivilDay day;  // on which it was handed in first, JST
  int units = 0;
};

// ApplyingFacility is how the facility stands that hands it in.
struct ApplyingFacility {
  FacilityType type = FacilityType::kClinic;
  std::optional<IntroductionType> introduction_type;  // of what it has in use; empty: nothing
  std::optional<RestrictedGround> ground;             // of the restricted type
  bool in_use = false;
  bool has_service_already = false;  // it has the same form of care, or added it
  int readers_before = 0;            // free card readers that were ordered for it before
  bool has_subsidy_already = false;  // one of the same measure was applied for
  // First days of what was added, as FacilityTerms has them: kNotAdded, or empty when the facility
  // had it before additions were kept.
  std::optional<absl::CivilDay> home_visits_from;
  std::optional<absl::CivilDay> online_care_from;
  std::vector<OrderedReaders> reader_orders;  // of a subsidy
  // Of a subsidy: the class that its group's application for use made it; empty: there was none.
  std::optional<SubsidyClass> group_class;
};

// ContentFinding is what came of looking at it on one day.
struct ContentFinding {
  std::vector<FieldViolation> violations;  // everything that is wrong, by field
  SubsidySubmission submission;            // of a subsidy
  std::vector<std::string> working;        // of a subsidy, ja-JP, a line each
};

// CheckContent looks at `content` as of `day`, JST, and calculates a subsidy with its working. What
// a calculation lacks that the facility can tell is a violation; a rule that no document states is
// told in the working, without an amount. A subsidy's introduction is complete when the facility is
// in use, and what it is for works on `day`: online care and home visits from the start of their
// addition on, the system beside the card reader not with the restricted type. Where the readers,
// their day or the group's size are not what was handed in here, the working warns the reviewer:
// orders may have been placed elsewhere, so that it is no violation.
ContentFinding CheckContent(const ApplicationContent& content, const ApplyingFacility& facility,
                            const JoiningRules& rules, absl::CivilDay day);

}  // namespace kakunin
