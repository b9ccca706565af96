# Writes OUTPUT, which defines Commit(), unless it says the same already.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "server/bench/commit.h"

namespace kakunin::bench {

std::string_view Commit() { return "@commit@"; }

}  // namespace kakunin::bench
]])
