#include "domain/bulk_inquiry.h"

#include <algorithm>

#include "domain/eligibility.h"

namespace kakunin {

bool SearchesRatherThanAsks(const BulkCounts& counts) {
  constexpr int64_t kFrom = 1000;
  constexpr int64_t kMost = 50'000;
  return counts.not_found > kMost || (counts.asked >= kFrom && counts.not_found * 2 > counts.asked);
}

bool IsSameOnBothDays(std::span<const AnswerCoverage> coverages, const KeyHash& key,
                      absl::CivilDay one, absl::CivilDay other) {
  if (one == other) return true;
  const Selection first = SelectForKey(coverages, key, one);
  const Selection second = SelectForKey(coverages, key, other);
  if (first.validity != second.validity || first.shown != second.shown) return false;
  return std::ranges::all_of(first.shown, [&](const AnswerCoverage* coverage) {
    return std::ranges::all_of(coverage->pieces, [&](const AnswerPiece& piece) {
      const bool counts = piece.kind == PieceKind::kElderlyRecipientCertificate ||
                          piece.kind == PieceKind::kLimitCertificate;
      return !counts || HoldsOn(piece, one) == HoldsOn(piece, other);
    });
  });
}

std::string_view BulkNextStep(Validity validity) {
  switch (validity) {
    case Validity::kValid:
      return "資格は有効です。来院時の受付で、もう一度確認してください。";
    case Validity::kValidUnregistered:
      return "医療扶助の登録が終わっていません。来院時の受付で、もう一度確認してください。";
    case Validity::kInvalid:
      return "資格が有効ではありません。来院時の受付で、カードか新しい書類により確認してください。";
    case Validity::kInvalidNewerExists:
      return "新しい資格があります。来院時の受付で、カードか新しい書類により確認してください。";
    case Validity::kSeveralFound:
      return "該当する方が複数います。枝番を加えて照会するか、来院時の受付で確認してください。";
    case Validity::kNotFound:
      return "該当する資格がありません。入力を確かめるか、来院時の受付で確認してください。";
  }
  return "来院時の受付で確認してください。";
}

}  // namespace kakunin
