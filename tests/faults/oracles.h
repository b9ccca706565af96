#pragma once

#include <map>
#include <pqxx/pqxx>
#include <span>
#include <string>
#include <vector>

#include "tests/faults/ledger.h"

namespace kakunin::faults {

// Fault is what happened during a run, as far as it explains refusals.
enum class Fault {
  kNone = 1,  // or one that no caller may notice
  kOutage,    // something was away for a while
  kFrozen,    // and for longer than desks wait: deadlines may pass
  kCrash,     // and PostgreSQL forgot the challenges
  kClock      // the servers' clock was moved: challenges and handles are over, CRLs of another time
};

// Verdict is what the four oracles say of a run. Every entry is a fault of the service.
struct Verdict {
  std::vector<std::string> lost;       // an acknowledged write that is not there, or there twice
  std::vector<std::string> unaudited;  // an answer without its audit row, or whose row came later
  std::vector<std::string> wrong;      // an answer that no instant of the call makes right
  std::vector<std::string> miscoded;   // a refusal that no fault explains

  // Figures, to be printed.
  int answered = 0;
  int denied = 0;                       // as the model says
  int refused = 0;                      // to be asked again
  std::map<std::string, int> refusals;  // by reason; empty: the transport's

  bool clean() const {
    return lost.empty() && unaudited.empty() && wrong.empty() && miscoded.empty();
  }
  // Text is the figures and the first few faults.
  std::string Text() const;
};

// Judge holds what clients saw against what the database keeps, as `work` sees it. The database
// must keep the instants of commits (track_commit_timestamp), and nobody may write any more.
Verdict Judge(std::span<const Call> calls, Fault fault, pqxx::transaction_base& work);

}  // namespace kakunin::faults
