#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kakunin::architecture {

// SourceFile is one text file of the repository.
struct SourceFile {
  std::string path;                // from the root: "domain/civil_day.h"
  std::vector<std::string> lines;  // without their ends
};

// ReadTree returns every file below the rooms (proto, domain, auth, storage, server, tests) whose
// name ends in one of `endings`, ordered by path. Aborts when the tree is not there.
std::vector<SourceFile> ReadTree(const std::vector<std::string_view>& endings);

// Folders returns every folder below the rooms, from the root.
std::vector<std::string> Folders();

// ReadText returns a whole file of the repository; empty when it is not there.
std::string ReadText(std::string_view path);

// WriteText replaces a file of the repository. Returns whether it could.
bool WriteText(std::string_view path, std::string_view text);

// WithoutComments blanks `//` and `--` comments and the insides of block comments, so that a rule
// about code does not trip over prose. String literals are kept.
std::vector<std::string> WithoutComments(const SourceFile& file);

}  // namespace kakunin::architecture
