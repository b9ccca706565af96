#pragma once

#include <set>
#include <string_view>

namespace kakunin {

// WatchLog has spdlog's default logger heard from now on: every test of this program fails in whose
// course something was logged that the fixtures' patients are named or looked up by. Call it before
// there are threads that log; repeating it does nothing. Returns true.
bool WatchLog();

// TakeLoggedCanaries is what was heard since the last test or call, and forgets it.
std::set<std::string_view> TakeLoggedCanaries();

}  // namespace kakunin
