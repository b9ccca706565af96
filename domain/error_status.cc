// Reasons as statuses, and back.
#include <algorithm>
#include <array>
#include <charconv>

#include "absl/strings/cord.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr char kFieldUrl[] = "kakunin/field_violations";
constexpr char kSentenceUrl[] = "kakunin/sentence";
constexpr char kChunkUrl[] = "kakunin/expected_chunk";
constexpr char kFeedNumberUrl[] = "kakunin/expected_feed_number";
// Neither character can occur in a field name or in our own descriptions.
constexpr char kBetweenParts = '\x1f';
constexpr char kBetweenViolations = '\x1e';

std::optional<long long> NumberIn(const absl::Status& status, const char* url) {
  const auto payload = status.GetPayload(url);
  if (!payload.has_value()) return std::nullopt;
  const std::string digits(*payload);
  long long number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

const ReasonFacts& FactsOf(Reason reason) {
  const auto row = std::find_if(AllReasons().begin(), AllReasons().end(),
                                [&](const ReasonFacts& facts) { return facts.reason == reason; });
  return row == AllReasons().end() ? FactsOf(Reason::kInternal) : *row;
}

absl::Status MakeError(Reason reason) {
  const ReasonFacts& facts = FactsOf(reason);
  return absl::Status(facts.code, absl::string_view(facts.name.data(), facts.name.size()));
}

absl::Status InvalidFields(const std::vector<FieldViolation>& violations) {
  absl::Status status = MakeError(Reason::kInvalidFields);
  std::string packed;
  for (const FieldViolation& violation : violations) {
    packed += violation.field;
    packed += kBetweenParts;
    packed += violation.description;
    packed += kBetweenViolations;
  }
  status.SetPayload(kFieldUrl, absl::Cord(packed));
  return status;
}

absl::Status ExpectedChunk(long long number) {
  absl::Status status = MakeError(Reason::kFeedChunkGap);
  status.SetPayload(kChunkUrl, absl::Cord(std::to_string(number)));
  return status;
}

absl::Status ExpectedFeedNumber(long long number) {
  absl::Status status = MakeError(Reason::kFeedNumberGap);
  const std::string digits = std::to_string(number);
  status.SetPayload(kFeedNumberUrl, absl::Cord(digits));
  status.SetPayload(kSentenceUrl, absl::Cord("送信番号が続いていません。次の番号は" + digits +
                                             "です。その番号で送信してください。"));
  return status;
}

absl::Status HolderVerificationNotAllowed(std::string_view ways) {
  absl::Status status = MakeError(Reason::kHolderVerificationNotAllowed);
  if (ways.empty()) return status;
  status.SetPayload(kSentenceUrl, absl::Cord("この本人確認方法は利用できません。" +
                                             std::string(ways) + "で確認してください。"));
  return status;
}

std::optional<Reason> ReasonNamed(std::string_view name) {
  const auto row = std::find_if(AllReasons().begin(), AllReasons().end(),
                                [&](const ReasonFacts& facts) { return facts.name == name; });
  if (row == AllReasons().end()) return std::nullopt;
  return row->reason;
}

std::optional<Reason> ReasonOf(const absl::Status& status) {
  if (status.ok()) return std::nullopt;
  const std::string_view name(status.message().data(), status.message().size());
  const auto row = std::find_if(
      AllReasons().begin(), AllReasons().end(),
      [&](const ReasonFacts& facts) { return facts.name == name && facts.code == status.code(); });
  return row == AllReasons().end() ? Reason::kInternal : row->reason;
}

std::vector<FieldViolation> ViolationsOf(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  const auto payload = status.GetPayload(kFieldUrl);
  if (!payload.has_value()) return violations;
  const std::string packed(*payload);
  for (size_t begin = 0; begin < packed.size();) {
    const size_t end = packed.find(kBetweenViolations, begin);
    const size_t middle = packed.find(kBetweenParts, begin);
    violations.push_back(
        {packed.substr(begin, middle - begin), packed.substr(middle + 1, end - middle - 1)});
    begin = end + 1;
  }
  return violations;
}

std::optional<std::string> OwnSentenceOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kSentenceUrl);
  if (!payload.has_value()) return std::nullopt;
  return std::string(*payload);
}

std::optional<long long> ExpectedChunkOf(const absl::Status& status) {
  return NumberIn(status, kChunkUrl);
}

std::optional<long long> ExpectedFeedNumberOf(const absl::Status& status) {
  return NumberIn(status, kFeedNumberUrl);
}

}  // namespace kakunin
