// Who is told when a delivery of card links is undone.

#include <fmt/format.h>

#include "domain/civil_day.h"
#include "tests/postgres/feed_driver.h"
#include "tests/postgres/notice_search.h"

namespace kakunin {
namespace {

constexpr char kProvider[] = "j-lis";
const std::string kIssuer(32, 'i');

class CardLinkNoticeTest : public testing::Test {
 protected:
  static StagedCardLink Link(const std::string& serial, int who, const std::string& replaces = "",
                             int medium = 1) {
    return {.individual = SampleNumber(who),
            .record = {.reference = CardLinkReference(kIssuer, serial),
                       .issuer_key_id = kIssuer,
                       .serial = serial,
                       .medium = medium,
                       .replaces_issuer_key_id = replaces.empty() ? "" : kIssuer,
                       .replaces_serial = replaces}};
  }
  FeedId Publish(const std::vector<StagedCardLink>& links) {
    const FeedId id = driver_.Stage(++number_, links);
    const auto published = driver_.Publish(id, FeedDriver::InstantOf(number_));
    EXPECT_TRUE(published.ok()) << published.status();
    return id;
  }
  void Undo(const FeedId& id, UndoMode mode = UndoMode::kUntouched) {
    ++number_;
    const CopyBuilders build{.answer = &SampleAnswer};
    const absl::Status status = driver_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = driver_.store().Find(tx, kProvider, id, true);
      if (!feed.ok()) return feed.status();
      const auto undone =
          driver_.store().Undo(tx, **feed, FeedDriver::InstantOf(number_), build, mode);
      if (undone.ok()) {
        EXPECT_EQ(undone->done, mode != UndoMode::kLook);
      }
      return undone.status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  const TestDatabase database_;
  FeedDriver driver_{database_, kProvider, FeedKind::kCardLinks, {.answer = &SampleAnswer}};
  NoticeSearchDriver search_{database_};
  int64_t number_ = 0;
};

// A card that is nobody's any more: what it showed of those it was said to be of may be another's.
TEST_F(CardLinkNoticeTest, AnUndoTellsWhoWasShownSomebodyByACardThatItTook) {
  Publish({Link("s1", 1), Link("s2", 2)});
  const FeedId id = Publish({Link("s3", 1, "s1"), Link("s4", 3), Link("s2", 2, "", 2)});
  const absl::Time published = FeedDriver::InstantOf(number_);
  int audit = 0;
  const auto ask = [&](int who, const std::string& facility, absl::Time at,
                       std::optional<KeyHash> key = std::nullopt) {
    search_.Confirm(
        who,
        {.facility = facility, .day = absl::CivilDay(2026, 4, 20), .at = at, .view = {.key = key}});
    ++audit;
  };
  ask(1, "BEFORE", published - absl::Seconds(1));
  ask(1, "AT", published);
  ask(1, "CARD", published + absl::Seconds(1));
  ask(1, "CARD", published + absl::Seconds(2));
  ask(1, "NUMBER", published + absl::Seconds(2), SampleKey(2));
  ask(2, "MEDIUM", published + absl::Seconds(2));
  ask(3, "OTHER", published + absl::Seconds(2));
  ask(1, "OLD", published + absl::Seconds(2));
  const auto agree = [&](const std::string& facility, const std::string& serial, int number) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.consent_act SELECT person_id, '{}', '{}', {}, '{}', 1, NULL, 63, 0, 1,"
        " 'infinity', '\\x{}', '\\x{}' FROM kakunin.person_number WHERE number_hash = '{}'",
        InstantText(published + absl::Seconds(2)), UuidText(StreamId{{5}}), number, facility,
        HexText(kIssuer), HexText(serial), ByteaText(SampleNumber(1).hash)));
  };
  agree("OLD", "s1", audit);  // the card of before: of the undone feed it was not
  agree("CARD", "s3", 100);
  for (const char* reason : {"", "NO_CONSENT"}) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.record_access (person_id, at, stream, number, facility_code,"
        " facility_user, operation, reason) SELECT person_id, '{}', gen_random_uuid(), 1, 'CARD',"
        " 'u', 20, '{}' FROM kakunin.person_number WHERE number_hash = '{}'",
        InstantText(published + absl::Seconds(9)), reason, ByteaText(SampleNumber(1).hash)));
  }
  Undo(id, UndoMode::kLook);
  EXPECT_EQ(search_.Count("notice_work"), 0);
  Undo(id);
  const absl::Time undone = FeedDriver::InstantOf(number_);
  ask(1, "LATER", undone + kLongestPublication);
  EXPECT_EQ(search_.Search(undone + absl::Hours(3), 1), 5) << "a person a step";
  const std::string day = DayText(absl::CivilDay(absl::ToCivilSecond(published, JapanTime())));
  EXPECT_EQ(search_.Notices(), fmt::format("AT/1 4 {0} > 256, CARD/1 4 {0} > 768,"
                                           " OTHER/1 4 {0} > 256",
                                           day));
  EXPECT_EQ(search_.Count("notice_work WHERE ended_at IS NULL"), 0);
}

TEST_F(CardLinkNoticeTest, AnUndoThatTakesNoLinkTellsNobody) {
  Publish({Link("s1", 1)});
  Undo(Publish({Link("s1", 1, "", 2)}));
  EXPECT_EQ(search_.Count("notice_work"), 0);
}

}  // namespace
}  // namespace kakunin
