#pragma once

#include "domain/actor.h"

namespace kakunin {

// FeedKind is what the rows of a delivery are about: numbers of insurer_feed_service.proto.
enum class FeedKind {
  kCoverages = 1,
  kReceipts,
  kHealthChecks,
  kElderlyRecipientCertificates,
  kLimitCertificates,
  kSpecificDiseaseCertificates,
  kCardLinks
};

// MayPush tells who delivers what: insurers say who is insured, by which certificates, and
// register check-ups (domain.md 4), claims reviewers say what was claimed (domain.md 3: drug and
// treatment data come from receipts), and J-LIS whose card is whose: nobody else, and nothing else.
constexpr bool MayPush(ActorKind pusher, FeedKind kind) {
  switch (kind) {
    case FeedKind::kCoverages:
    case FeedKind::kHealthChecks:
    case FeedKind::kElderlyRecipientCertificates:
    case FeedKind::kLimitCertificates:
    case FeedKind::kSpecificDiseaseCertificates:
      return pusher == ActorKind::kInsurer;
    case FeedKind::kReceipts:
      return pusher == ActorKind::kClaimsReviewer;
    case FeedKind::kCardLinks:
      return pusher == ActorKind::kCardLinkProvider;
  }
  return false;
}

}  // namespace kakunin
