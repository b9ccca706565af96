#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kakunin::architecture {

// JoiningSection is one part of docs/joining.md that is written from the code; it stands there
// between `<!-- NAME: written from the code -->` and `<!-- NAME ends -->`.
struct JoiningSection {
  std::string_view name;
  std::string text;
};

// JoiningSections is every such part: schedules, grounds, free readers, documents, holidays, and
// the machines' tables.
std::vector<JoiningSection> JoiningSections();

// WithJoiningSections is `document` with every part written anew; empty when a mark is missing.
std::string WithJoiningSections(const std::string& document);

}  // namespace kakunin::architecture
