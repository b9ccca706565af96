#pragma once

#include <span>
#include <string_view>

namespace kakunin {

// WebFile is one file of web/ as it was when the binary was built.
struct WebFile {
  std::string_view path;  // as browsers ask for it: "/style.css"
  std::string_view type;  // Content-Type
  std::string_view text;
};

// AllWebFiles lists them. What lies under /sandbox/ is for sandboxes alone.
std::span<const WebFile> AllWebFiles();

}  // namespace kakunin
