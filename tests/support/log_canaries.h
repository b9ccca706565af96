#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace kakunin {

// WatchLog has spdlog's default logger heard from now on: every test of this program fails in whose
// course something was logged that the fixtures' patients are named or looked up by, or any number
// that is an individual number by its check digit. Call it before there are threads that log;
// repeating it does nothing. Returns true.
bool WatchLog();

// WatchedLogger is a logger of `name` that is heard in the same way and writes nowhere.
std::shared_ptr<spdlog::logger> WatchedLogger(const std::string& name);

// PlantCanary adds what a fixture calls a patient, for the rest of the program. Of digits alone it
// is found where no letter or digit stands beside it, of fewer than seven never: those stand in a
// log for other reasons. Thread-safe.
void PlantCanary(std::string text);

// TakeLoggedCanaries is what was heard since the last test or call, and forgets it. Of an
// individual number it is that, and not the number.
std::set<std::string_view> TakeLoggedCanaries();

}  // namespace kakunin
