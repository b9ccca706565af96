#include "storage/postgres/delivered_card_links.h"

#include "storage/postgres/array_parameters.h"

namespace kakunin {
namespace {

constexpr std::array<ElementType, kCardLinkColumnCount> kTypes = {
    ElementType::kText, ElementType::kOctets, ElementType::kOctets,
    ElementType::kInt2, ElementType::kOctets, ElementType::kOctets};

}  // namespace

std::string CardLinkParameters(int first) { return UnnestParameters(kTypes, first); }

void CardLinkArrays::Begin(size_t count) {
  for (size_t i = 0; i < arrays_.size(); ++i) arrays_[i].Begin(kTypes[i], count);
}

void CardLinkArrays::Add(const DeliveredCardLink& link) {
  arrays_[0].Octets(link.reference);
  arrays_[1].Octets(link.issuer_key_id);
  arrays_[2].Octets(link.serial);
  arrays_[3].Int2(link.medium);
  if (link.replaces_serial.empty()) {
    arrays_[4].Null();
    arrays_[5].Null();
  } else {
    arrays_[4].Octets(link.replaces_issuer_key_id);
    arrays_[5].Octets(link.replaces_serial);
  }
}

}  // namespace kakunin
