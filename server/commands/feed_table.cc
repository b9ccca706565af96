#include "server/commands/feed_table.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

namespace kakunin {
namespace {

std::string Word(std::string_view prefix, const std::string& name) {
  return name.substr(prefix.size());
}

}  // namespace

void AddFeed(const v1::Feed& feed, TextTable& table) {
  table.Row("送信", feed.feed_id());
  table.Row("種類", Word("FEED_KIND_", v1::FeedKind_Name(feed.kind())));
  table.Row("送信番号", fmt::format("{}", feed.feed_number()));
  table.Row("状態", Word("FEED_STATE_", v1::FeedState_Name(feed.state())));
  table.Row("受領した行", fmt::format("{}", feed.row_count()));
  table.Row("次の分割", fmt::format("{}", feed.next_chunk_number()));
}

void AddCounts(const v1::FeedCounts& counts, TextTable& table) {
  const std::pair<const char*, int64_t> rows[] = {
      {"新規", counts.new_rows()},           {"変更", counts.changed_rows()},
      {"訂正", counts.corrected_rows()},     {"喪失", counts.lost_rows()},
      {"変更なし", counts.unchanged_rows()}, {"非表示", counts.hidden_rows()},
      {"不受理", counts.refused_rows()},     {"新しい人", counts.new_persons()},
  };
  for (const auto& [label, count] : rows) table.Row(label, fmt::format("{}", count));
}

void AddRisks(const FeedRisks& risks, TextTable& table) {
  if (risks.empty()) return;
  table.Heading("注意");
  for (const v1::FeedRisk& risk : risks) {
    table.Row(risk.reason(), fmt::format("{}点 {} / {} 行 {}", risk.points(), risk.observed_rows(),
                                         risk.base_rows(), risk.message()));
  }
}

void AddSample(const google::protobuf::RepeatedPtrField<v1::SampledRow>& sample, TextTable& table) {
  if (sample.empty()) return;
  table.Heading("行の例");
  for (const v1::SampledRow& row : sample) {
    table.Row(row.verdict(),
              fmt::format("{} {}", row.reference(), fmt::join(row.changed_fields(), " ")));
  }
}

void AddReleases(const google::protobuf::RepeatedPtrField<v1::FeedRelease>& releases,
                 TextTable& table) {
  if (releases.empty()) return;
  table.Heading("公開の承認");
  for (const v1::FeedRelease& release : releases) {
    table.Row(release.by_operator() ? "実施機関" : "送信者",
              fmt::format("{} ({})", release.released_by(), release.actor()));
  }
}

bool TellQuarantine(const v1::Feed& feed) {
  if (feed.state() != v1::FEED_STATE_QUARANTINED) return false;
  fmt::print(stderr,
             "この送信は保留されました。まだ公開されていません。(quarantined: nothing of it is "
             "visible)\n"
             "誤りなら: kakunin feed cancel --feed-id {0}\n"
             "正しければ: kakunin feed release --feed-id {0} --released-by 氏名 "
             "と、実施機関の承認のあとで kakunin feed publish --feed-id {0}\n",
             feed.feed_id());
  return true;
}

}  // namespace kakunin
