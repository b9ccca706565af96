#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kakunin {

// DisplayWidth is how many columns of a terminal a UTF-8 text takes: East Asian wide and full-width
// characters take two, combining marks and variation selectors none (UAX #11). What is ambiguous
// there takes one.
int DisplayWidth(std::string_view text);

// TextTable is a table of labels and values with a frame of ASCII, since the width of drawn lines
// differs between terminals.
class TextTable {
 public:
  // Heading begins a section.
  void Heading(std::string_view text);
  // Row adds a line; an empty value is left out.
  void Row(std::string_view label, std::string_view value);

  // Draw writes the whole. Control characters become "?": an answer must not steer the terminal.
  std::string Draw() const;

 private:
  struct Line {
    bool heading;
    std::string label;
    std::string value;
  };
  std::vector<Line> lines_;
};

}  // namespace kakunin
