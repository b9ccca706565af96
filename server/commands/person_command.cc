#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "auth/encoding.h"
#include "server/commands/administrative_call.h"
#include "server/commands/case_decisions.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

using Stub = v1::OperationsService::Stub;

// Who a person is, by one of the two.
struct SubjectOptions {
  std::string number_file;
  std::string coverage;
};

struct ProposeOptions {
  AdministrativeOptions call;
  SubjectOptions person;    // who is split, or stays
  SubjectOptions given_up;  // of a merge
  std::string numbers_file;
  std::vector<std::string> coverages;
  std::vector<std::string> cards;
  std::vector<std::string> receipts;
  std::vector<std::string> health_checks;
  std::string undoes;
  bool only_named = false;
  std::string day;
  std::string by;
};

struct DecideOptions {
  AdministrativeOptions call;
  std::string repair_id;
  std::string by;
};

struct ReadOptions {
  ClientOptions client;
  std::string repair_id;
  bool waiting = false;
  int most = 100;
};

[[noreturn]] void FailOption(const std::string& why) {
  FailCommand("person", absl::InvalidArgumentError(why));
}

// The lines of a file: numbers on the command line would show in the list of processes.
std::vector<std::string> NumbersIn(const std::string& file) {
  return absl::StrSplit(OrFail("person", ReadTextFile(file)), absl::ByAnyChar("\r\n"),
                        absl::SkipEmpty());
}

// "A:B" as its two halves.
std::pair<std::string, std::string> Halves(const std::string& flag, const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos) FailOption(flag + ": give two parts with a colon between them");
  return {text.substr(0, colon), text.substr(colon + 1)};
}

void SetReference(const std::string& flag, const std::string& text, v1::OwnReference& out) {
  const auto [party, reference] = Halves(flag, text);
  out.set_party_number(party);
  out.set_reference(reference);
}

void SetSubject(const std::string& who, const SubjectOptions& options, v1::PersonSubject& out) {
  if (!options.coverage.empty()) {
    SetReference("--" + who + "-coverage", options.coverage, *out.mutable_coverage());
    return;
  }
  if (options.number_file.empty()) {
    FailOption(fmt::format("give --{0}-coverage or --{0}-number-file", who));
  }
  const auto numbers = NumbersIn(options.number_file);
  out.set_individual_number(numbers.empty() ? "" : numbers.front());
}

std::string HexOctets(const std::string& flag, const std::string& text) {
  const auto octets = auth::HexDecode(text);
  if (!octets) FailOption(flag + ": give issuer and serial as hexadecimal digits");
  return *octets;
}

// "MOVE_EFFECT_MOVE" as 移す (move).
std::string EffectText(v1::MoveEffect effect) {
  switch (effect) {
    case v1::MOVE_EFFECT_MOVE:
      return "移す (move)";
    case v1::MOVE_EFFECT_COPY:
      return "両方に置く (copy)";
    case v1::MOVE_EFFECT_END:
      return "終了する (end)";
    case v1::MOVE_EFFECT_ADD:
      return "新たに結び付ける (add)";
    default:
      return "";
  }
}

std::string KindText(v1::HeldKind kind) {
  switch (kind) {
    case v1::HELD_KIND_NUMBER:
      return "個人番号 (number)";
    case v1::HELD_KIND_COVERAGE:
      return "資格 (coverage)";
    case v1::HELD_KIND_CARD:
      return "カード (card)";
    case v1::HELD_KIND_CONSENT:
      return "同意 (consent)";
    case v1::HELD_KIND_CONSENT_END:
      return "同意の終了 (end of a consent)";
    case v1::HELD_KIND_RECEIPT:
      return "レセプト (receipt)";
    case v1::HELD_KIND_HEALTH_CHECK:
      return "健診 (health check)";
    case v1::HELD_KIND_REFERENCE_NUMBER:
      return "照会番号 (reference number)";
    default:
      return "";
  }
}

