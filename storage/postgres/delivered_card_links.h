#pragma once

#include <array>
#include <span>
#include <string>

#include "domain/card_link.h"
#include "storage/postgres/binary_array.h"

namespace kakunin {

// kCardLinkColumns names the columns of staged card links, for INSERT.
inline constexpr int kCardLinkColumnCount = 6;
inline constexpr char kCardLinkColumns[] =
    "reference, issuer_key_id, serial, medium, replaces_issuer_key_id, replaces_serial";

// CardLinkParameters is "$first::text[], ..." for the arrays of CardLinkArrays.
std::string CardLinkParameters(int first);

// CardLinkArrays collects delivered links as one array a column, to be handed to a statement as
// parameters. Not thread-safe.
class CardLinkArrays {
 public:
  void Begin(size_t count);
  void Add(const DeliveredCardLink& link);
  std::span<const BinaryArray> arrays() const { return arrays_; }

 private:
  std::array<BinaryArray, kCardLinkColumnCount> arrays_;
};

}  // namespace kakunin
