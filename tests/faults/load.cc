#include "tests/faults/load.h"

#include <algorithm>
#include <set>

#include "tests/faults/clients.h"

namespace kakunin::faults {
namespace {

// Those with drug records and an ordinary card; the first is the feed's (docs/test_persons.md).
const char* const kFed = "TP09";
const std::vector<std::vector<std::string>> kPatients{
    {"TP01", "TP02"}, {"TP08", "TP15"}, {"TP27", "SD01"}};
constexpr int kNumberClients = 3;

// Those who are asked for by number: found, and nobody's.
std::vector<synth::TestPerson> Unchanging(absl::CivilDay today) {
  std::vector<synth::TestPerson> persons;
  const std::set<v1::Validity> found{v1::VALIDITY_VALID, v1::VALIDITY_INVALID,
                                     v1::VALIDITY_INVALID_NEWER_EXISTS, v1::VALIDITY_SEVERAL_FOUND};
  for (const synth::TestPerson& person : synth::TestPersons(today)) {
    if (person.id != kFed && person.same_person_as.empty() && found.contains(person.by_number)) {
      persons.push_back(person);
    }
  }
  return persons;
}

}  // namespace

Load::Load(Installation& installation, Ledger& ledger, uint64_t seed, int list_rows,
           std::optional<absl::Duration> desks_bound)
    : surroundings_{installation, ledger, stop_, went_on_us_, clock_jumps_} {
  const absl::CivilDay today = installation.sandbox().sandbox().nation_day();
  const auto persons = Unchanging(today);
  Surroundings desks = surroundings_;
  desks.bound = desks_bound.value_or(desks.bound);
  for (int i = 0; i < kNumberClients; ++i) {
    Add(std::make_unique<NumberClient>(desks, persons, ++seed));
  }
  for (const auto& patients : kPatients) {
    Add(std::make_unique<PatientClient>(desks, patients, ++seed));
  }
  Add(std::make_unique<ListClient>(surroundings_, persons, list_rows, ++seed));
  Add(std::make_unique<FeedClient>(surroundings_, synth::FindTestPerson(today, kFed), ++seed));
}

void Load::Add(std::unique_ptr<Client> client) {
  threads_.emplace_back([client = std::move(client)] {
    while (!client->stopped()) client->Step();
  });
}

void Load::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Load::GoesOn() { went_on_us_ = absl::ToUnixMicros(absl::Now()); }

}  // namespace kakunin::faults
