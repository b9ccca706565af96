#include "server/usecases/identity_gate.h"

#include <algorithm>
#include <string>

#include "domain/civil_day.h"
#include "domain/error.h"

namespace kakunin {
namespace {

// Of the number and of the facts that are compared, as they came: what a release is of.
KeyHash IdentityOf(const auth::HmacKey& key, const StagedCoverage& row) {
  const Coverage& told = row.record;
  std::string octets(row.individual->hash.begin(), row.individual->hash.end());
  const auto add = [&octets](std::string_view field) {
    octets.append(std::to_string(field.size())).append(1, ':').append(field);
  };
  for (const PersonName* name : {&told.name, &told.other_name}) {
    add(name->original);
    add(name->kana);
  }
  add(absl::FormatCivilTime(told.birth_date));
  add(std::to_string(static_cast<int>(told.sex) * 10 + static_cast<int>(told.sex_back)));
  add(told.address);
  const auth::Sha256Digest mac = key.Mac(octets);
  KeyHash identity;
  std::copy_n(mac.begin(), identity.octets.size(), identity.octets.begin());
  return identity;
}

}  // namespace

absl::Status DoubtCoverages(ResidentIdentities& residents, const FeedKeys& keys,
                            std::vector<StagedCoverage>& rows) {
  std::vector<StagedCoverage*> asked;
  std::vector<Digest32> numbers;
  for (StagedCoverage& row : rows) {
    // A loss says nothing of whom it ends.
    if (!row.individual || row.action == RowAction::kLost) continue;
    asked.push_back(&row);
    numbers.push_back(row.individual->hash);
  }
  if (asked.empty()) return absl::OkStatus();
  const auto found = residents.FindIdentities(numbers);
  if (!found.ok() || found->size() != asked.size()) {
    return MakeError(Reason::kResidentsUnavailable);
  }
  for (size_t i = 0; i < asked.size(); ++i) {
    const std::optional<ResidentIdentity>& known = (*found)[i];
    int fields = known ? DifferingFields(asked[i]->record, *known) : kResidentUnknown;
    if (fields == 0) continue;
    if (known && IsSamePerson(fields, known->has_double)) fields |= kDifferenceTolerated;
    asked[i]->doubt = IdentityDoubt{fields, IdentityOf(keys.look_up, *asked[i])};
  }
  return absl::OkStatus();
}

}  // namespace kakunin
