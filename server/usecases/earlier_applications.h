#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/usecases/applications.h"

namespace kakunin {

// EarlierApplications is what was handed in for a facility before, of which its free readers and
// its subsidies are counted: without what was dropped, and without the application that is judged.
// Of other accounts' only what was decided counts: anybody may name any facility in a form, and
// must not take its share away. Used under the facility's lock, else two at one instant miss each
// other. Results are a StoreError when they fail.
class EarlierApplications {
 public:
  struct Of {
    std::string facility_code;
    std::string account;  // whose undecided forms count, too; empty: nobody's
    std::optional<ApplicationId> except;
  };
  // `stores` outlives the object.
  EarlierApplications(const ApplicationStores& stores, Of of)
      : stores_(stores), of_(std::move(of)) {}

  // Readers is how many free card readers were ordered.
  absl::StatusOr<int> Readers(Transaction& tx) const;
  // Orders are these orders, each by the day on which it was handed in with readers first.
  absl::StatusOr<std::vector<OrderedReaders>> Orders(Transaction& tx) const;
  // GroupClass is the class that the newest application for use gave the facility by the size of
  // its group; empty: none did.
  absl::StatusOr<std::optional<SubsidyClass>> GroupClass(Transaction& tx) const;
  // HasSubsidy tells whether one of this measure was applied for.
  absl::StatusOr<bool> HasSubsidy(Transaction& tx, const std::string& measure) const;

 private:
  // What counts, oldest first.
  absl::StatusOr<std::vector<Application>> Counting(Transaction& tx, ApplicationKind kind) const;
  absl::StatusOr<std::vector<std::string>> Values(Transaction& tx, ApplicationKind kind,
                                                  std::string_view field) const;
  // The first version that was approved; empty: none was.
  absl::StatusOr<std::optional<int>> ApprovedVersion(Transaction& tx,
                                                     const Application& application) const;
  absl::StatusOr<int> UnitsOf(Transaction& tx, const Application& application) const;

  const ApplicationStores& stores_;
  const Of of_;
};

// GroupClassLine is the line of an application's working that tells the class.
std::string GroupClassLine(SubsidyClass subsidy_class);

// CheckShares is what is wrong with approving `application`, whose form this is: with what was
// decided since it was handed in, the facility has had its free readers, or that subsidy.
absl::StatusOr<std::vector<FieldViolation>> CheckShares(Transaction& tx,
                                                        const ApplicationStores& stores,
                                                        const Application& application,
                                                        std::span<const FormField> form);

}  // namespace kakunin
