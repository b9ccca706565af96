#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "domain/error.h"
#include "domain/retroactive_notice.h"
#include "storage/confirmation_store.h"
#include "storage/postgres/housekeeping_store.h"
#include "storage/postgres/text_value.h"
#include "tests/postgres/feed_driver.h"
#include "tests/support/test_database.h"

namespace kakunin {

// AskedRow is a confirmation as a lane writes it.
struct AskedRow {
  std::string facility = "1312345678";
  absl::CivilDay day;
  absl::Time at;
  Validity told = Validity::kValid;
  AskedView view = {};
};

// NoticeSearchDriver writes confirmations and searches for notices as the timed jobs do.
class NoticeSearchDriver {
 public:
  explicit NoticeSearchDriver(const TestDatabase& database)
      : database_(database), jobs_(database.Open("kakunin_job", 4)) {}

  void Confirm(const PersonId& person, const AskedRow& asked) {
    ConfirmOf("'" + UuidText(person) + "'::uuid", asked);
  }
  // The person behind a SampleNumber.
  void Confirm(int who, const AskedRow& asked) {
    ConfirmOf(fmt::format("(SELECT person_id FROM kakunin.person_number WHERE number_hash = '{}')",
                          ByteaText(SampleNumber(who).hash)),
              asked);
  }

  absl::StatusOr<NoticeStep> StepIn(Transaction& tx, absl::Time now, int limit = 1000) {
    taken_.reset();
    return store_.FindNotices(tx, now, limit, taken_);
  }
  // Returns the instant of the oldest change that waits.
  absl::Time See(absl::Time now) {
    absl::Time oldest;
    const absl::Status status = jobs_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(oldest, store_.SeeNoticeWork(tx, now));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return oldest;
  }
  // Sets back the piece of work of the last step.
  void SetBack(absl::Time now) {
    const absl::Status status = jobs_->Write(
        Soon(), [&](Transaction& tx) { return store_.SetNoticeWorkBack(tx, taken_.value(), now); });
    EXPECT_TRUE(status.ok()) << status;
  }
  NoticeStep Step(absl::Time now, int limit = 1000) {
    See(now);
    NoticeStep step;
    const absl::Status status = jobs_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(step, StepIn(tx, now, limit));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return step;
  }
  // Sees what waits at `now`, and searches when it is ripe; returns how many steps it took.
  int Search(absl::Time now, int limit = 1000) {
    Step(now, limit);
    int steps = 1;
    while (!Step(now + kNoticeWorkRipens, limit).idle) ++steps;
    return steps;
  }

  // "facility/number kind day before>after parts", by facility and number.
  std::string Notices() {
    return database_
        .Exec(
            "SELECT coalesce(string_agg(facility_code || '/' || number || ' ' || kind || ' ' || day"
            " || ' ' || coalesce(validity_before::text, '') || '>'"
            " || coalesce(validity_after::text, '') || ' ' || parts, ', '"
            " ORDER BY facility_code, number), '') FROM kakunin.notice")[0][0]
        .c_str();
  }
  int64_t Count(const std::string& what) {
    return database_.Exec("SELECT count(*) FROM kakunin." + what)[0][0].as<int64_t>();
  }
  Database& jobs() { return *jobs_; }
  const std::optional<NoticeWorkId>& taken() const { return taken_; }

 private:
  void ConfirmOf(const std::string& person, const AskedRow& asked) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.confirmation (person_id, at, stream, number, facility_code, day,"
        " validity, answer_digest, asked_key, opened) VALUES ({}, '{}', '{}', {}, '{}', '{}', {},"
        " '{}', {}, {})",
        person, InstantText(asked.at), UuidText(StreamId{{5}}), ++number_, asked.facility,
        DayText(asked.day), static_cast<int>(asked.told), UuidText(StreamId{}),
        asked.view.key ? "'" + UuidText(*asked.view.key) + "'" : "NULL",
        asked.view.kept ? std::to_string(OpenedBits(asked.view)) : "NULL"));
  }

  const TestDatabase& database_;
  const std::unique_ptr<PostgresDatabase> jobs_;
  PostgresHousekeepingStore store_{CopyBuilders()};
  std::optional<NoticeWorkId> taken_;
  int64_t number_ = 0;
};

}  // namespace kakunin
