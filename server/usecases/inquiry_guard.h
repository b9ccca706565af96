#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "domain/person_id.h"

namespace kakunin {

// InquiryGuard counts what terminals and facilities ask by number, so that guessing is noticed and
// stopped: "no match" and distinct persons per hour. Card queries are counted by nobody and stay
// open. Thread-safe.
class InquiryGuard {
 public:
  virtual ~InquiryGuard() = default;
  // Allows tells whether this terminal may ask by number now.
  virtual bool Allows(std::string_view facility_code, std::string_view terminal_id,
                      absl::Time at) = 0;
  // NoMatch and Found count one answer.
  virtual void NoMatch(std::string_view facility_code, std::string_view terminal_id,
                       absl::Time at) = 0;
  virtual void Found(std::string_view facility_code, std::string_view terminal_id,
                     const PersonId& person, absl::Time at) = 0;
};

// UncountedInquiries is for lists and batches, which are counted by themselves
// (SearchesRatherThanAsks) and not among what a desk types.
class UncountedInquiries final : public InquiryGuard {
 public:
  bool Allows(std::string_view, std::string_view, absl::Time) override { return true; }
  void NoMatch(std::string_view, std::string_view, absl::Time) override {}
  void Found(std::string_view, std::string_view, const PersonId&, absl::Time) override {}
};

}  // namespace kakunin
