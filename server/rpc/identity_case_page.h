#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/rpc/fields.h"
#include "storage/identity_case_store.h"

namespace kakunin {

// CasePage is one page of a list of cases, as a caller asks for it.
struct CasePage {
  CasesWanted wanted;
  int size = 0;
};

// ReadCasePage reads the size (0: 100, at most 1,000) and the token of a page into `page`; what is
// wrong with them goes to `errors`.
void ReadCasePage(FieldErrors& errors, int size, std::string_view token, CasePage& page);

// ReadCases lists a page of cases within `tx`. Returns the token of the next page, empty after the
// last, or a StoreError.
absl::StatusOr<std::string> ReadCases(Transaction& tx, IdentityCaseStore& cases,
                                      const CasePage& page, std::vector<IdentityCase>& read);

}  // namespace kakunin
