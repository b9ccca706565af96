#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "domain/civil_day.h"
#include "kakunin/v1/abnormal_times_policy_service.grpc.pb.h"
#include "server/commands/administrative_call.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

using Stub = v1::AbnormalTimesPolicyService::Stub;

struct DisasterOptions {
  AdministrativeOptions call;
  std::string policy;
  int situation = v1::SITUATION_DISASTER;
  std::string order;
  std::string order_day;
  std::vector<std::string> municipalities;
  std::vector<std::string> facilities;
  std::string from;
  std::string to;
  std::vector<int> kinds;
  bool rehearsal = false;
  std::string note;
};

std::string InstantText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

google::protobuf::Timestamp InstantOf(const std::string& flag, const std::string& text) {
  absl::Time at;
  std::string why;
  if (!absl::ParseTime(absl::RFC3339_full, text, &at, &why)) {
    throw CLI::ValidationError(flag, "is no instant such as 2026-01-05T00:00:00+09:00: " + text);
  }
  return TimeToProto(at);
}

std::string_view SituationText(v1::Situation situation) {
  switch (situation) {
    case v1::SITUATION_DISASTER:
      return "災害時";
    case v1::SITUATION_SYSTEM_FAILURE:
      return "システム障害時";
    case v1::SITUATION_EMERGENCY:
      return "救急時の閲覧の権限";
    default:
      return "通常時";
  }
}

std::string_view StateText(v1::AbnormalTimesState state) {
  switch (state) {
    case v1::ABNORMAL_TIMES_STATE_PROPOSED:
      return "承認待ち (proposed)";
    case v1::ABNORMAL_TIMES_STATE_APPROVED:
      return "承認済み、開始前 (approved)";
    case v1::ABNORMAL_TIMES_STATE_IN_FORCE:
      return "実施中 (in force)";
    case v1::ABNORMAL_TIMES_STATE_OVER:
      return "期間終了 (over)";
    case v1::ABNORMAL_TIMES_STATE_ENDED:
      return "途中で終了 (ended)";
    case v1::ABNORMAL_TIMES_STATE_FORGED:
      return "署名が不一致。無効です (forged)";
    default:
      return "";
  }
}

// The words of an enumeration, as the options take them.
template <class Enum>
std::string WordOf(std::string_view prefix, int number) {
  for (const auto& [name, value] : EnumNames<Enum>(prefix)) {
    if (value == number) return name;
  }
  return "";
}

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

std::string ActText(const std::string& by, const std::string& body,
                    const google::protobuf::Timestamp& at) {
  if (by.empty()) return "";
  return fmt::format("{}{}  {}", by, body.empty() ? "" : " (" + body + ")", InstantText(at));
}

void AddPolicy(const v1::AbnormalTimesPolicy& policy, TextTable& table) {
  const v1::AbnormalTimesContent& content = policy.content();
  table.Heading(policy.policy_id().empty() ? "確認のみ (checked only)" : policy.policy_id());
  table.Row("状態", StateText(policy.state()));
  table.Row("種類", fmt::format("{}{}", SituationText(content.situation()),
                                content.rehearsal() ? "（訓練 REHEARSAL）" : ""));
  table.Row("命令", content.order_number());
  table.Row("市区町村", Joined(content.municipality_codes()));
  table.Row("医療機関等", Joined(content.facility_codes()));
  table.Row("対象の数", fmt::format("{}", policy.facilities_reached()));
  table.Row("から", InstantText(content.from_time()));
  table.Row("まで（この時刻は含まない）",
            content.has_to_time() ? InstantText(content.to_time()) : "");
  std::string kinds;
  for (const int kind : content.kinds()) {
    kinds += (kinds.empty() ? "" : ", ") + WordOf<v1::ConsentKind>("CONSENT_KIND_", kind);
  }
  table.Row("情報", kinds);
  table.Row("延長のもと", content.extends_policy_id());
  table.Row("備考", content.note());
  table.Row("申請", ActText(policy.proposed_by(), policy.proposed_body(), policy.propose_time()));
  table.Row("承認", ActText(policy.approved_by(), policy.approved_body(), policy.approve_time()));
  table.Row("終了", ActText(policy.ended_by(), "", policy.end_time()));
}

template <class Response>
void Show(const AdministrativeOptions& call, std::string_view done, std::string_view would,
          const Response& response) {
  if (call.client.json) return;
  TextTable table;
  AddPolicy(response.policy(), table);
  fmt::print("{}\n{}", call.commit ? done : would, table.Draw());
}