// What names a row, as an option takes it where one does.
std::string NameOf(const v1::HeldRow& row) {
  switch (row.kind()) {
    case v1::HELD_KIND_NUMBER:
      return row.number_label() + "…";
    case v1::HELD_KIND_CARD:
      return auth::HexEncode(std::string_view(row.card().issuer_key_id())) + ":" +
             auth::HexEncode(std::string_view(row.card().serial()));
    case v1::HELD_KIND_CONSENT:
    case v1::HELD_KIND_CONSENT_END:
    case v1::HELD_KIND_REFERENCE_NUMBER:
      return row.facility_code();
    default:
      return row.own_reference().party_number() + ":" + row.own_reference().reference();
  }
}

void AddDecision(std::string_view label, const v1::RepairDecision& decision, TextTable& table) {
  if (decision.operator_().empty()) return;
  table.Row(label, fmt::format("{} ({})", decision.decided_by(), decision.operator_()));
}

void AddRepair(const v1::PersonRepair& repair, TextTable& table) {
  constexpr std::string_view kKind = "PERSON_REPAIR_KIND_";
  constexpr std::string_view kState = "PERSON_REPAIR_STATE_";
  table.Heading(v1::PersonRepairKind_Name(repair.kind()).substr(kKind.size()));
  table.Row("申請番号 (repair)", repair.repair_id());
  table.Row("状態 (state)", v1::PersonRepairState_Name(repair.state()).substr(kState.size()));
  AddDecision("申請 (proposed)", repair.proposed(), table);
  AddDecision("決定 (decided)", repair.decided(), table);
  table.Row("確認案件 (case)", repair.case_id());
  table.Row("取り消す統合 (undoes)", repair.undoes_repair_id());
}

template <class Response>
void PrintTold(const ClientOptions& client, const Response& response) {
  if (client.json) return;
  TextTable table;
  AddRepair(response.repair(), table);
  if (response.moves_size() > 0) table.Heading("動く行 (moves)");
  for (const v1::RepairMove& move : response.moves()) {
    table.Row(KindText(move.row().kind()),
              fmt::format("{}  {}", NameOf(move.row()), EffectText(move.effect())));
  }
  if (response.stays_size() > 0) table.Heading("残る行 (stays)");
  for (const v1::HeldRow& row : response.stays()) table.Row(KindText(row.kind()), NameOf(row));
  fmt::print("{}", table.Draw());
}

template <class Response>
void PrintExposures(const ClientOptions& client, const Response& response) {
  if (client.json || response.exposures() == 0) return;
  fmt::print("他の方の情報を見た医療機関等と日 (facilities and days shown the other's data): {}\n",
             response.exposures());
}

void Propose(const ProposeOptions& options, v1::ProposePersonRepairRequest request) {
  request.set_proposed_by(options.by);
  PrintTold(options.call.client,
            CallOperations("person", options.call, std::move(request), &Stub::ProposePersonRepair));
}

void Merge(const ProposeOptions& options) {
  v1::ProposePersonRepairRequest request;
  SetSubject("stays", options.person, *request.mutable_merge()->mutable_stays());
  SetSubject("given-up", options.given_up, *request.mutable_merge()->mutable_given_up());
  Propose(options, std::move(request));
}

void Split(const ProposeOptions& options) {
  v1::ProposePersonRepairRequest request;
  v1::SplitPerson& split = *request.mutable_split();
  SetSubject("person", options.person, *split.mutable_person());
  if (!options.numbers_file.empty()) {
    for (const std::string& number : NumbersIn(options.numbers_file)) {
      split.add_individual_numbers(number);
    }
  }
  for (const std::string& text : options.coverages) {
    SetReference("--coverage", text, *split.add_coverages());
  }
  for (const std::string& text : options.receipts) {
    SetReference("--receipt", text, *split.add_receipts());
  }
  for (const std::string& text : options.health_checks) {
    SetReference("--health-check", text, *split.add_health_checks());
  }
  for (const std::string& text : options.cards) {
    const auto [issuer, serial] = Halves("--card", text);
    v1::CardName& card = *split.add_cards();
    card.set_issuer_key_id(HexOctets("--card", issuer));
    card.set_serial(HexOctets("--card", serial));
  }
  split.set_undoes_repair_id(options.undoes);
  split.set_only_named(options.only_named);
  Propose(options, std::move(request));
}

