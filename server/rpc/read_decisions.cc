#include "server/rpc/read_decisions.h"

#include <algorithm>
#include <array>

namespace kakunin {
namespace {

constexpr std::string_view kOneDecisionEach = "同意の項目ごとに一つずつ回答してください。";

}  // namespace

ConsentDecisions ReadDecisions(
    FieldErrors& errors, const google::protobuf::RepeatedPtrField<v1::ConsentDecision>& decisions) {
  ConsentDecisions read;
  std::array<bool, kConsentKinds> seen{};
  for (int i = 0; i < decisions.size(); ++i) {
    const v1::ConsentDecision& given = decisions.Get(i);
    const auto kind =
        RequiredEnum<ConsentKind>(errors, FieldAt("decisions", i, "kind"), given.kind());
    const auto decision =
        RequiredEnum<Decision>(errors, FieldAt("decisions", i, "decision"), given.decision());
    if (!kind || !decision) continue;
    const size_t index = static_cast<size_t>(*kind) - 1;
    if (seen[index]) errors.Add(FieldAt("decisions", i, "kind"), kOneDecisionEach);
    seen[index] = true;
    read.Set(*kind, *decision);
  }
  if (!std::ranges::all_of(seen, [](bool one) { return one; })) {
    errors.Add("decisions", kOneDecisionEach);
  }
  return read;
}

}  // namespace kakunin