void Propose(const DisasterOptions& options, const char* name) {
  v1::ProposeAbnormalTimesRequest request;
  v1::AbnormalTimesContent& content = *request.mutable_content();
  content.set_situation(static_cast<v1::Situation>(options.situation));
  content.set_order_number(options.order);
  if (!options.order_day.empty()) {
    *content.mutable_order_date() = DateOf("--order-date", options.order_day);
  }
  for (const std::string& code : options.municipalities) content.add_municipality_codes(code);
  for (const std::string& code : options.facilities) content.add_facility_codes(code);
  *content.mutable_from_time() = InstantOf("--from", options.from);
  if (!options.to.empty()) *content.mutable_to_time() = InstantOf("--to", options.to);
  for (const int kind : options.kinds) content.add_kinds(static_cast<v1::ConsentKind>(kind));
  content.set_rehearsal(options.rehearsal);
  content.set_extends_policy_id(options.policy);
  content.set_note(options.note);
  const auto response = CallService<v1::AbnormalTimesPolicyService>(name, options.call, request,
                                                                    &Stub::ProposeAbnormalTimes);
  Show(options.call,
       "申請しました。別の機関の職員が承認すると有効になります。(proposed: an operator of another "
       "body "
       "approves it)",
       "申請できます (would propose)", response);
}

void Approve(const DisasterOptions& options) {
  v1::ApproveAbnormalTimesRequest request;
  request.set_policy_id(options.policy);
  const auto response = CallService<v1::AbnormalTimesPolicyService>(
      "disaster approve", options.call, request, &Stub::ApproveAbnormalTimes);
  Show(options.call, "承認しました (approved)", "承認できます (would approve)", response);
}

void End(const DisasterOptions& options) {
  v1::EndAbnormalTimesRequest request;
  request.set_policy_id(options.policy);
  const auto response = CallService<v1::AbnormalTimesPolicyService>(
      "disaster end", options.call, request, &Stub::EndAbnormalTimes);
  Show(options.call, "終了しました。もう戻せません (ended for ever)", "終了できます (would end)",
       response);
}

void List(const DisasterOptions& options, const char* name) {
  const ClientOptions& client = options.call.client;
  v1::ListAbnormalTimesPoliciesRequest request;
  request.set_policy_id(options.policy);
  v1::ListAbnormalTimesPoliciesResponse response;
  const auto stub = v1::AbnormalTimesPolicyService::NewStub(OrFail(name, Connect(client)));
  bool any = false;
  do {
    response.Clear();
    const auto context = ContextFor(client);
    const grpc::Status status = stub->ListAbnormalTimesPolicies(context.get(), request, &response);
    if (!status.ok()) FailCall(client, status);
    any = any || !response.policies().empty();
    if (client.json) {
      fmt::print("{}\n", MessageJson(response));
    } else {
      TextTable table;
      for (const v1::AbnormalTimesPolicy& policy : response.policies()) AddPolicy(policy, table);
      if (!any) {
        table.Heading("災害時等の取扱い");
        table.Row("-", "指定はありません");
      }
      fmt::print("{}", table.Draw());
    }
    request.set_page_token(response.next_page_token());
  } while (!response.next_page_token().empty());
}

std::string ConsentText(const v1::AbnormalTimesUse& use) {
  if (use.oral_consent() == v1::ORAL_CONSENT_GIVEN) return "口頭同意";
  if (use.oral_consent() == v1::ORAL_CONSENT_UNSPECIFIED) return "";
  return "同意なし: " + WordOf<v1::NoConsentReason>("NO_CONSENT_REASON_", use.no_consent_reason());
}

void AddUse(const v1::AbnormalTimesUse& use, TextTable& table) {
  table.Heading(InstantText(use.time()));
  table.Row("医療機関等", use.facility_code());
  table.Row("端末・利用者", fmt::format("{} {}", use.terminal_id(), use.user()));
  table.Row("操作", WordOf<v1::AccessOperation>("ACCESS_OPERATION_", use.operation()));
  table.Row("同意", ConsentText(use));
  table.Row("該当", fmt::format("{}", use.persons_found()));
  table.Row("患者（監査の仮名）", use.patient_pseudonym());
  table.Row("拒否の理由", use.refused_reason());
}

void Report(const DisasterOptions& options) {
  const ClientOptions& client = options.call.client;
  const auto stub =
      v1::AbnormalTimesPolicyService::NewStub(OrFail("disaster report", Connect(client)));
  v1::ReportAbnormalTimesRequest request;
  request.set_policy_id(options.policy);
  v1::ReportAbnormalTimesResponse response;
  int64_t uses = 0;
  bool first = true;
  do {
    response.Clear();
    const auto context = ContextFor(client);
    const grpc::Status status = stub->ReportAbnormalTimes(context.get(), request, &response);
    if (!status.ok()) FailCall(client, status);
    uses += response.uses_size();
    if (client.json) {
      fmt::print("{}\n", MessageJson(response));
    } else {
      TextTable table;
      if (first) AddPolicy(response.policy(), table);
      for (const v1::AbnormalTimesUse& use : response.uses()) AddUse(use, table);
      fmt::print("{}", table.Draw());
    }
    first = false;
    request.set_page_token(response.next_page_token());
  } while (!response.next_page_token().empty());
  if (!client.json) fmt::print("利用 {} 件 ({} uses)\n", uses, uses);
}

constexpr char kExampleEnd[] =
    " \\\n    --server localhost:7445 --certificate operator.pem --key operator.key "
    "--ca server-ca.pem";

void AddPolicyOption(CLI::App& command, DisasterOptions& options) {
  command.add_option("--policy", options.policy, "The policy's id (UUID)")->required();
}

