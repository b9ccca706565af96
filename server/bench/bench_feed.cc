#include "server/bench/bench_feed.h"

#include <fmt/format.h>
#include <httplib.h>

#include <cstdlib>
#include <deque>
#include <numeric>
#include <string_view>

#include "domain/error.h"
#include "domain/text/insurer_number.h"
#include "server/synth/identity_numbers.h"
#include "server/text_file.h"
#include "server/usecases/feed_times.h"

namespace kakunin::bench {
namespace {

constexpr uint64_t kSeed = 77;  // nobody of the nation has these individual numbers

struct Spelling {
  const char* original;
  const char* kana;
};

// Numbers without a common divisor, and a prime number of birth dates: nobody of 11.2 million (17
// times 19 times 17,389 times two sexes) has name, birth date and sex in common with somebody else,
// so that nobody has a double: five runs need ten million.
constexpr Spelling kFamilies[] = {{"佐藤", "サトウ"},   {"鈴木", "スズキ"},   {"高橋", "タカハシ"},
                                  {"田中", "タナカ"},   {"伊藤", "イトウ"},   {"渡辺", "ワタナベ"},
                                  {"山本", "ヤマモト"}, {"中村", "ナカムラ"}, {"小林", "コバヤシ"},
                                  {"加藤", "カトウ"},   {"吉田", "ヨシダ"},   {"山田", "ヤマダ"},
                                  {"佐々木", "ササキ"}, {"山口", "ヤマグチ"}, {"松本", "マツモト"},
                                  {"井上", "イノウエ"}, {"木村", "キムラ"}};
constexpr Spelling kGiven[] = {
    {"陽翔", "ハルト"}, {"蓮", "レン"},     {"湊", "ミナト"},   {"大翔", "ヒロト"},
    {"陽葵", "ヒマリ"}, {"芽依", "メイ"},   {"澪", "ミオ"},     {"樹", "イツキ"},
    {"凛", "リン"},     {"葵", "アオイ"},   {"結菜", "ユイナ"}, {"悠真", "ユウマ"},
    {"咲", "サキ"},     {"陽菜", "ヒナ"},   {"律", "リツ"},     {"碧", "アオ"},
    {"紬", "ツムギ"},   {"朝陽", "アサヒ"}, {"莉子", "リコ"}};
constexpr int64_t kBirthDates = 17'389;
constexpr int64_t kPersonsOfInsurer = 1'000'003;
static_assert(std::lcm(std::lcm<int64_t, int64_t>(2 * std::size(kFamilies), std::size(kGiven)),
                       kBirthDates) > 10 * kPersonsOfInsurer);

// Subject is what both the row and the register say of one person.
struct Subject {
  Subject(int insurer, int64_t row) : Subject(insurer * kPersonsOfInsurer + row) {}
  explicit Subject(int64_t n)
      : individual_number(synth::IndividualNumberOf(kSeed, n)),
        family(kFamilies[static_cast<size_t>(n) % std::size(kFamilies)]),
        given(kGiven[static_cast<size_t>(n) % std::size(kGiven)]),
        // Of working age: the rules for the elderly ask for what these rows do not have.
        born(absl::CivilDay(1958, 1, 1) + n % kBirthDates),
        male(n % 2 == 0) {}

  std::string individual_number;
  const Spelling& family;
  const Spelling& given;
  absl::CivilDay born;
  bool male;
};

// Nobody lives where somebody else does.
std::string AddressOf(int64_t row, int64_t moves) {
  return fmt::format("東京都みどり野市緑町{}丁目{}番{}号", row % 9 + 1, row / 9 + 1, moves + 1);
}

void SetDay(google::type::Date* date, absl::CivilDay day) {
  date->set_year(static_cast<int>(day.year()));
  date->set_month(day.month());
  date->set_day(day.day());
}

// How often a person has moved by a delivery: one in fifty moves before each but the first.
int64_t MovesBy(int64_t row, int64_t delivery) {
  int64_t moves = 0;
  for (int64_t number = 2; number <= delivery; ++number) moves += row % 50 == number % 50 ? 1 : 0;
  return moves;
}

class CoverageRows {
 public:
  CoverageRows(int insurer, int64_t delivery, int64_t rows, absl::CivilDay today)
      : insurer_(insurer), delivery_(delivery), rows_(rows), today_(today) {}

