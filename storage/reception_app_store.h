#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/reception_app.h"
#include "storage/database.h"

namespace kakunin {

// ReceptionAppStore keeps who the apps are, as the operators' role, and which facilities named
// them, as the terminals'. Results are a StoreError when they fail. Thread-safe.
class ReceptionAppStore {
 public:
  virtual ~ReceptionAppStore() = default;

  // Find reads an app, a revoked one too, without who named it; empty: there is none.
  virtual absl::StatusOr<std::optional<ReceptionApp>> Find(Transaction& tx,
                                                           std::string_view app_id) = 0;
  // Hold is Find that holds the app until the end of the transaction. The operators' role.
  virtual absl::StatusOr<std::optional<ReceptionApp>> Hold(Transaction& tx,
                                                           std::string_view app_id) = 0;
  // IsKeyOfAnother tells whether any other app has the key, or had it when it was revoked.
  virtual absl::StatusOr<bool> IsKeyOfAnother(Transaction& tx, const ReceptionApp& app) = 0;
  // Put adds an app, or stores its name, key and revocation.
  virtual absl::Status Put(Transaction& tx, const ReceptionApp& app) = 0;
  // List reads every app, by id.
  virtual absl::StatusOr<std::vector<ReceptionApp>> List(Transaction& tx) = 0;

  // Name and Drop change nothing where it is so already.
  virtual absl::Status Name(Transaction& tx, std::string_view facility_code,
                            std::string_view app_id, absl::Time at) = 0;
  virtual absl::Status Drop(Transaction& tx, std::string_view facility_code,
                            std::string_view app_id) = 0;
  // ListNamed reads the apps that a facility named, by id, revoked ones too.
  virtual absl::StatusOr<std::vector<NamedApp>> ListNamed(Transaction& tx,
                                                          std::string_view facility_code) = 0;
};

}  // namespace kakunin
