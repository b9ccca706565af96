#pragma once

#include <string>

#include "kakunin/v1/account_service.pb.h"
#include "server/commands/text_table.h"

namespace kakunin {

// AddAccount writes one account as a section of a table, for the clerk.
void AddAccount(TextTable& table, const v1::Account& account);

// OneTimePasswordText tells a one-time password, and that it is told once; empty when there is
// none.
std::string OneTimePasswordText(const std::string& password);

}  // namespace kakunin
