#include "der_mutation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/der_reader.h"
#include "auth/der_writer.h"
#include "auth/digest.h"
#include "auth/oid.h"

namespace kakunin::auth {
namespace {

constexpr uint8_t kConstructed = 0x20;

// The elements that fill `bytes`, or nothing.
std::vector<DerNode> ParseElements(std::string_view bytes) {
  std::vector<DerNode> nodes;
  DerReader reader(AsBytes(bytes));
  while (const auto element = reader.ReadAny())
    nodes.push_back(DerNode::Parse(AsText(element->encoded)));
  return nodes;
}

// What an octet or bit string holds, if that is one strict element: an extension's value, a key.
std::vector<DerNode> ParseInside(std::string_view bytes) {
  if (bytes.size() < 2 || !IsStrictDer(AsBytes(bytes))) return {};
  return ParseElements(bytes);
}

struct Place {
  DerNode* node;
  DerNode* parent;  // null at the root
  size_t index;
};

void Collect(DerNode& node, DerNode* parent, size_t index, std::vector<Place>& out) {
  out.push_back({&node, parent, index});
  for (size_t i = 0; i < node.children.size(); ++i) Collect(node.children[i], &node, i, out);
}

std::string RandomOid(Dice& dice) {
  constexpr const char* kOids[] = {"1.2.392.200149.8.5.1.3.30",
                                   "1.2.392.200149.8.5.1.1.20",
                                   "1.2.392.200149.8.5.1.0.30",
                                   "2.5.29.32.0",
                                   "2.5.29.14",
                                   "2.5.29.15",
                                   "2.5.29.17",
                                   "2.5.29.19",
                                   "2.5.29.30",
                                   "2.5.29.31",
                                   "2.5.29.32",
                                   "2.5.29.35",
                                   "2.5.29.36",
                                   "2.5.29.37",
                                   "2.5.29.54",
                                   "1.3.6.1.5.5.7.1.1",
                                   "1.3.6.1.5.5.7.3.1",
                                   "1.3.6.1.5.5.7.3.2",
                                   "1.2.840.113549.1.1.1",
                                   "1.2.840.113549.1.1.5",
                                   "1.2.840.113549.1.1.10",
                                   "1.2.840.113549.1.1.11",
                                   "1.2.840.113549.1.1.12",
                                   "1.2.840.10045.2.1",
                                   "1.2.840.10045.3.1.7",
                                   "1.3.132.0.34",
                                   "1.3.101.112",
                                   "2.5.4.3",
                                   "2.5.4.6",
                                   "1.2.3.4"};
  return EncodeOid(dice.Of(kOids)).value();
}

uint8_t RandomTag(Dice& dice) {
  constexpr uint8_t kTags[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x12, 0x13, 0x14,
                               0x16, 0x17, 0x18, 0x1a, 0x1c, 0x1e, 0x23, 0x24, 0x30, 0x31, 0x80,
                               0x81, 0x82, 0x86, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0x1f, 0x60};
  return dice.Of(kTags);
}

std::string FlipBit(std::string content, Dice& dice) {
  if (content.empty()) return "\x01";
  content[dice.Below(content.size())] ^= static_cast<char>(1u << dice.Below(8));
  return content;
}

// A leaf's content, changed as its type invites to.
std::string ChangeContent(DerNode& node, Dice& dice) {
  switch (dice.Below(8)) {
    case 0:
      node.content.pop_back();
      return "shorten";
    case 1:
      node.content += static_cast<char>(dice.Below(256));
      return "lengthen";
    case 2:
      node.content.clear();
      return "empty";
    case 3:
      node.content.insert(0, 1, '\0');
      return "pad";
    case 4:
      node.content[0] = static_cast<char>(0x80 | node.content[0]);
      return "set the high bit of";
    default:
      break;
  }
  if (node.tag == der::kOid && dice.Percent(70)) {
    node.content = RandomOid(dice);
    return "another OID in";
  }
  if (node.tag == der::kBoolean) {
    node.content = std::string(1, dice.Percent(50) ? '\x01' : '\0');
    return "another value in";
  }
  node.content = FlipBit(node.content, dice);
  return "flip a bit of";
}

std::string ChangeNode(DerNode& node, Dice& dice) {
  switch (dice.Below(12)) {
    case 0:
      node.length = DerNode::Length::kPadded;
      return "padded length of";
    case 1:
      node.length = DerNode::Length::kIndefinite;
      return "indefinite length of";
    case 2:
      node.tag = RandomTag(dice);
      return "another tag for";
    case 3:
      node.tag ^= kConstructed;
      return "other form of";
    case 4: {
      DerNode inner = std::move(node);
      node = DerNode{der::kSequence, {}, {std::move(inner)}};
      return "wrap";
    }
    case 5: {
      DerNode extra{static_cast<uint8_t>(dice.Percent(50) ? der::kNull : RandomTag(dice)), {}, {}};
      if (node.children.empty()) break;
      node.children.insert(
          node.children.begin() + static_cast<long>(dice.Below(node.children.size() + 1)),
          std::move(extra));
      return "add an element to";
    }
    case 6:
      if (!dice.Percent(10)) break;
      node.children.clear();
      node.content.assign(9000, 'x');
      return "make huge";
    case 7:
      if (!dice.Percent(20)) break;
      for (int i = 0; i < 18; ++i) {
        DerNode inner = std::move(node);
        node = DerNode{der::kSequence, {}, {std::move(inner)}};
      }
      return "nest";
    default:
      break;
  }
  if (node.children.empty() && !node.content.empty()) return ChangeContent(node, dice);
  std::ranges::reverse(node.children);
  return "reverse";
}

std::string ChangeAmongSiblings(const Place& place, const std::vector<Place>& all, Dice& dice) {
  std::vector<DerNode>& siblings = place.parent->children;
  const auto here = siblings.begin() + static_cast<long>(place.index);
  switch (dice.Below(4)) {
    case 0:
      siblings.erase(here);
      return "drop";
    case 1: {
      DerNode copy = *here;
      siblings.insert(siblings.begin() + static_cast<long>(dice.Below(siblings.size() + 1)),
                      std::move(copy));
      return "repeat";
    }
    case 2:
      std::swap(*here, dice.Of(siblings));
      return "swap";
    default: {
      DerNode copy = *all[dice.Below(all.size())].node;
      *here = std::move(copy);
      return "replace by another element";
    }
  }
}

}  // namespace

DerNode DerNode::Parse(std::string_view der) {
  DerReader reader(AsBytes(der));
  const DerElement element = reader.ReadAny().value();
  DerNode node;
  node.tag = element.tag;
  const std::string_view content = AsText(element.content);
  if ((element.tag & kConstructed) != 0) {
    node.children = ParseElements(content);
  } else if (element.tag == der::kOctetString) {
    node.children = ParseInside(content);
  } else if (element.tag == der::kBitString && content.starts_with('\0')) {
    node.children = ParseInside(content.substr(1));
    if (!node.children.empty()) node.content.assign(1, '\0');
  }
  if (node.children.empty() && (element.tag & kConstructed) == 0) node.content = content;
  return node;
}

std::string DerNode::Encode() const {
  std::string inside = content;
  for (const DerNode& child : children) inside += child.Encode();
  switch (length) {
    case Length::kMinimal:
      return DerTlv(tag, inside);
    case Length::kIndefinite:
      return std::string(1, static_cast<char>(tag)) + "\x80" + inside + std::string(2, '\0');
    case Length::kPadded:
      break;
  }
  const std::string minimal = DerTlv(tag, inside);
  std::string octets = minimal.substr(1, minimal.size() - 1 - inside.size());
  if (octets.size() > 1) octets.erase(0, 1);
  std::string out(1, static_cast<char>(tag));
  out += static_cast<char>(0x80 | (octets.size() + 1));
  out += '\0';
  return out + octets + inside;
}

std::string MutateSomewhere(DerNode& root, Dice& dice) {
  std::vector<Place> places;
  Collect(root, nullptr, 0, places);
  const Place place = dice.Of(places);
  const uint8_t tag = place.node->tag;
  const std::string what = place.parent != nullptr && dice.Percent(40)
                               ? ChangeAmongSiblings(place, places, dice)
                               : ChangeNode(*place.node, dice);
  return fmt::format("{} {:#04x}", what, tag);
}

}  // namespace kakunin::auth
