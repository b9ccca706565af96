#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "CLI/CLI.hpp"

namespace kakunin {

// EnumNames maps the words of a public enumeration to its numbers: HOLDER_VERIFICATION_FACE under
// the prefix "HOLDER_VERIFICATION_" is "face"; UNSPECIFIED is left out.
template <class Enum>
std::map<std::string, int> EnumNames(std::string_view prefix) {
  std::map<std::string, int> names;
  const google::protobuf::EnumDescriptor* descriptor = google::protobuf::GetEnumDescriptor<Enum>();
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor* value = descriptor->value(i);
    if (value->number() == 0) continue;
    std::string name = value->name().substr(prefix.size());
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    names.emplace(std::move(name), value->number());
  }
  return names;
}

// AddEnumOption adds an option that takes one of the enumeration's words.
template <class Enum>
CLI::Option* AddEnumOption(CLI::App& command, const std::string& flag, int& number,
                           std::string_view prefix, const std::string& what) {
  const std::map<std::string, int> names = EnumNames<Enum>(prefix);
  std::string words;
  for (const auto& [name, value] : names) words += (words.empty() ? "" : ", ") + name;
  return command.add_option(flag, number, what + ": " + words)
      ->transform(CLI::CheckedTransformer(names))
      ->option_text("WORD");
}

}  // namespace kakunin
