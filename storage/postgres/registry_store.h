#pragma once

#include "storage/registry_store.h"

namespace kakunin {

// PostgresRegistryStore keeps the registry in facility, terminal, party and registry_generation.
class PostgresRegistryStore : public RegistryStore {
 public:
  absl::StatusOr<RegistryRows> ReadSince(Transaction& tx, int64_t generation) override;
  absl::StatusOr<std::optional<FacilityRow>> FindFacility(Transaction& tx,
                                                          const std::string& code) override;
  absl::StatusOr<std::optional<TerminalRow>> FindTerminal(Transaction& tx,
                                                          const std::string& facility_code,
                                                          const std::string& terminal_id) override;
  absl::StatusOr<std::optional<TerminalRow>> ReadTerminal(Transaction& tx,
                                                          const std::string& facility_code,
                                                          const std::string& terminal_id) override;
  absl::StatusOr<std::optional<PartyRow>> FindParty(Transaction& tx, ActorKind kind,
                                                    const std::string& name) override;
  // `except_owner` is "facility/terminal" for a terminal, the name for a party.
  absl::StatusOr<bool> FingerprintInUse(Transaction& tx, const Digest32& fingerprint,
                                        const std::string& except_owner) override;
  absl::StatusOr<bool> FingerprintRevoked(Transaction& tx, const Digest32& fingerprint) override;
  absl::Status PutFacility(Transaction& tx, const FacilityRow& row) override;
  absl::Status SetOperationTest(Transaction& tx, const std::string& code,
                                std::optional<absl::Time> began) override;
  absl::Status SetTerms(Transaction& tx, const std::string& code,
                        const FacilityTerms& terms) override;
  absl::StatusOr<bool> SetGroundEnd(Transaction& tx, const std::string& code,
                                    absl::CivilDay ending_day, bool only_earlier) override;
  absl::Status PutTestPerson(Transaction& tx, const TestPersonRow& row) override;
  absl::Status PutTerminal(Transaction& tx, const TerminalRow& row) override;
  absl::Status PutParty(Transaction& tx, const PartyRow& row) override;
  absl::Status PutFormer(Transaction& tx, const FormerCertificate& former) override;
  absl::StatusOr<int> EndFormers(Transaction& tx, const std::string& facility_code,
                                 const std::string& terminal_id, absl::Time at,
                                 bool revoked) override;
};

}  // namespace kakunin
