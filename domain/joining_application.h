#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/card_reader_order.h"
#include "domain/subsidy_class.h"
#include "domain/use_application.h"

namespace kakunin {

// JoiningApplication is what one facility hands in to join: the application for use and, if it
// wants one, the order of card readers.
struct JoiningApplication {
  UseApplication use;
  std::optional<CardReaderOrder> reader_order;
};

// JoiningRules is what is configured.
struct JoiningRules {
  RestrictedGroundRules grounds;
  std::optional<CardReaderOffer> reader_offer;
};

// IsOtherBody tells whether `ground` is of bodies that are none of the kinds of facilities:
// treatment houses, check-up bodies, midwives. They get no free card readers (seeds 000, 001:
// every other kind none).
bool IsOtherBody(std::optional<RestrictedGround> ground);

// CheckJoiningApplication is everything that is wrong with both, as of `day`, JST. A hospital,
// dental clinic, pharmacy or home-nursing station is no other body, and another body orders no
// readers. Such a body applies as a clinic: no source gives it a type of its own.
std::vector<FieldViolation> CheckJoiningApplication(const JoiningApplication& application,
                                                    const JoiningRules& rules, absl::CivilDay day);

// GroupApplication is a corporation or chain that applies for many facilities at once
// (法人の一括申込).
struct GroupApplication {
  std::string name;
  std::optional<int64_t> prescriptions;  // a month, of the whole group; needed with a pharmacy
  std::vector<JoiningApplication> rows;
};

// kMostGroupRows bounds a group's application; ours. The largest chains have some 3,000 pharmacies.
inline constexpr size_t kMostGroupRows = 5'000;

// GroupRowFinding is what came of one row.
struct GroupRowFinding {
  std::vector<FieldViolation> violations;     // fields of the row
  std::optional<SubsidyClass> subsidy_class;  // by the group's size; empty: not known, or none
};

// GroupFinding is what came of a group's application: a row's faults never hide another row's.
struct GroupFinding {
  std::vector<FieldViolation> violations;  // of the group itself
  std::vector<GroupRowFinding> rows;       // as many as the application has
  bool IsGood() const;
};

// CheckGroupApplication checks the group and every row. A facility that stands in it twice is a
// fault of every row after its first.
GroupFinding CheckGroupApplication(const GroupApplication& group, const JoiningRules& rules,
                                   absl::CivilDay day);

}  // namespace kakunin
