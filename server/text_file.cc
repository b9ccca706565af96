#include "server/text_file.h"

#include <fstream>
#include <iterator>
#include <system_error>

namespace kakunin {

absl::StatusOr<std::string> ReadTextFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in)
    return absl::NotFoundError("cannot read " + path.string() +
                               ": name a file that is there and may be read");
  return text;
}

absl::Status ReplaceTextFile(const std::filesystem::path& path, std::string_view text) {
  std::error_code failure;
  std::filesystem::create_directories(path.parent_path(), failure);
  const std::filesystem::path fresh = path.string() + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << text;
    if (!out.flush()) return absl::InternalError("cannot write " + fresh.string());
  }
  std::filesystem::rename(fresh, path, failure);
  if (failure) return absl::InternalError("cannot replace " + path.string());
  return absl::OkStatus();
}

}  // namespace kakunin