void ReplaceNumber(const ProposeOptions& options) {
  const auto numbers = NumbersIn(options.numbers_file);
  if (numbers.size() != 2) FailOption("--numbers-file: give the old number, then the new one");
  v1::ProposePersonRepairRequest request;
  v1::ReplaceNumber& replaced = *request.mutable_replace_number();
  replaced.set_old_individual_number(numbers[0]);
  replaced.set_new_individual_number(numbers[1]);
  *replaced.mutable_day() = DateOf("--day", options.day);
  Propose(options, std::move(request));
}

void Approve(const DecideOptions& options) {
  v1::ApprovePersonRepairRequest request;
  request.set_repair_id(options.repair_id);
  request.set_approved_by(options.by);
  const auto response =
      CallOperations("person approve", options.call, request, &Stub::ApprovePersonRepair);
  PrintTold(options.call.client, response);
  PrintExposures(options.call.client, response);
}

void Withdraw(const DecideOptions& options) {
  v1::WithdrawPersonRepairRequest request;
  request.set_repair_id(options.repair_id);
  request.set_withdrawn_by(options.by);
  const auto response =
      CallOperations("person withdraw", options.call, request, &Stub::WithdrawPersonRepair);
  if (options.call.client.json) return;
  TextTable table;
  AddRepair(response.repair(), table);
  fmt::print("{}", table.Draw());
}

template <class Request, class Response>
Response Read(const ReadOptions& options, const Request& request,
              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  const auto stub = v1::OperationsService::NewStub(OrFail("person", Connect(options.client)));
  Response response;
  const auto context = ContextFor(options.client);
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(options.client, status);
  if (options.client.json) fmt::print("{}\n", MessageJson(response));
  return response;
}

void Show(const ReadOptions& options) {
  v1::GetPersonRepairRequest request;
  request.set_repair_id(options.repair_id);
  const auto response = Read(options, request, &Stub::GetPersonRepair);
  PrintTold(options.client, response);
  PrintExposures(options.client, response);
}

void List(const ReadOptions& options) {
  v1::ListPersonRepairsRequest request;
  request.set_waiting_only(options.waiting);
  request.set_page_size(options.most);
  const auto response = Read(options, request, &Stub::ListPersonRepairs);
  if (options.client.json) return;
  TextTable table;
  for (const v1::PersonRepair& repair : response.repairs()) AddRepair(repair, table);
  fmt::print("{}",
             response.repairs().empty() ? "訂正の申請はありません。(no repairs)\n" : table.Draw());
}

constexpr char kConnection[] =
    " --server localhost:7445 \\\n"
    "    --certificate operator.pem --key operator.key --ca server-ca.pem";

void AddSubject(CLI::App& command, const std::string& who, SubjectOptions& options) {
  command.add_option("--" + who + "-coverage", options.coverage,
                     "The person by one of their coverages, INSURER:REFERENCE");
  command
      .add_option("--" + who + "-number-file", options.number_file,
                  "The person by the individual number on the first line of a file")
      ->check(CLI::ExistingFile);
}

CLI::App* AddProposal(CLI::App& person, const std::string& name, const std::string& what,
                      const std::string& example, const std::shared_ptr<ProposeOptions>& options,
                      void (*run)(const ProposeOptions&)) {
  CLI::App* command = person.add_subcommand(name, what);
  AddAdministrativeOptions(*command, options->call);
  command->add_option("--proposed-by", options->by, "Who decided, at most 64 characters; kept")
      ->required();
  command->footer("Example:\n  kakunin person " + name + example + kConnection + "\n");
  command->callback([options, run] { run(*options); });
  return command;
}

