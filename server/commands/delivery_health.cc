#include "server/commands/delivery_health.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "google/protobuf/util/time_util.h"
#include "kakunin/v1/delivery_service.grpc.pb.h"
#include "server/commands/service_call.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

using google::protobuf::util::TimeUtil;
using Stub = v1::DeliveryService::Stub;

std::string KindText(v1::FeedKind kind) {
  return v1::FeedKind_Name(kind).substr(sizeof("FEED_KIND_") - 1);
}

std::string DaysText(const v1::GetDeliveryStatusResponse& response, int index) {
  const int from = response.lags(index).from_days();
  if (index == 0) return "当日まで";
  if (index + 1 == response.lags_size()) return fmt::format("{}日以上", from);
  return fmt::format("{}日から{}日", from, response.lags(index + 1).from_days() - 1);
}

void AddDelay(const v1::GetDeliveryStatusResponse& response, TextTable& table) {
  table.Row("資格の最後の送信から", response.has_days_since_delivery()
                                        ? fmt::format("{}日", response.days_since_delivery())
                                        : "まだ一度も届いていません");
  table.Row("医療機関への案内",
            response.facilities_are_told()
                ? "該当なしのときに、この保険者の遅れが伝えられています。資格を送ってください。"
                : fmt::format("{}日目から伝えられます", response.told_from_days()));
}

void AddProgress(const v1::GetDeliveryStatusResponse& response, TextTable& table) {
  table.Heading("届いているところ");
  for (const v1::DeliveredKind& kind : response.delivered()) {
    table.Row(KindText(kind.kind()), kind.has_delivered_through_time()
                                         ? TimeUtil::ToString(kind.delivered_through_time())
                                         : "すべて取り消されています");
  }
  if (response.told_from_days() > 0) AddDelay(response, table);
  if (!response.has_waiting()) return;
  const v1::WaitingFeed& waiting = response.waiting();
  table.Row("公開を待つ送信",
            fmt::format("{} {} {} {} {}", waiting.feed_id(), KindText(waiting.kind()),
                        waiting.feed_number(),
                        v1::FeedState_Name(waiting.state()).substr(sizeof("FEED_STATE_") - 1),
                        TimeUtil::ToString(waiting.begin_time())));
}

void Health(const ClientOptions& client) {
  const auto response = CallService<v1::DeliveryService>(
      "feed health", client, v1::GetDeliveryStatusRequest(), &Stub::GetDeliveryStatus);
  if (client.json) return;
  TextTable table;
  AddProgress(response, table);
  table.Heading(fmt::format("事由から見えるまで（最近{}日、行数）", response.lag_days()));
  for (int i = 0; i < response.lags_size(); ++i) {
    table.Row(DaysText(response, i), fmt::format("取得 {} 喪失 {}", response.lags(i).begun_rows(),
                                                 response.lags(i).ended_rows()));
  }
  table.Heading("見えていない資格");
  if (response.hidden().empty()) table.Row("", "ありません");
  for (const v1::HiddenCount& hidden : response.hidden()) {
    table.Row(hidden.reason(), fmt::format("{} 行 {}", hidden.rows(), hidden.message()));
  }
  fmt::print("{}", table.Draw());
}

void Hidden(const ClientOptions& client) {
  v1::ListHiddenCoveragesRequest request;
  TextTable table;
  bool any = false;
  do {
    const auto response = CallService<v1::DeliveryService>("feed hidden", client, request,
                                                           &Stub::ListHiddenCoverages);
    for (const v1::HiddenCoverage& hidden : response.coverages()) {
      any = true;
      table.Row(hidden.coverage_reference(),
                fmt::format("{} {} {}", hidden.reason(), hidden.feed_id(),
                            TimeUtil::ToString(hidden.hide_time())));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (client.json) return;
  fmt::print("{}", any ? table.Draw() : "見えていない資格はありません。\n");
}

void AddView(CLI::App& feed, const std::string& name, const std::string& what,
             void (*run)(const ClientOptions&)) {
  const auto client = std::make_shared<ClientOptions>();
  CLI::App* command = feed.add_subcommand(name, what);
  AddClientOptions(*command, *client);
  command->footer(std::string(kConnectionFooter) +
                  fmt::format("Example:\n  kakunin feed {} --server localhost:7444 --certificate "
                              "insurer.pem \\\n    --key insurer.key --ca server-ca.pem\n",
                              name));
  command->callback([client, run] { run(*client); });
}

}  // namespace

void AddDeliveryHealth(CLI::App& feed) {
  AddView(feed, "health", "Tell how far and how late our deliveries are, and what is hidden",
          &Health);
  AddView(feed, "hidden", "List our coverages that no facility sees, and why", &Hidden);
}

}  // namespace kakunin
