#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

namespace kakunin {

// NameOfAlias is the column that a Japanese name stands for in a table of `row`s, the width of its
// characters apart; empty when it stands for none.
std::string NameOfAlias(const google::protobuf::Descriptor& row, std::string_view alias);

}  // namespace kakunin
