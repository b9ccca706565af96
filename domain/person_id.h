#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>

namespace kakunin {

// Id128 is 16 opaque octets. `Tag` keeps ids of different things apart.
template <class Tag>
struct Id128 {
  std::array<uint8_t, 16> octets{};

  friend auto operator<=>(const Id128&, const Id128&) = default;

  template <typename H>
  friend H AbslHashValue(H state, const Id128& id) {
    return H::combine_contiguous(std::move(state), id.octets.data(), id.octets.size());
  }
};

// PersonId names a person inside this service: a random UUID, never shown to a facility.
using PersonId = Id128<struct PersonTag>;
// KeyHash is the keyed 128-bit hash of a look-up key (insurer, symbol, number, birth date).
using KeyHash = Id128<struct KeyHashTag>;
// PersonPseudonym is the keyed hash that stands for a person in the audit.
using PersonPseudonym = Id128<struct PseudonymTag>;
// ChallengeId names a card challenge and is its nonce.
using ChallengeId = Id128<struct ChallengeTag>;
// StreamId names one audit writer of one server start.
using StreamId = Id128<struct StreamTag>;
// FeedId names one delivery of an insurer.
using FeedId = Id128<struct FeedTag>;
// CaseId names a case of a mistaken identity.
using CaseId = Id128<struct CaseTag>;
// CertificateRequestId names a terminal's request for a certificate.
using CertificateRequestId = Id128<struct CertificateRequestTag>;
// PolicyId names a policy for abnormal times; all zero means none.
using PolicyId = Id128<struct PolicyTag>;
// ViewId names one use of such a policy.
using ViewId = Id128<struct ViewTag>;
// RequestId is the caller's UUID of one request; all zero means none was given.
using RequestId = Id128<struct RequestTag>;

}  // namespace kakunin
