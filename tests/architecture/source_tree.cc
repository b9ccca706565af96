#include "tests/architecture/source_tree.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kakunin::architecture {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRooms[] = {"proto", "domain", "auth", "storage", "server", "tests"};

fs::path Root() { return KAKUNIN_SOURCE_DIR; }

std::string Relative(const fs::path& path) { return fs::relative(path, Root()).generic_string(); }

template <class Visit>
void VisitRooms(Visit visit) {
  for (const std::string_view room : kRooms) {
    const fs::path folder = Root() / room;
    if (!fs::is_directory(folder)) {
      std::fprintf(stderr, "no folder %s\n", folder.c_str());
      std::abort();
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder)) visit(entry);
  }
}

std::vector<std::string> ReadLines(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::vector<SourceFile> ReadTree(const std::vector<std::string_view>& endings) {
  std::vector<SourceFile> files;
  VisitRooms([&](const fs::directory_entry& entry) {
    if (!entry.is_regular_file()) return;
    const std::string path = Relative(entry.path());
    const bool wanted = std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
      return path.ends_with(ending);
    });
    if (wanted) files.push_back({path, ReadLines(entry.path())});
  });
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::vector<std::string> Folders() {
  std::vector<std::string> folders;
  VisitRooms([&](const fs::directory_entry& entry) {
    if (entry.is_directory()) folders.push_back(Relative(entry.path()));
  });
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::string ReadText(std::string_view path) {
  std::ifstream in(Root() / path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool WriteText(std::string_view path, std::string_view text) {
  std::ofstream out(Root() / path, std::ios::trunc);
  out << text;
  return static_cast<bool>(out.flush());
}

std::vector<std::string> WithoutComments(const SourceFile& file) {
  const std::string_view mark = file.path.ends_with(".sql") ? "--" : "//";
  std::vector<std::string> code;
  bool in_block = false;
  for (const std::string& line : file.lines) {
    std::string kept;
    bool in_string = false;
    for (size_t i = 0; i < line.size(); ++i) {
      const std::string_view rest = std::string_view(line).substr(i);
      if (in_block) {
        if (rest.starts_with("*/")) in_block = false, ++i;
        continue;
      }
      if (!in_string && rest.starts_with(mark)) break;
      if (!in_string && rest.starts_with("/*")) {
        in_block = true;
        ++i;
        continue;
      }
      if (line[i] == '"' && (i == 0 || line[i - 1] != '\\')) in_string = !in_string;
      kept.push_back(line[i]);
    }
    code.push_back(std::move(kept));
  }
  return code;
}

}  // namespace kakunin::architecture
