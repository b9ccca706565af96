#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/access_policy.h"
#include "domain/use_application.h"

namespace kakunin {

// OperationTestItem is one item of the checklist of the operation test (運用テスト), which lies
// between approval and the start of use (seed 001). The seven are this service's: no source lists
// any.
enum class OperationTestItem {
  kCard = 1,
  kNumber,
  kDrugs,
  kHealthChecks,
  kBulk,
  kReferenceNumber,
  kUrl,
};
inline constexpr int kOperationTestItems = 7;

// ItemTickedBy is what a call of `operation` ticks when it was answered OK; empty: nothing. A bulk
// inquiry counts when its results were fetched.
std::optional<OperationTestItem> ItemTickedBy(Operation operation);

// OfferedInOperationTest tells whether a terminal of a facility in the operation test may call
// `operation`: every one of today's. They are listed, so that one that is added later is refused
// until a walk shows that it tells of test persons alone.
bool OfferedInOperationTest(Operation operation);

// NeedsItem tells whether start of use needs the item: the full type all seven, the restricted one
// what its terminals may call, which is the card and the number.
bool NeedsItem(IntroductionType type, OperationTestItem item);

// OperationTestChecklist ticks itself from the calls that succeeded during the test. A value; not
// thread-safe.
class OperationTestChecklist {
 public:
  // `bits` is the stored form: bit 0 is item 1.
  explicit OperationTestChecklist(uint32_t bits = 0) : bits_(bits) {}
  uint32_t Bits() const { return bits_; }

  // Tick notes a call that was answered OK; true when an item is ticked that was not.
  bool Tick(Operation operation);
  bool IsTicked(OperationTestItem item) const;
  // Missing is what the type still needs, in the order of the items.
  std::vector<OperationTestItem> Missing(IntroductionType type) const;
  bool IsComplete(IntroductionType type) const { return Missing(type).empty(); }

 private:
  uint32_t bits_;
};

// NameOf is the item in Japanese; KeyOf the word for machines.
std::string_view NameOf(OperationTestItem item);
std::string_view KeyOf(OperationTestItem item);

}  // namespace kakunin
