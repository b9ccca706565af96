#include "domain/session.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

const absl::Time kBegan = absl::FromUnixSeconds(1'800'000'000);
const std::string kFacility = "1312345678";
const std::string kTerminal = "desk-1";
const Digest32 kCertificate = {1};

Session Begun() {
  return {.facility_code = kFacility,
          .user_name = "tanaka",
          .terminal_id = kTerminal,
          .certificate = kCertificate,
          .began = kBegan,
          .end = kBegan + kSessionLife,
          .last_used = kBegan};
}

std::optional<Reason> At(const Session& session, absl::Time at, absl::Time used) {
  return JudgeSession(session, {kFacility, kTerminal, kCertificate, at}, used);
}

TEST(Session, EndsAfterTwelveHours) {
  const Session session = Begun();
  const absl::Duration one = absl::Microseconds(1);
  EXPECT_EQ(At(session, session.end - one, session.end - one), std::nullopt);
  EXPECT_EQ(At(session, session.end, session.end - one), Reason::kSessionExpired);
  EXPECT_EQ(At(session, session.end + one, session.end), Reason::kSessionExpired);
}

TEST(Session, EndsAnHourAfterItsLastUse) {
  const Session session = Begun();
  const absl::Time used = kBegan + absl::Hours(3);
  const absl::Duration one = absl::Microseconds(1);
  EXPECT_EQ(At(session, used + absl::Hours(1) - one, used), std::nullopt);
  EXPECT_EQ(At(session, used + absl::Hours(1), used), Reason::kSessionExpired);
  EXPECT_EQ(At(session, used + absl::Hours(1) + one, used), Reason::kSessionExpired);
}

TEST(Session, OneThatIsEndedIsTold) {
  Session session = Begun();
  session.ended = SessionEnd::kLocked;
  EXPECT_EQ(At(session, kBegan, kBegan), Reason::kSessionEnded);
  // Even when it is over as well.
  EXPECT_EQ(At(session, session.end, kBegan), Reason::kSessionEnded);
}

TEST(Session, IsItsTerminalsAloneAndNobodyElseLearnsMore) {
  Session session = Begun();
  session.ended = SessionEnd::kLoggedOut;
  const std::string elsewhere = "1318000002";
  const std::string other = "desk-2";
  const Digest32 renewed = {2};
  for (const SessionCall& call : {SessionCall{elsewhere, kTerminal, kCertificate, kBegan},
                                  SessionCall{kFacility, other, kCertificate, kBegan},
                                  SessionCall{kFacility, kTerminal, renewed, kBegan}}) {
    EXPECT_EQ(JudgeSession(session, call, kBegan), Reason::kSessionOfAnotherTerminal);
  }
}

}  // namespace
}  // namespace kakunin
