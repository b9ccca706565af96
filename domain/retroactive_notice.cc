#include "domain/retroactive_notice.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "domain/coverage_facts.h"
#include "domain/eligibility.h"

namespace kakunin {
namespace {

// What selects a coverage, in the order of `coverages`.
std::vector<AnswerCoverage> FactsOf(std::span<const Coverage> coverages) {
  std::vector<AnswerCoverage> facts;
  facts.reserve(coverages.size());
  for (const Coverage& coverage : coverages) facts.push_back(SelectingFactsOf(coverage));
  return facts;
}

// ShownAnswer is an answer as it was, or would be, given.
struct ShownAnswer {
  Validity validity = Validity::kNotFound;
  std::vector<const Coverage*> shown;
};

ShownAnswer AnswerFrom(std::span<const Coverage> coverages, absl::CivilDay day,
                       const AskedView& view) {
  const std::vector<AnswerCoverage> facts = FactsOf(coverages);
  const Selection selection =
      view.key ? SelectForKey(facts, *view.key, day) : SelectForCard(facts, day);
  ShownAnswer answer{.validity = selection.validity};
  for (const AnswerCoverage* fact : selection.shown) {
    answer.shown.push_back(&coverages[static_cast<size_t>(fact - facts.data())]);
  }
  return answer;
}

// The first day not covered, when that is on or before `day`.
std::optional<absl::CivilDay> EndBy(const Coverage& coverage, absl::CivilDay day) {
  const std::optional<absl::CivilDay> end = FirstDayAfter(SelectingFactsOf(coverage));
  return end && *end <= day ? end : std::nullopt;
}

// The answer has room for one: of several that hold, the one that began last, of those the first.
template <class Certificate>
void TakeLast(const Certificate& one, absl::CivilDay day, const Certificate*& last) {
  if (!IsWithin(one.valid_from, one.valid_through, day)) return;
  if (last == nullptr || one.valid_from > last->valid_from) last = &one;
}

std::pair<std::optional<int>, std::optional<int>> RatioOn(const Coverage& coverage,
                                                          absl::CivilDay day) {
  const ElderlyRecipientCertificate* last = nullptr;
  for (const auto& delivered : coverage.delivered_elderly_certificates) {
    TakeLast(delivered, day, last);
  }
  if (coverage.elderly_recipient_certificate) {
    TakeLast(*coverage.elderly_recipient_certificate, day, last);
  }
  return {coverage.partial_contribution_percent,
          last == nullptr ? std::nullopt : std::optional(last->contribution_percent)};
}

std::pair<int, std::string> LimitOn(const Coverage& coverage, absl::CivilDay day) {
  const LimitCertificate* last = nullptr;
  for (const LimitCertificate& limit : coverage.limit_certificates) TakeLast(limit, day, last);
  if (last == nullptr) return {};
  return {last->classification, last->classification_flag};
}

std::vector<std::pair<int, int64_t>> DiseasesOn(const Coverage& coverage, absl::CivilDay day) {
  std::vector<std::pair<int, int64_t>> diseases;
  for (const SpecificDiseaseCertificate& disease : coverage.specific_disease_certificates) {
    if (!IsWithin(disease.valid_from, disease.valid_through, day)) continue;
    diseases.emplace_back(disease.disease, disease.self_pay_yen);
  }
  std::ranges::sort(diseases);
  return diseases;
}

// ShownDifference collects in which parts two lists of shown coverages differ.
class ShownDifference {
 public:
  ShownDifference(const ShownAnswer& before, const ShownAnswer& after)
      : before_(before), after_(after) {}

  template <class Of>
  void Look(NoticePart part, const Of& of) {
    const bool same =
        std::ranges::equal(before_.shown, after_.shown,
                           [&](const Coverage* a, const Coverage* b) { return of(*a) == of(*b); });
    if (!same) parts_.Add(part);
  }

  NoticeParts parts() const { return parts_; }