void AddProposals(CLI::App& person) {
  auto options = std::make_shared<ProposeOptions>();
  CLI::App* merge = AddProposal(
      person, "merge", "Look at merging two persons found to be one; with --commit propose it",
      " --stays-coverage 33120015:A-1 --given-up-coverage 06139463:B-7 \\\n"
      "    --proposed-by 係長 --commit",
      options, &Merge);
  AddSubject(*merge, "stays", options->person);
  AddSubject(*merge, "given-up", options->given_up);

  options = std::make_shared<ProposeOptions>();
  CLI::App* split = AddProposal(
      person, "split", "Look at splitting one person found to be two; with --commit propose it",
      " --person-coverage 33120015:A-1 --coverage 06139463:B-7 \\\n"
      "    --card 9f…:04d2 --receipt 113:C-4 --proposed-by 係長 --commit",
      options, &Split);
  AddSubject(*split, "person", options->person);
  split
      ->add_option("--numbers-file", options->numbers_file,
                   "File of individual numbers that are the other's, one a line")
      ->check(CLI::ExistingFile);
  split->add_option("--coverage", options->coverages, "INSURER:REFERENCE of a coverage that goes");
  split->add_option("--card", options->cards, "ISSUER:SERIAL of a card that goes, in hex");
  split->add_option("--receipt", options->receipts, "REVIEWER:REFERENCE of a receipt that goes");
  split->add_option("--health-check", options->health_checks,
                    "INSURER:REFERENCE of an examination that goes");
  split->add_option("--undoes", options->undoes, "Repair id of a merge: what it moved goes back");
  split->add_flag("--only-named", options->only_named,
                  "Leave coverages that look like a named one");

  options = std::make_shared<ProposeOptions>();
  CLI::App* replace = AddProposal(
      person, "replace-number", "Look at replacing an individual number; with --commit propose it",
      " --numbers-file numbers.txt --day 2026-04-01 \\\n    --proposed-by 係長 --commit", options,
      &ReplaceNumber);
  replace
      ->add_option("--numbers-file", options->numbers_file,
                   "File of two lines: the old individual number, the new one")
      ->required()
      ->check(CLI::ExistingFile);
  replace->add_option("--day", options->day, "First day of the new number, YYYY-MM-DD")->required();
}

void AddDecisionCommand(CLI::App& person, const std::string& name, const std::string& what,
                        const std::string& flag, void (*run)(const DecideOptions&)) {
  const auto options = std::make_shared<DecideOptions>();
  CLI::App* command = person.add_subcommand(name, what);
  AddAdministrativeOptions(*command, options->call);
  command->add_option("--repair-id", options->repair_id, "The repair, as it was proposed")
      ->required();
  command->add_option(flag, options->by, "Who decided, at most 64 characters; kept")->required();
  command->footer(
      fmt::format("Example:\n  kakunin person {} --repair-id \"$REPAIR\" {} 課長 --commit{}\n",
                  name, flag, kConnection));
  command->callback([options, run] { run(*options); });
}

void AddReading(CLI::App& person) {
  auto options = std::make_shared<ReadOptions>();
  CLI::App* show = person.add_subcommand("show", "What a repair did to each row, or would do now");
  AddClientOptions(*show, options->client);
  show->add_option("--repair-id", options->repair_id, "The repair")->required();
  show->footer(
      fmt::format("Example:\n  kakunin person show --repair-id \"$REPAIR\"{}\n", kConnection));
  show->callback([options] { Show(*options); });

  options = std::make_shared<ReadOptions>();
  CLI::App* list = person.add_subcommand("list", "List repairs, the last proposed first");
  AddClientOptions(*list, options->client);
  list->add_flag("--waiting", options->waiting, "Those alone that wait to be decided");
  list->add_option("--most", options->most, "So many at most; default: 100")
      ->check(CLI::Range(1, 1000));
  list->footer(fmt::format("Example:\n  kakunin person list --waiting{}\n", kConnection));
  list->callback([options] { List(*options); });
}

}  // namespace

void AddPersonCommand(CLI::App& app) {
  CLI::App* person = app.add_subcommand(
      "person", "Who may be taken for somebody else, and repairs: two operators, a dry run first");
  person->require_subcommand(1);
  person->footer(
      "Examples:\n"
      "  kakunin person list --waiting\n"
      "  kakunin person merge --help                      propose; a dry run without --commit\n"
      "  kakunin person case list                         insurers: their rows that are in "
      "question\n");
  AddProposals(*person);
  AddDecisionCommand(*person, "approve",
                     "Look at a proposal; with --commit do it (another operator)", "--approved-by",
                     &Approve);
  AddDecisionCommand(*person, "withdraw", "Look at a proposal; with --commit give it up",
                     "--withdrawn-by", &Withdraw);
  AddReading(*person);
  AddCaseDecisions(*person);
}

}  // namespace kakunin