// What a proposal and an extension have in common.
void AddContent(CLI::App& command, DisasterOptions& options) {
  AddAdministrativeOptions(command, options.call);
  command.add_option("--order", options.order, "The ministry's order, or what you call it by")
      ->required();
  command.add_option("--order-date", options.order_day, "Its date (YYYY-MM-DD)");
  command
      .add_option("--municipality", options.municipalities,
                  "Municipalities (JIS X 0401 and 0402, five digits)")
      ->delimiter(',');
  command.add_option("--facility", options.facilities, "Facilities, ten digits")->delimiter(',');
  command.add_option("--from", options.from, "First instant, such as 2026-01-05T00:00:00+09:00")
      ->required();
  command.add_option(
      "--to", options.to,
      "First instant at which it is over; with --situation emergency it may be left out");
  command
      .add_option("--kinds", options.kinds,
                  "Records that it opens: drug, treatment, surgery, health-check")
      ->delimiter(',')
      ->transform(CLI::CheckedTransformer(EnumNames<v1::ConsentKind>("CONSENT_KIND_")))
      ->option_text("WORD,...");
  command.add_flag("--rehearsal", options.rehearsal,
                   "Answers the published test persons only, and says so");
  command.add_option("--note", options.note, "Why, in your words");
  AddEnumOption<v1::Situation>(command, "--situation", options.situation, "SITUATION_",
                               "What for (else disaster)");
}

}  // namespace

void AddDisasterCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "disaster", "Disasters, failures of the system and emergency rights (operators)");
  command->require_subcommand(1);
  command->footer(
      "One operator proposes, one of another body approves, any ends. Examples:\n"
      "  kakunin disaster propose --help\n"
      "  kakunin disaster report --help\n");

  const auto proposed = std::make_shared<DisasterOptions>();
  CLI::App* propose = command->add_subcommand("propose", "Propose a policy");
  AddContent(*propose, *proposed);
  propose->footer(std::string("Example:\n  kakunin disaster propose --order 保連発0101第1号 "
                              "--order-date 2026-01-01 --municipality 17204,17205 \\\n"
                              "    --from 2026-01-01T18:00:00+09:00 --to "
                              "2026-01-08T00:00:00+09:00 --kinds drug,treatment,health-check") +
                  kExampleEnd + "\n  ... --commit                  the same, and done\n");
  propose->callback([proposed] { Propose(*proposed, "disaster propose"); });

  const auto extended = std::make_shared<DisasterOptions>();
  CLI::App* extend =
      command->add_subcommand("extend", "Propose to go on for some of a policy's facilities");
  AddContent(*extend, *extended);
  AddPolicyOption(*extend, *extended);
  extend->footer(std::string("Example:\n  kakunin disaster extend --policy \"$ID\" --order "
                             "保連発0107第1号 --order-date 2026-01-07 --municipality 17204 \\\n"
                             "    --from 2026-01-08T00:00:00+09:00 --to "
                             "2026-01-15T00:00:00+09:00 --kinds drug") +
                 kExampleEnd + " --commit\n");
  extend->callback([extended] { Propose(*extended, "disaster extend"); });

  const auto decided = std::make_shared<DisasterOptions>();
  CLI::App* approve =
      command->add_subcommand("approve", "Put a proposed policy into force, as another body");
  AddAdministrativeOptions(*approve, decided->call);
  AddPolicyOption(*approve, *decided);
  approve->footer(std::string("Example:\n  kakunin disaster approve --policy \"$ID\"") +
                  kExampleEnd + " --commit\n");
  approve->callback([decided] { Approve(*decided); });

  CLI::App* end = command->add_subcommand("end", "End a policy or a proposal for ever");
  AddAdministrativeOptions(*end, decided->call);
  AddPolicyOption(*end, *decided);
  end->footer(std::string("Example:\n  kakunin disaster end --policy \"$ID\"") + kExampleEnd +
              " --commit\n");
  end->callback([decided] { End(*decided); });

  const auto asked = std::make_shared<DisasterOptions>();
  CLI::App* list = command->add_subcommand("list", "List every policy");
  AddClientOptions(*list, asked->call.client);
  list->footer(std::string("Example:\n  kakunin disaster list") + kExampleEnd + "\n");
  list->callback([asked] { List(*asked, "disaster list"); });

  CLI::App* show = command->add_subcommand("show", "Show one policy");
  AddClientOptions(*show, asked->call.client);
  AddPolicyOption(*show, *asked);
  show->footer(std::string("Example:\n  kakunin disaster show --policy \"$ID\"") + kExampleEnd +
               "\n");
  show->callback([asked] { List(*asked, "disaster show"); });

  CLI::App* report = command->add_subcommand("report", "List every use of a policy");
  AddClientOptions(*report, asked->call.client);
  AddPolicyOption(*report, *asked);
  report->footer(std::string("Example:\n  kakunin disaster report --policy \"$ID\"") + kExampleEnd +
                 " --json\n");
  report->callback([asked] { Report(*asked); });
}

}  // namespace kakunin
