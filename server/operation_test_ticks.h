#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "server/rpc/dispatch.h"
#include "storage/application_store.h"
#include "storage/database.h"

namespace kakunin {

// OperationTestTickWriter writes down what facilities in the operation test have done, from a
// thread of its own. What cannot be written yet is tried again; what is queued when the server ends
// is tried for 2 s. Thread-safe.
class OperationTestTickWriter final : public OperationTestTicks {
 public:
  // Both outlive the writer.
  OperationTestTickWriter(Database& database, ApplicationStore& store);
  ~OperationTestTickWriter() override;

  void Tick(const std::string& facility_code, OperationTestItem item, absl::Time at) override;

 private:
  using Ticks = std::map<std::pair<std::string, OperationTestItem>, absl::Time>;
  void Run();
  bool Write(const Ticks& ticks);

  Database& database_;
  ApplicationStore& store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Ticks queued_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace kakunin
