#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "auth/digest.h"
#include "server/file_version.h"
#include "server/usecases/resident_identities.h"

namespace kakunin {

// ResidentIdentityFile stands in for J-LIS: a CSV file of mode 0600 (it holds individual numbers),
// read again when it was replaced; write a new one beside it and rename it. The first line is
//   individual_number,name,name_kana,other_name,other_name_kana,birth_date,sex,address
// and every other one a resident: twelve digits, the date as 1970-01-31, sex male or female, the
// other name (通称) empty for most, no commas and no quotes. Numbers are kept as keyed hashes only.
// Who has a double (ResidentIdentity) is found on reading. Measured on a loaded machine: 200,000
// residents take 1.5 to 3.3 s. Thread-safe.
class ResidentIdentityFile final : public ResidentIdentities {
 public:
  // `individual_number` is the key of HashOf and outlives the object.
  ResidentIdentityFile(std::filesystem::path path, const auth::HmacKey& individual_number);
  ~ResidentIdentityFile() override;

  // FindIdentities returns FAILED_PRECONDITION when the file cannot be used, with the line that is
  // wrong; the file that was read before stays in use only until it is replaced.
  absl::StatusOr<std::vector<std::optional<ResidentIdentity>>> FindIdentities(
      std::span<const Digest32> numbers) override;

  // Read reads the file now, so that whoever starts learns what is wrong with it.
  absl::Status Read();

  // Count is how many residents are known; 0 while the file cannot be used.
  int64_t Count() const { return count_.load(std::memory_order_relaxed); }

 private:
  struct Residents;
  using Snapshot = std::shared_ptr<const Residents>;

  absl::StatusOr<Snapshot> Current();
  absl::StatusOr<Snapshot> ReadFile() const;

  const std::filesystem::path path_;
  const auth::HmacKey& individual_number_;
  std::mutex mutex_;
  FileVersion version_;                 // under mutex_
  absl::StatusOr<Snapshot> residents_;  // under mutex_
  std::atomic<int64_t> count_{0};
};

}  // namespace kakunin