  absl::StatusOr<bool> operator()(v1::PushRowsRequest& chunk) {
    if (next_ == rows_) return false;
    const Subject subject(insurer_, next_);
    const int64_t moves = MovesBy(next_, delivery_);
    v1::CoverageRow& row = *chunk.add_coverages();
    row.set_action(moves == 0 ? v1::ROW_ACTION_NEW : v1::ROW_ACTION_CHANGED);
    row.set_coverage_reference(fmt::format("bench-{}", next_));
    row.set_individual_number(subject.individual_number);
    row.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
    row.set_symbol(fmt::format("{}", next_ % 1000 + 1));
    row.set_number(fmt::format("{}", next_ + 1));
    row.set_branch_number("01");
    row.set_personal_family_classification(v1::PERSONAL_FAMILY_CLASSIFICATION_INSURED);
    row.mutable_name()->set_original(
        fmt::format("{}　{}", subject.family.original, subject.given.original));
    row.mutable_name()->set_kana(fmt::format("{}　{}", subject.family.kana, subject.given.kana));
    row.set_sex(subject.male ? v1::SEX_MALE : v1::SEX_FEMALE);
    SetDay(row.mutable_birth_date(), subject.born);
    row.set_address(AddressOf(next_, moves));
    row.set_postal_code("1000001");
    SetDay(row.mutable_qualification_date(), today_ - 400 - next_ % 3000);
    SetDay(row.mutable_certificate_issue_date(), today_ - 300);
    ++next_;
    return true;
  }

 private:
  const int insurer_;
  const int64_t delivery_;
  const int64_t rows_;
  const absl::CivilDay today_;
  int64_t next_ = 0;
};

dev::FeedToPush Feed(int insurer, int64_t number, int64_t rows, absl::CivilDay today) {
  return {.number = number, .source = [=]() -> absl::StatusOr<dev::AddRow> {
            return CoverageRows(insurer, number, rows, today);
          }};
}

}  // namespace

std::vector<const synth::Insurer*> FeedInsurers(int count) {
  // Theirs is no 法別 of the nation's societies in this prefecture, and the check digit is right.
  static std::deque<synth::Insurer> made;
  std::vector<const synth::Insurer*> insurers;
  for (int i = 0; i < count; ++i) {
    if (static_cast<size_t>(i) == made.size()) {
      std::string number = fmt::format("0647{:03}0", 900 + i);
      number.back() = InsurerNumber::Parse(number)->ComputeCheckDigit();
      made.push_back({.number = number,
                      .name = fmt::format("計測健康保険組合{}", i + 1),
                      .kind = InsurerKind::kHealthInsuranceSociety,
                      .place = synth::Insurers().front().place});
    }
    insurers.push_back(&made[static_cast<size_t>(i)]);
  }
  return insurers;
}

dev::FeedToPush FirstFeed(int insurer, int64_t rows, absl::CivilDay today) {
  return Feed(insurer, 1, rows, today);
}

dev::FeedToPush FeedAgain(int insurer, int64_t number, int64_t rows, absl::CivilDay today) {
  return Feed(insurer, number, rows, today);
}

absl::Status WriteResidents(const std::filesystem::path& file, int insurers, int64_t rows) {
  std::string text =
      "individual_number,name,name_kana,other_name,other_name_kana,birth_date,sex,address\n";
  for (int insurer = 0; insurer < insurers; ++insurer) {
    for (int64_t row = 0; row < rows; ++row) {
      const Subject subject(insurer, row);
      text += fmt::format("{},{}　{},{}　{},,,{},{},{}\n", subject.individual_number,
                          subject.family.original, subject.given.original, subject.family.kana,
                          subject.given.kana, absl::FormatCivilTime(subject.born),
                          subject.male ? "male" : "female", AddressOf(row, 0));
    }
  }
  RETURN_IF_ERROR(ReplaceTextFile(file, text));
  std::error_code failure;
  std::filesystem::permissions(
      file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failure);
  return failure ? absl::InternalError("cannot protect " + file.string()) : absl::OkStatus();
}

absl::StatusOr<std::map<std::string, double>> FeedStepSeconds(int admin_port) {
  constexpr std::string_view kCounter = "\nkakunin_feed_seconds_total{step=\"";
  httplib::Client admin("127.0.0.1", admin_port);
  const auto answer = admin.Get("/metrics");
  if (!answer) return absl::InternalError("the server tells no metrics");
  std::map<std::string, double> seconds;
  const std::string& text = answer->body;
  for (size_t at = text.find(kCounter); at != std::string::npos; at = text.find(kCounter, at + 1)) {
    const size_t name = at + kCounter.size();
    const size_t end = text.find('"', name);
    seconds[text.substr(name, end - name)] = std::strtod(text.c_str() + end + 2, nullptr);
  }
  return seconds;
}

std::string StepShares(const std::map<std::string, double>& before,
                       const std::map<std::string, double>& after) {
  double all = 0;
  std::map<std::string, double> taken;
  for (const auto& [step, seconds] : after) {
    const auto known = before.find(step);
    taken[step] = seconds - (known == before.end() ? 0 : known->second);
    all += taken[step];
  }
  std::string text;
  for (const char* step : kFeedWorkNames) {
    text += fmt::format("{}{} {:.1f} s {:.0f} %", text.empty() ? "" : ", ", step, taken[step],
                        all > 0 ? 100 * taken[step] / all : 0);
  }
  return text;
}

}  // namespace kakunin::bench
