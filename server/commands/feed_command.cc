#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/encoding.h"
#include "domain/error.h"
#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/delivery_health.h"
#include "server/commands/enum_option.h"
#include "server/commands/feed_decisions.h"
#include "server/commands/feed_delivery.h"
#include "server/commands/feed_file.h"
#include "server/commands/feed_name.h"
#include "server/commands/feed_table.h"
#include "server/commands/progress_line.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"
#include "server/rpc/status.h"

namespace kakunin {
namespace {

// What a file is; 0: to be found out.
struct FileOptions {
  std::string path;
  int format = 0;
  int encoding = 0;
};

struct PushOptions {
  ClientOptions client;
  FileOptions file;
  int kind = 0;
  int64_t number = 0;
  bool hold = false;
};

struct FeedOptions {
  ClientOptions client;
  FeedName feed;
  FileOptions file;  // of a report
};

void AddFileOptions(CLI::App& command, FileOptions& file) {
  const std::map<std::string, int> formats{{"csv", static_cast<int>(FeedFormat::kCsv)},
                                           {"protobuf", static_cast<int>(FeedFormat::kProtobuf)}};
  command.add_option("--format", file.format, "csv or protobuf; default: by the file's name")
      ->transform(CLI::CheckedTransformer(formats))
      ->option_text("WORD");
  const std::map<std::string, int> encodings{{"utf-8", static_cast<int>(TextEncoding::kUtf8)},
                                             {"cp932", static_cast<int>(TextEncoding::kCp932)}};
  command.add_option("--encoding", file.encoding, "utf-8 or cp932; default: by its octets")
      ->transform(CLI::CheckedTransformer(encodings))
      ->option_text("WORD");
}

FeedFile LookAt(std::string_view command, const FileOptions& file, v1::FeedKind kind) {
  const auto format = static_cast<FeedFormat>(file.format);
  const auto encoding = static_cast<TextEncoding>(file.encoding);
  return OrFail(
      command,
      LookAtFeedFile(file.path, kind, file.format == 0 ? std::nullopt : std::optional(format),
                     file.encoding == 0 ? std::nullopt : std::optional(encoding)));
}

void ShowFeed(const v1::Feed& feed, const v1::FeedCounts& counts, const FeedRisks& risks) {
  TextTable table;
  AddFeed(feed, table);
  AddCounts(counts, table);
  AddRisks(risks, table);
  fmt::print("{}", table.Draw());
}

// A script must not take a feed for visible that is not.
void FailQuarantined(const v1::Feed& feed) {
  if (TellQuarantine(feed)) throw CLI::RuntimeError(1);
}

std::string RisksJson(const FeedRisks& risks) {
  std::string json;
  for (const v1::FeedRisk& risk : risks) json += (json.empty() ? "" : ",") + MessageJson(risk);
  return "[" + json + "]";
}

std::string PushJson(const DeliveryOutcome& outcome, const FeedFile& file,
                     const FeedSummary& summary) {
  JsonObject json;
  json.Raw("feed", MessageJson(outcome.feed))
      .Raw("counts", MessageJson(outcome.counts))
      .Raw("risks", RisksJson(outcome.risks))
      .Text("content_digest", auth::HexEncode(summary.digest))
      .Number("chunks", summary.chunk_count)
      .Number("rows", summary.row_count)
      .Number("rows_sent", outcome.rows_sent)
      .Number("breaks", outcome.breaks);
  if (file.format == FeedFormat::kCsv) {
    json.Text("encoding", EncodingName(file.encoding));
  }
  return json.ToString();
}

DeliveryOutcome DeliverAs(int64_t number, const PushOptions& options, const FeedFile& file,
                          const FeedSummary& summary) {
  FeedToDeliver feed{.kind = file.kind, .number = number, .summary = summary};
  feed.hold = options.hold;
  feed.open = [&file] { return file.Read(); };
  ProgressBar bar(summary.row_count);
  return DeliverFeed(
      feed, [&] { return OrFail("feed push", Connect(options.client)); },
      [&](const DeliveryProgress& progress) {
        if (progress.event == DeliveryProgress::Event::kBroken) {
          fmt::print(stderr,
                     "接続が切れました。{} 行目の次から続けます。(broken off: going on after {} "
                     "rows)\n",
                     progress.rows, progress.rows);
        }
        bar.Show(progress.rows);
      });
}

// Without a number: the last feed goes on, or is told once more, when it is of this content; else
// it is the next one.
DeliveryOutcome Deliver(const PushOptions& options, const FeedFile& file,
                        const FeedSummary& summary) {
  // Asked once before, so that a wrong file name is told as such.
  OrFail("feed push", Connect(options.client).status());
  if (options.number != 0) return DeliverAs(options.number, options, file, summary);
  const auto last = LastFeed("feed push", options.client, file.kind);
  if (!last) return DeliverAs(1, options, file, summary);
  if (last->state() != v1::FEED_STATE_CANCELLED && last->state() != v1::FEED_STATE_UNDONE) {
    DeliveryOutcome outcome = DeliverAs(last->feed_number(), options, file, summary);
    if (DescribeError(outcome.answer).reason != FactsOf(Reason::kFeedNumberReused).name) {
      return outcome;
    }
  }
  return DeliverAs(last->feed_number() + 1, options, file, summary);
}

void Push(const PushOptions& options) {
  constexpr char kName[] = "feed push";
  const FeedFile file = LookAt(kName, options.file, static_cast<v1::FeedKind>(options.kind));
  if (file.format == FeedFormat::kCsv && options.file.encoding == 0) {
    fmt::print(stderr, "文字コードは {} と判断しました。(read as {})\n",
               EncodingName(file.encoding), EncodingName(file.encoding));
  }
  const FeedSummary summary = OrFail(kName, SummariseFeed(OrFail(kName, file.Read())));
  if (summary.row_count == 0) {
    fmt::print(stderr,
               "行がありません。変わりがないことだけを伝えます。(no rows: it says that nothing has "
               "changed)\n");
  }
  const DeliveryOutcome outcome = Deliver(options, file, summary);
  OrFail(kName, outcome.input);
  if (!outcome.answer.ok()) FailCall(options.client, outcome.answer);
  if (options.client.json) {
    fmt::print("{}\n", PushJson(outcome, file, summary));
    FailQuarantined(outcome.feed);
    return;
  }
  ShowFeed(outcome.feed, outcome.counts, outcome.risks);
  if (outcome.counts.refused_rows() + outcome.counts.hidden_rows() > 0) {
    fmt::print("理由は kakunin feed report --feed-id {} --file {} で確かめてください。\n",
               outcome.feed.feed_id(), options.file.path);
  }
  FailQuarantined(outcome.feed);
}

v1::GetFeedReportResponse ReportPage(const FeedOptions& options, const std::string& feed_id,
                                     int page_size, const std::string& token) {
  const auto stub = v1::InsurerFeedService::NewStub(OrFail("feed report", Connect(options.client)));
  v1::GetFeedReportRequest request;
  request.set_feed_id(feed_id);
  request.set_page_size(page_size);
  request.set_page_token(token);
  v1::GetFeedReportResponse response;
  const auto context = ContextFor(options.client);
  const grpc::Status status = stub->GetFeedReport(context.get(), request, &response);
  if (!status.ok()) FailCall(options.client, status);
  return response;
}

void Status(const FeedOptions& options) {
  const std::string feed_id = FeedIdOf("feed status", options.client, options.feed);
  v1::GetFeedReportResponse report = ReportPage(options, feed_id, 1, "");
  report.clear_findings();
  report.clear_next_page_token();
  if (options.client.json) {
    fmt::print("{}", MessageJson(report));
  } else {
    TextTable table;
    AddFeed(report.feed(), table);
    AddCounts(report.counts(), table);
    AddRisks(report.risks(), table);
    AddReleases(report.releases(), table);
    fmt::print("{}", table.Draw());
    TellQuarantine(report.feed());
  }
}

// Reads the file beside the report; null when there is none to read.
std::unique_ptr<RowPlaces> PlacesFor(const FeedOptions& options, const v1::Feed& feed) {
  constexpr char kName[] = "feed report";
  if (options.file.path.empty()) return nullptr;
  const FeedFile file = LookAt(kName, options.file, feed.kind());
  const FeedSummary summary = OrFail(kName, SummariseFeed(OrFail(kName, file.Read())));
  if (summary.row_count != feed.row_count()) {
    FailCommand(kName, absl::FailedPreconditionError(
                           "the file has another number of rows than the feed: name the file that "
                           "was pushed"));
  }
  return std::make_unique<RowPlaces>(OrFail(kName, file.Read()));
}

void AddFinding(const v1::RowFinding& finding, RowPlaces* places, TextTable& table) {
  std::string where = fmt::format("分割 {} 行 {}", finding.chunk_number(), finding.row_index());
  if (places != nullptr) {
    where = fmt::format(
        "ファイルの {} 行目",
        OrFail("feed report", places->Find(finding.chunk_number(), finding.row_index())));
  }
  const char* what = finding.hidden() ? " (非表示)" : finding.noted() ? " (受理)" : "";
  table.Row(where, fmt::format("{} {} {}{}", finding.coverage_reference(), finding.reason(),
                               finding.field(), what));
}

void Report(const FeedOptions& options) {
  constexpr int kPageSize = 1000;
  const std::string feed_id = FeedIdOf("feed report", options.client, options.feed);
  std::unique_ptr<RowPlaces> places;
  std::string token;
  do {
    const bool first = token.empty();
    const v1::GetFeedReportResponse report = ReportPage(options, feed_id, kPageSize, token);
    token = report.next_page_token();
    if (options.client.json) {
      fmt::print("{}", MessageJson(report));
      continue;
    }
    TextTable table;
    if (first) {
      places = PlacesFor(options, report.feed());
      AddFeed(report.feed(), table);
      AddCounts(report.counts(), table);
      AddRisks(report.risks(), table);
      AddReleases(report.releases(), table);
      AddSample(report.sample(), table);
    }
    if (report.findings_size() > 0) table.Heading("不受理・非表示・要確認の行");
    for (const v1::RowFinding& finding : report.findings())
      AddFinding(finding, places.get(), table);
    fmt::print("{}", table.Draw());
  } while (!token.empty());
}

void Publish(const FeedOptions& options) {
  const auto stub =
      v1::InsurerFeedService::NewStub(OrFail("feed publish", Connect(options.client)));
  v1::PublishFeedRequest request;
  request.set_feed_id(FeedIdOf("feed publish", options.client, options.feed));
  v1::PublishFeedResponse response;
  const auto context = ContextFor(options.client);
  const grpc::Status status = stub->PublishFeed(context.get(), request, &response);
  if (!status.ok()) FailCall(options.client, status);
  if (options.client.json) {
    fmt::print("{}", MessageJson(response));
  } else {
    ShowFeed(response.feed(), response.counts(), response.risks());
  }
  FailQuarantined(response.feed());
}

// A subcommand about one feed that the server has.
void AddFeedSubcommand(CLI::App& feed, const std::string& name, const std::string& what,
                       void (*run)(const FeedOptions&)) {
  const auto options = std::make_shared<FeedOptions>();
  CLI::App* command = feed.add_subcommand(name, what);
  AddClientOptions(*command, options->client);
  AddFeedName(*command, options->feed);
  command->footer(std::string(kConnectionFooter) +
                  fmt::format("Example:\n  kakunin feed {} --feed-id \"$FEED\" --server "
                              "localhost:7444 --certificate insurer.pem \\\n"
                              "    --key insurer.key --ca server-ca.pem\n",
                              name));
  if (run == &Report) {
    command->add_option("--file", options->file.path,
                        "The file that was pushed: tell the lines of the rows (not with --json)");
    AddFileOptions(*command, options->file);
  }
  command->callback([options, run] { run(*options); });
}

void AddPush(CLI::App& feed) {
  const auto options = std::make_shared<PushOptions>();
  CLI::App* command = feed.add_subcommand("push", "Deliver a file, going on where it broke off");
  AddClientOptions(*command, options->client);
  command->add_option("file", options->file.path, "A table (.csv) or messages (.pb, .binpb)")
      ->required();
  AddEnumOption<v1::FeedKind>(*command, "--kind", options->kind, "FEED_KIND_", "What the rows are")
      ->required();
  command
      ->add_option("--number", options->number,
                   "Our own running number of this kind of feed; default: the next one")
      ->check(CLI::PositiveNumber);
  command->add_flag("--hold", options->hold, "Judge only: publish makes it visible later");
  AddFileOptions(*command, options->file);
  command->footer(
      std::string(kConnectionFooter) +
      "Nothing is sent of a file that cannot be read to its end. Broken off, the same command "
      "goes\n"
      "on behind the last acknowledged chunk; a number stands for one content. Without a number it "
      "is\n"
      "the next one, or the last one when that was of the same content. Exit code 1, too,\n"
      "when the feed is quarantined: nothing of it is visible then. The columns:\n"
      "docs/insurer_feed_input.md. Example:\n"
      "  kakunin feed push coverages.csv --kind coverages --number 12 --server localhost:7444 \\\n"
      "    --certificate insurer.pem --key insurer.key --ca server-ca.pem\n");
  command->callback([options] { Push(*options); });
}

}  // namespace

void AddFeedCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("feed", "Deliver coverages, receipts and health checks (insurers)");
  command->require_subcommand(1);
  command->footer("Example:\n  kakunin feed push --help\n");
  AddPush(*command);
  AddFeedSubcommand(*command, "status", "Tell how far a feed is", &Status);
  AddFeedSubcommand(*command, "report", "List the rows refused or hidden, and why", &Report);
  AddFeedSubcommand(*command, "publish", "Make a sealed feed visible", &Publish);
  AddFeedDecisions(*command);
  AddDeliveryHealth(*command);
}

}  // namespace kakunin
