#pragma once

#include <span>
#include <string_view>

namespace kakunin {

// Migration is one numbered step of the schema. The views live as long as the program.
struct Migration {
  int version = 0;  // from 1 without gaps
  std::string_view name;
  std::string_view checksum;  // SHA-256 of the file, 64 hex digits
  std::string_view sql;
};

// EmbeddedMigrations is every step of the schema this binary was built for, in order; made from
// storage/migrations by the build.
std::span<const Migration> EmbeddedMigrations();

}  // namespace kakunin
