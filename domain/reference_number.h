#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kakunin {

// kMostReferenceNumberLength is in characters (code points; domain.md 1.3, messages 003 and 009).
inline constexpr size_t kMostReferenceNumberLength = 50;
// kMostReferenceNumbers is how many a facility may give one person (ours: a hospital has a number
// for each of a few departments). A merge of two persons may leave more.
inline constexpr size_t kMostReferenceNumbers = 10;
// kMostReferenceNumberUnits is how many patients one batch may name (ours).
inline constexpr int kMostReferenceNumberUnits = 1000;

// ReferenceNumberAction is what is done with the numbers of a change. Numbers of
// reference_number_service.proto.
enum class ReferenceNumberAction {
  kReplace = 1,  // they are all that the patient has from now on
  kAdd,
  kDelete,  // those named go; none named: all
};

// AfterChange is what `held` becomes: what stays keeps its order, what is new follows in the order
// of its octets. The same change once more changes nothing. Empty: it would be more than
// kMostReferenceNumbers, and not fewer than before.
std::optional<std::vector<std::string>> AfterChange(std::span<const std::string> held,
                                                    ReferenceNumberAction action,
                                                    std::span<const std::string> numbers);

}  // namespace kakunin
