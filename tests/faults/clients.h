#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kakunin/v1/bulk_service.grpc.pb.h"
#include "kakunin/v1/consent_service.grpc.pb.h"
#include "kakunin/v1/eligibility_service.grpc.pb.h"
#include "kakunin/v1/record_service.grpc.pb.h"
#include "server/synth/test_persons.h"
#include "tests/faults/client.h"
#include "tests/faults/patient_model.h"

namespace kakunin::faults {

// NumberRequest asks about `person` on `day` by number, under a new request id.
v1::ConfirmByInsuredNumberRequest NumberRequest(const synth::TestPerson& person,
                                                absl::CivilDay day);

// NumberClient asks for persons whose answer never changes.
class NumberClient final : public Client {
 public:
  NumberClient(const Surroundings& surroundings, std::vector<synth::TestPerson> persons,
               uint64_t seed);
  void Step() override;
  // AskAbout makes one call about `person`, whose answer must be `expected`.
  Call AskAbout(const synth::TestPerson& person, v1::Validity expected);

 private:
  const std::vector<synth::TestPerson> persons_;
};

// PatientClient acts for patients with a card: they agree that the clinic sees their drugs,
// decline, end it, and the clinic looks. They are nobody else's.
class PatientClient final : public Client {
 public:
  PatientClient(const Surroundings& surroundings, const std::vector<std::string>& persons,
                uint64_t seed);
  void Step() override;

  // Agree has the first of them agree, for a test that steps by itself; SeesDrugs then looks.
  // Both return how the call went.
  Call Agree() { return Present(patients_.front(), /*agree=*/true); }
  Call SeesDrugs() { return Look(patients_.front()); }

 private:
  struct Patient {
    std::string name;
    e2e::RunningSandbox::Card card;
    PatientModel model;
    std::string handle;
  };

  Call Present(Patient& patient, bool agree);
  void End(Patient& patient);
  Call Look(Patient& patient);
  // ClockMayHaveJumped tells the models when it did.
  void ClockMayHaveJumped();

  std::vector<Patient> patients_;
  int clock_jumps_seen_ = 0;
};

// EndingClient ends what patients agreed to about their treatments, again and again, so that other
// calls find more ends than they read. Of their drugs it says nothing: PatientClients act for them.
class EndingClient final : public Client {
 public:
  // `handles` are the patients', at the test clinic.
  EndingClient(const Surroundings& surroundings, std::vector<std::string> handles, uint64_t seed);
  void Step() override;

 private:
  const std::vector<std::string> handles_;
};

// FeedClient is an insurer that reports a person's loss and takes it back, feed after feed, and
// asks at a desk what became of it. Nobody else asks for that person.
class FeedClient final : public Client {
 public:
  FeedClient(const Surroundings& surroundings, synth::TestPerson person, uint64_t seed);
  void Step() override;

 private:
  const synth::TestPerson person_;
  NumberClient desk_;
};

// ListClient sends lists of persons whose answer never changes, and fetches every row once. It
// stops behind a list, never in one.
class ListClient final : public Client {
 public:
  ListClient(const Surroundings& surroundings, std::vector<synth::TestPerson> persons, int rows,
             uint64_t seed);
  void Step() override;

 private:
  bool Send(const std::string& request_id);
  void Fetch(const std::string& number);
  void Delete(const std::string& number);
  std::optional<v1::BulkInquiry> Get(const std::string& request_id);
  // A list that has taken too long is given up, and wrong.
  bool over() const { return absl::Now() > until_; }

  absl::Time until_;
  const std::vector<synth::TestPerson> persons_;
  const int rows_;
};

}  // namespace kakunin::faults
