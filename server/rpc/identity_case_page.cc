#include "server/rpc/identity_case_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "auth/uuid.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMostPageSize = 1000;

// The case after which a page begins.
std::string PageToken(const IdentityCase& last) {
  return fmt::format("{}-{}", absl::ToUnixMicros(last.opened), auth::UuidText(last.id.octets));
}

}  // namespace

void ReadCasePage(FieldErrors& errors, int size, std::string_view token, CasePage& page) {
  if (size < 0) errors.Add("page_size", kFieldMalformed);
  page.size = size == 0 ? kDefaultPageSize : std::min(size, kMostPageSize);
  if (token.empty()) return;
  const size_t hyphen = token.find('-');
  int64_t micros = 0;
  if (hyphen != std::string_view::npos) {
    const auto [end, error] = std::from_chars(token.data(), token.data() + hyphen, micros);
    const auto id = ParseUuid(token.substr(hyphen + 1));
    if (error == std::errc() && end == token.data() + hyphen && id) {
      page.wanted.after = absl::FromUnixMicros(micros);
      page.wanted.after_id = CaseId{*id};
      return;
    }
  }
  errors.Add("page_token", kFieldMalformed);
}

absl::StatusOr<std::string> ReadCases(Transaction& tx, IdentityCaseStore& cases,
                                      const CasePage& page, std::vector<IdentityCase>& read) {
  ASSIGN_OR_RETURN(read, cases.List(tx, page.wanted, page.size + 1));
  if (static_cast<int>(read.size()) <= page.size) return "";
  read.resize(static_cast<size_t>(page.size));
  return PageToken(read.back());
}

}  // namespace kakunin
