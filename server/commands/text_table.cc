#include "server/commands/text_table.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace kakunin {
namespace {

struct CodeRange {
  char32_t first;
  char32_t last;
};

// Wide and full-width blocks of UAX #11 that the field's names and texts can hold.
constexpr std::array kWide = {
    CodeRange{0x1100, 0x115f},   CodeRange{0x2e80, 0x303e},   CodeRange{0x3041, 0x33ff},
    CodeRange{0x3400, 0x4dbf},   CodeRange{0x4e00, 0x9fff},   CodeRange{0xa000, 0xa4cf},
    CodeRange{0xac00, 0xd7a3},   CodeRange{0xf900, 0xfaff},   CodeRange{0xfe30, 0xfe6f},
    CodeRange{0xff00, 0xff60},   CodeRange{0xffe0, 0xffe6},   CodeRange{0x1f300, 0x1faff},
    CodeRange{0x20000, 0x2fffd}, CodeRange{0x30000, 0x3fffd},
};

// Marks that stand over, or choose the shape of, the character before them.
constexpr std::array kNone = {
    CodeRange{0x0300, 0x036f}, CodeRange{0x200b, 0x200f}, CodeRange{0x3099, 0x309a},
    CodeRange{0xfe00, 0xfe0f}, CodeRange{0xfe20, 0xfe2f}, CodeRange{0xe0100, 0xe01ef},
};

template <class Ranges>
bool IsIn(char32_t code, const Ranges& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const CodeRange& range) {
    return code >= range.first && code <= range.last;
  });
}

// TakeCode takes the first code point off; octets that are not UTF-8 count one each.
char32_t TakeCode(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t code = length == 1 ? first : first & (0x7fu >> length);
  if (first >= 0x80 && (first < 0xc2 || first > 0xf4 || text.size() < length)) {
    text.remove_prefix(1);
    return U'?';
  }
  for (size_t i = 1; i < length; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
  }
  text.remove_prefix(length);
  return code;
}

bool IsControl(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

std::string Printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t code = TakeCode(text);
    if (IsControl(code)) {
      shown += '?';
    } else {
      shown += before.substr(0, before.size() - text.size());
    }
  }
  return shown;
}

std::string Padded(const std::string& text, int width) {
  return text + std::string(static_cast<size_t>(std::max(0, width - DisplayWidth(text))), ' ');
}

}  // namespace

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const char32_t code = TakeCode(text);
    width += IsIn(code, kNone) ? 0 : IsIn(code, kWide) ? 2 : 1;
  }
  return width;
}

void TextTable::Heading(std::string_view text) { lines_.push_back({true, Printable(text), ""}); }

void TextTable::Row(std::string_view label, std::string_view value) {
  if (!value.empty()) lines_.push_back({false, Printable(label), Printable(value)});
}

std::string TextTable::Draw() const {
  int label_width = 0;
  int value_width = 0;
  for (const Line& line : lines_) {
    if (line.heading) continue;
    label_width = std::max(label_width, DisplayWidth(line.label));
    value_width = std::max(value_width, DisplayWidth(line.value));
  }
  for (const Line& line : lines_) {
    if (!line.heading) continue;
    value_width = std::max(value_width, DisplayWidth(line.label) - label_width - 3);
  }
  const std::string rule = "+" + std::string(static_cast<size_t>(label_width) + 2, '-') + "+" +
                           std::string(static_cast<size_t>(value_width) + 2, '-') + "+\n";
  std::string text = rule;
  bool after_rule = true;
  for (const Line& line : lines_) {
    if (line.heading) {
      if (!after_rule) text += rule;
      text += "| " + Padded(line.label, label_width + value_width + 3) + " |\n" + rule;
    } else {
      text +=
          "| " + Padded(line.label, label_width) + " | " + Padded(line.value, value_width) + " |\n";
    }
    after_rule = line.heading;
  }
  if (!after_rule) text += rule;
  return text;
}

}  // namespace kakunin