 private:
  const ShownAnswer& before_;
  const ShownAnswer& after_;
  NoticeParts parts_;
};

NoticeParts CompareShown(const ShownAnswer& before, const ShownAnswer& after, absl::CivilDay day,
                         const AskedView& view) {
  // Of an answer that shows nothing nothing can be compared.
  if (before.shown.empty() || after.shown.empty()) return {};
  ShownDifference difference(before, after);
  difference.Look(NoticePart::kInsurer, [](const Coverage& c) { return c.insurer_number; });
  difference.Look(NoticePart::kSymbolAndNumber,
                  [](const Coverage& c) { return std::tie(c.symbol, c.number, c.branch_number); });
  difference.Look(NoticePart::kPeriod, [&](const Coverage& c) {
    return std::pair(c.qualification_date, EndBy(c, day));
  });
  difference.Look(NoticePart::kClassification, [](const Coverage& c) {
    return std::pair(c.card_classification, c.personal_family_classification);
  });
  difference.Look(NoticePart::kCopayRatio, [&](const Coverage& c) { return RatioOn(c, day); });
  if (view.limit_certificate) {
    difference.Look(NoticePart::kLimitClass, [&](const Coverage& c) { return LimitOn(c, day); });
  }
  if (view.specific_disease) {
    difference.Look(NoticePart::kSpecificDisease,
                    [&](const Coverage& c) { return DiseasesOn(c, day); });
  }
  return difference.parts();
}

auto QuestionOf(const AskedAnswer& asked) {
  const AskedView& view = asked.view;
  return std::tuple(asked.day, view.key, view.limit_certificate, view.specific_disease, view.kept,
                    view.no_match);
}

// IsNearer tells whether a notice is rather about `one`: who was shown somebody is told of that.
bool IsNearer(const AskedAnswer& one, const AskedAnswer& other) {
  if (one.view.no_match != other.view.no_match) return other.view.no_match;
  return one.at > other.at;
}

bool WasToldTheOldAnswer(const AskedAnswer& asked, const AnswerChange& change, absl::Time at) {
  if (asked.at < at && asked.view.kept) return true;
  return change.before == change.after || asked.told == change.before;
}

}  // namespace

bool DiffersAtReception(const ToldState& before, const ToldState& after, const KeyHash& key,
                        bool limit_certificate) {
  const ShownAnswer was = AnswerFrom(before.coverages, before.day, {.key = key});
  const ShownAnswer is = AnswerFrom(after.coverages, after.day, {.key = key});
  if (was.validity != is.validity) return true;
  return !std::ranges::equal(was.shown, is.shown, [&](const Coverage* a, const Coverage* b) {
    return std::tie(a->insurer_number, a->symbol, a->number, a->branch_number) ==
               std::tie(b->insurer_number, b->symbol, b->number, b->branch_number) &&
           RatioOn(*a, before.day) == RatioOn(*b, after.day) &&
           (!limit_certificate || LimitOn(*a, before.day) == LimitOn(*b, after.day));
  });
}

AnswerChange CompareAnswers(const ChangedTruth& truth, absl::CivilDay day, const AskedView& view) {
  const ShownAnswer before = AnswerFrom(truth.before, day, view);
  ShownAnswer after = AnswerFrom(truth.after, day, view);
  if (view.key && after.shown.empty()) after = AnswerFrom(truth.elsewhere, day, view);
  AnswerChange change{.before = before.validity, .after = after.validity};
  if (view.kept && !view.no_match) change.parts = CompareShown(before, after, day, view);
  if (change.before != change.after) change.parts.Add(NoticePart::kValidity);
  return change;
}

std::vector<RetroactiveNotice> FindRetroactiveNotices(std::span<const AskedAnswer> asked,
                                                      const ChangedTruth& truth) {
  std::map<std::pair<std::string_view, absl::CivilDay>, RetroactiveNotice> found;
  // Many facilities ask the same.
  std::map<decltype(QuestionOf(asked[0])), AnswerChange> compared;
  for (const AskedAnswer& one : asked) {
    const auto [same, is_first] = compared.try_emplace(QuestionOf(one));
    if (is_first) same->second = CompareAnswers(truth, one.day, one.view);
    const AnswerChange& change = same->second;
    if (change.parts == NoticeParts() || !WasToldTheOldAnswer(one, change, truth.at)) continue;
    RetroactiveNotice& notice = found[{one.facility_code, one.day}];
    if (notice.asked == nullptr || IsNearer(one, *notice.asked)) notice = {&one, change};
  }
  std::vector<RetroactiveNotice> notices;
  notices.reserve(found.size());
  for (const auto& [key, notice] : found) notices.push_back(notice);
  return notices;
}

std::string_view NoticeSentence(NoticeKind kind, Validity before, Validity after) {
  if (kind == NoticeKind::kOtherPersonShown) {
    return "表示した情報に別の方のものが含まれていました。その情報は使用せず、写しがあれば"
           "破棄し、患者本人について再度資格確認を行ってください。";
  }
  if (kind == NoticeKind::kAnswerTakenBack) {
    return "確認済みの日の資格情報は、保険者が登録を取り消したため元の内容に戻りました。"
           "再度資格確認を行い、レセプトの請求先を確認してください。";
  }
  const auto valid = [](Validity validity) {
    return validity == Validity::kValid || validity == Validity::kValidUnregistered;
  };
  if (valid(before) && !valid(after)) {
    return "確認済みの日の資格が、さかのぼって有効でなくなりました。患者に新しい資格を尋ねて"
           "再度資格確認を行い、レセプトの請求先を確認してください。";
  }
  if (!valid(before) && valid(after)) {
    return "確認済みの日の資格が、さかのぼって有効になりました。再度資格確認を行い、窓口負担と"
           "レセプトの請求先を確認してください。";
  }
  return "確認済みの日の資格情報の内容が、さかのぼって変わりました。再度資格確認を行い、"
         "レセプトの記載を確認してください。";
}

std::string_view NoMatchSentence(Validity after) {
  if (after == Validity::kNotFound) {
    return "「該当資格なし」と回答した番号に登録された資格が、取り消されました。患者に資格を尋ねて"
           "再度資格確認を行い、レセプトの請求先を確認してください。";
  }
  return "「該当資格なし」と回答した番号の資格が登録され、対象日の回答が変わりました。同じ番号で"
         "再度資格確認を行い、窓口負担とレセプトの請求先を確認してください。";
}

}  // namespace kakunin
