#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "server/file_version.h"
#include "server/usecases/resident_registry.h"

namespace kakunin {

// ResidentFile stands in for J-LIS: a CSV file of mode 0600 (it holds individual numbers), read
// again when it was replaced; write a new one beside it and rename it. The first line is
//   issuer_key_id,serial,medium,individual_number,replaces_issuer_key_id,replaces_serial
// and every other one a certificate: key ids and serials in hexadecimal digits, medium card,
// android or iphone, the last two empty for a first card. Not thread-safe.
class ResidentFile final : public ResidentRegistry {
 public:
  explicit ResidentFile(std::filesystem::path path);
  ~ResidentFile() override;

  // FindHolder returns FAILED_PRECONDITION when the file cannot be used, with the line that is
  // wrong; the file that was read before stays in use only until it is replaced.
  absl::StatusOr<std::optional<CardHolder>> FindHolder(const CardCertificateId& card) override;

 private:
  struct Residents;
  absl::StatusOr<std::unique_ptr<const Residents>> Read() const;

  const std::filesystem::path path_;
  FileVersion version_;
  absl::StatusOr<std::unique_ptr<const Residents>> residents_;
};

}  // namespace kakunin
