#include "domain/feed_kind.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

TEST(MayPush, EveryActorAndKindIsAsWritten) {
  for (int actor = 1; actor <= static_cast<int>(ActorKind::kCardLinkProvider); ++actor) {
    const auto kind = static_cast<ActorKind>(actor);
    EXPECT_EQ(MayPush(kind, FeedKind::kCoverages), kind == ActorKind::kInsurer);
    EXPECT_EQ(MayPush(kind, FeedKind::kHealthChecks), kind == ActorKind::kInsurer);
    EXPECT_EQ(MayPush(kind, FeedKind::kReceipts), kind == ActorKind::kClaimsReviewer);
    EXPECT_EQ(MayPush(kind, FeedKind::kCardLinks), kind == ActorKind::kCardLinkProvider);
    EXPECT_FALSE(MayPush(kind, static_cast<FeedKind>(0)));
    for (const FeedKind certificates :
         {FeedKind::kElderlyRecipientCertificates, FeedKind::kLimitCertificates,
          FeedKind::kSpecificDiseaseCertificates}) {
      EXPECT_EQ(MayPush(kind, certificates), kind == ActorKind::kInsurer);
    }
    EXPECT_FALSE(MayPush(kind, static_cast<FeedKind>(8)));
  }
}

}  // namespace
}  // namespace kakunin
