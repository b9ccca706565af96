#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/bench/workload.h"

namespace kakunin::bench {

// MakeRecordLoad asks for the records of random patients who agreed to that at the desk behind the
// channel, by the handle that their confirmation gave: kDrugs or kExamination. Every answer must
// hold as many months or examinations as everybody has, and one in 64 is read in full and its drugs
// or items counted. INTERNAL when GiveConsents has not written the channels' files.
absl::StatusOr<std::unique_ptr<Workload>> MakeRecordLoad(const LoadPlan& plan);

}  // namespace kakunin::bench
