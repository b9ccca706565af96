#pragma once

#include <google/protobuf/repeated_ptr_field.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "server/rpc/convert_date.h"
#include "tests/rpc/onboarding_fixture.h"

namespace kakunin {

constexpr char kSuccessor[] = "1319999998";

// Facilities that have joined, and what approved applications do to them.
class FacilityApplicationsTest : public OnboardingServiceTest {
 protected:
  std::string Facility(const std::string& what, const std::string& code = kFacility) const {
    return Text("SELECT " + what + " FROM kakunin.facility WHERE facility_code = '" + code + "'");
  }
  Fields Restricted() const {
    Fields fields = Good();
    fields["introduction_type"] = "restricted";
    fields["ground"] = "measure-6";
    fields.erase("line_kind");
    return fields;
  }
  void TickAllOf(const std::string& code) {
    for (int item = 1; item <= kOperationTestItems; ++item) {
      const absl::Status status =
          database_.Open("kakunin_terminal", 1)->Write(Soon(), [&](Transaction& tx) {
            return applications_.Tick(tx, code, static_cast<OperationTestItem>(item), clock_.Now());
          });
      ASSERT_TRUE(status.ok()) << status;
    }
  }
  // A facility that joined by this form; the id of its application.
  std::string Join(const std::string& token, const Fields& form) {
    EXPECT_EQ(Submit(token, Application({form})), "");
    const std::string id = submitted_.rows(0).application().application_id();
    EXPECT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE), "");
    TickAllOf(form.at("facility_code"));
    EXPECT_EQ(StartUse(id), "");
    return id;
  }
  // A successor of kFacility that has done its operation test; the id of its application.
  std::string TestedSuccessor(const std::string& token) {
    Fields form = Good(kSuccessor);
    form["predecessor_code"] = kFacility;
    EXPECT_EQ(Submit(token, Application({form})), "");
    const std::string id = submitted_.rows(0).application().application_id();
    EXPECT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE), "");
    TickAllOf(kSuccessor);
    return id;
  }
  std::string Approve(const std::string& token, const Fields& form, v1::ApplicationKind kind) {
    EXPECT_EQ(Submit(token, Application({form}, kind)), "");
    return Decide(second_, submitted_.rows(0).application().application_id(),
                  v1::APPLICATION_EVENT_APPROVE);
  }
  std::string Report(const std::string& token, absl::CivilDay day, bool validate_only = false) {
    v1::ReportGroundEndRequest request;
    request.set_request_id(TestUuid());
    request.set_validate_only(validate_only);
    request.set_facility_code(kFacility);
    *request.mutable_ending_day() = DayToProto(day);
    return Apply(&Applicants::ReportGroundEnd, request, reported_, token);
  }
  std::string Record(absl::CivilDay day, const std::string& code = kFacility) {
    v1::RecordGroundEndRequest request;
    request.set_request_id(TestUuid());
    request.set_facility_code(code);
    *request.mutable_ending_day() = DayToProto(day);
    v1::RecordGroundEndResponse response;
    return Operate(first_, &Operators::RecordGroundEnd, request, response);
  }
  std::string SetClosure(std::optional<absl::CivilDay> last, bool validate_only = false,
                         const std::string& code = kFacility) {
    v1::SetFacilityClosureRequest request;
    request.set_request_id(TestUuid());
    request.set_validate_only(validate_only);
    request.set_facility_code(code);
    if (last) *request.mutable_last_day() = DayToProto(*last);
    request.set_open_again(!last);
    request.set_reason("承継元のコードの誤り");
    return Operate(first_, &Operators::SetFacilityClosure, request, closed_);
  }
  std::string NewsOf(const std::string& account) const {
    return Text("SELECT text FROM kakunin.applicant_news WHERE account = '" + account +
                "' ORDER BY number DESC LIMIT 1");
  }
  // How many audit rows of SetFacilityClosure hold `part`. By what they hold: rows of one instant
  // in two chains have no order.
  std::string ClosuresAudited(const std::string& part) const {
    return Text(
        "SELECT count(*) FROM kakunin.audit_event WHERE operation = 217"
        " AND position('" +
        part + "' in details) > 0");
  }
  // Waits until some statement waits for a lock, or `done`; false: it never did.
  bool SomebodyWaits(const std::atomic<bool>& done) const {
    while (!done) {
      if (Text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
               " AND wait_event_type = 'Lock'") != "0") {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  // Hands `act` in while another transaction has the facility's lock and does `meanwhile` before it
  // commits.
  void Meanwhile(const std::function<void()>& act,
                 const std::function<absl::Status(Transaction&)>& meanwhile) {
    Meanwhile([&](Transaction& tx) { return applications_.HoldUses(tx, kFacility); }, act,
              meanwhile);
  }
  // The same, where the other transaction has what `hold` locks.
  void Meanwhile(const std::function<absl::Status(Transaction&)>& hold,
                 const std::function<void()>& act,
                 const std::function<absl::Status(Transaction&)>& meanwhile) {
    std::atomic<bool> done = false;
    std::thread acting;
    const absl::Status status =
        database_.Open("kakunin_operator", 1)->Write(Soon(), [&](Transaction& tx) -> absl::Status {
          RETURN_IF_ERROR(hold(tx));
          acting = std::thread([&] {
            act();
            done = true;
          });
          EXPECT_TRUE(SomebodyWaits(done)) << "it did not wait for the other";
          return meanwhile(tx);
        });
    acting.join();
    EXPECT_TRUE(status.ok()) << status;
  }
  std::function<absl::Status(Transaction&)> HoldAccount(const std::string& account) {
    return [this, account](Transaction& tx) { return applicants_.Hold(tx, account).status(); };
  }
  // Whether nobody has the row for which all that writes to the registry waits.
  bool RegistryIsFree() const {
    return Text(
               "SELECT count(*) FROM (SELECT FROM kakunin.registry_generation"
               " FOR UPDATE SKIP LOCKED) g") == "1";
  }
  // How many facilities somebody has locked.
  std::string FacilitiesHeld() const {
    return Text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 17"
        " AND granted AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())");
  }
  absl::CivilDay Today() const { return CivilDayAt(clock_.Now()); }
  static std::string Day(absl::CivilDay day) { return absl::FormatCivilTime(day); }

  v1::ReportGroundEndResponse reported_;
  v1::SetFacilityClosureResponse closed_;
};

}  // namespace kakunin
