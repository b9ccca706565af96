#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "auth/uuid.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "kakunin/v1/eligibility_service.grpc.pb.h"
#include "server/commands/answer_table.h"
#include "server/commands/card_options.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"
#include "server/commands/terminal_options.h"

namespace kakunin {
namespace {

struct NumberOptions {
  TerminalOptions terminal;
  std::string insurer;
  std::string symbol;
  std::string number;
  std::string branch;
  std::string birth_day;
  int document = v1::DOCUMENT_SHOWN_ELIGIBILITY_CERTIFICATE;
  std::string document_valid_through;
  int limit_certificate = v1::DECISION_NOT_ASKED;
};

struct ConfirmCardOptions {
  TerminalOptions terminal;
  CardOptions card;
  std::vector<int> agreed;
  std::vector<int> declined;
  int prescription = 0;
  bool assisted = false;
};

template <class Answer>
void Show(const ClientOptions& options, const Answer& answer) {
  if (options.json) {
    fmt::print("{}", MessageJson(answer));
  } else {
    fmt::print("{}", AnswerTable(answer));
  }
}

void ConfirmNumber(const NumberOptions& options) {
  v1::ConfirmByInsuredNumberRequest request;
  request.set_insurer_number(options.insurer);
  request.set_symbol(options.symbol);
  request.set_number(options.number);
  request.set_branch_number(options.branch);
  *request.mutable_birth_date() = DateOf("--birth-date", options.birth_day);
  *request.mutable_day() = DayOf(options.terminal);
  request.set_form_of_care(static_cast<v1::FormOfCare>(options.terminal.form_of_care));
  if (!options.terminal.appointment_day.empty()) {
    *request.mutable_appointment_date() =
        DateOf("--appointment-date", options.terminal.appointment_day);
  }
  request.set_limit_certificate_consent(static_cast<v1::Decision>(options.limit_certificate));
  request.set_document_shown(static_cast<v1::DocumentShown>(options.document));
  if (!options.document_valid_through.empty()) {
    *request.mutable_document_valid_through() =
        DateOf("--document-valid-through", options.document_valid_through);
  }
  request.set_request_id(auth::RandomUuid());

  const ClientOptions& client = options.terminal.client;
  const auto stub = v1::EligibilityService::NewStub(OrFail("call confirm-number", Connect(client)));
  v1::ConfirmByInsuredNumberResponse answer;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status = stub->ConfirmByInsuredNumber(context.get(), request, &answer);
  if (!status.ok()) FailCall(client, status);
  Show(client, answer);
}

void AddDecisions(const ConfirmCardOptions& options, v1::ConfirmByCardRequest& request) {
  for (const auto& [name, kind] : EnumNames<v1::ConsentKind>("CONSENT_KIND_")) {
    const auto in = [kind = kind](const std::vector<int>& kinds) {
      return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    };
    if (in(options.agreed) && in(options.declined)) {
      throw CLI::ValidationError("--agree", name + " stands in --decline, too");
    }
    v1::ConsentDecision& decision = *request.add_decisions();
    decision.set_kind(static_cast<v1::ConsentKind>(kind));
    decision.set_decision(in(options.agreed)     ? v1::DECISION_AGREED
                          : in(options.declined) ? v1::DECISION_DECLINED
                                                 : v1::DECISION_NOT_ASKED);
  }
}

void ConfirmCard(const ConfirmCardOptions& options) {
  constexpr char kName[] = "call confirm-card";
  const ClientOptions& client = options.terminal.client;
  v1::ConfirmByCardRequest request;
  request.set_holder_verification(static_cast<v1::HolderVerification>(options.card.verification));
  *request.mutable_day() = DayOf(options.terminal);
  request.set_form_of_care(static_cast<v1::FormOfCare>(options.terminal.form_of_care));
  if (!options.terminal.appointment_day.empty()) {
    *request.mutable_appointment_date() =
        DateOf("--appointment-date", options.terminal.appointment_day);
  }
  AddDecisions(options, request);
  request.set_prescription_form(static_cast<v1::PrescriptionForm>(options.prescription));
  request.set_assisted(options.assisted);
  request.set_request_id(auth::RandomUuid());

  const auto channel = OrFail(kName, Connect(client));
  SignedChallenge act =
      ActByCard(kName, channel, options.terminal, options.card, v1::CARD_PURPOSE_CONFIRM);
  request.set_challenge_id(std::move(act.challenge_id));
  request.set_certificate(std::move(act.certificate));
  request.set_signature(std::move(act.signature));
  v1::ConfirmByCardResponse answer;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status =
      v1::EligibilityService::NewStub(channel)->ConfirmByCard(context.get(), request, &answer);
  if (!status.ok()) FailCall(client, status);
  Show(client, answer);
}

void CheckHealth(const ClientOptions& options) {
  namespace health = grpc::health::v1;
  const auto stub = health::Health::NewStub(OrFail("call health", Connect(options)));
  health::HealthCheckResponse answer;
  const auto context = ContextFor(options);
  const grpc::Status status = stub->Check(context.get(), {}, &answer);
  if (!status.ok()) FailCall(options, status);
  const bool serving = answer.status() == health::HealthCheckResponse::SERVING;
  if (options.json) {
    fmt::print("{}", MessageJson(answer));
  } else {
    fmt::print("{}\n", serving ? "稼働中です (SERVING)" : "停止中です (NOT_SERVING)");
  }
  if (!serving) throw CLI::RuntimeError(1);
}

void AddConfirmNumber(CLI::App& app) {
  const auto options = std::make_shared<NumberOptions>();
  CLI::App* command =
      app.add_subcommand("confirm-number", "Confirm by the symbol and number of a document");
  AddTerminalOptions(*command, options->terminal);
  command->add_option("--insurer", options->insurer, "保険者番号")->required();
  command->add_option("--symbol", options->symbol, "記号; may be absent");
  command->add_option("--number", options->number, "番号")->required();
  command->add_option("--branch", options->branch, "枝番");
  command->add_option("--birth-date", options->birth_day, "生年月日 (YYYY-MM-DD)")->required();
  AddEnumOption<v1::DocumentShown>(*command, "--document", options->document, "DOCUMENT_SHOWN_",
                                   "What the patient shows");
  command->add_option("--document-valid-through", options->document_valid_through,
                      "Last valid day printed on it");
  AddEnumOption<v1::Decision>(*command, "--limit-certificate", options->limit_certificate,
                              "DECISION_", "Oral consent to show the limit certificate");
  command->footer(
      std::string(kConnectionFooter) +
      "Example:\n"
      "  kakunin call confirm-number --insurer 06139992 --symbol 1234 --number 5678910 \\\n"
      "    --birth-date 1970-01-01 --server localhost:7443 --certificate t1.pem --key t1.key \\\n"
      "    --ca server-ca.pem\n");
  command->callback([options] { ConfirmNumber(*options); });
}

void AddConfirmCard(CLI::App& app) {
  const auto options = std::make_shared<ConfirmCardOptions>();
  CLI::App* command = app.add_subcommand("confirm-card", "Confirm by a card's certificate and key");
  AddTerminalOptions(*command, options->terminal);
  AddCardOptions(*command, options->card);
  const auto kinds = CLI::CheckedTransformer(EnumNames<v1::ConsentKind>("CONSENT_KIND_"));
  command
      ->add_option("--agree", options->agreed,
                   "What the patient agrees to: drug, treatment, surgery, health-check, "
                   "limit-certificate, specific-disease-certificate")
      ->delimiter(',')
      ->transform(kinds)
      ->option_text("WORD,...");
  command->add_option("--decline", options->declined, "What the patient declines")
      ->delimiter(',')
      ->transform(kinds)
      ->option_text("WORD,...");
  AddEnumOption<v1::PrescriptionForm>(*command, "--prescription", options->prescription,
                                      "PRESCRIPTION_FORM_", "Form of the prescription");
  command->add_flag("--assisted", options->assisted, "Somebody operated for the patient");
  command->footer(
      std::string(kConnectionFooter) +
      "Example:\n"
      "  kakunin call confirm-card --card-certificate TP01.pem --card-key TP01.key \\\n"
      "    --verification face --agree drug,health-check --decline surgery \\\n"
      "    --server localhost:7443 --certificate t1.pem --key t1.key --ca server-ca.pem\n");
  command->callback([options] { ConfirmCard(*options); });
}

}  // namespace

void AddCallCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("call", "Ask a server, as a terminal does");
  command->require_subcommand(1);
  command->footer(
      "Answers are Japanese tables, with --json the message itself.\n"
      "Examples:\n"
      "  kakunin call confirm-number --help\n"
      "  kakunin call confirm-card --help\n"
      "  kakunin call records --help\n"
      "  kakunin call consents --help\n"
      "  kakunin call access-log --help\n"
      "  kakunin call notices --help\n"
      "  kakunin call reception-links --help\n"
      "  kakunin call apps --help\n"
      "  kakunin call reference-number --help\n"
      "  kakunin call login --help\n"
      "  kakunin call account --help\n"
      "  kakunin call settings --help\n"
      "  kakunin call disaster-search --help\n"
      "  kakunin call emergency-view --help\n"
      "  kakunin call health --server localhost:7443 --certificate t1.pem --key t1.key --ca "
      "ca.pem\n");
  AddConfirmNumber(*command);
  AddConfirmCard(*command);
  AddCallRecords(*command);
  AddCallConsents(*command);
  AddCallAccessLog(*command);
  AddCallNotices(*command);
  AddCallBulk(*command);
  AddCallReceptionLinks(*command);
  AddCallApps(*command);
  AddCallReferenceNumbers(*command);
  AddCallConsented(*command);
  AddCallConfirmed(*command);
  AddCallLogIn(*command);
  AddCallAccounts(*command);
  AddCallSettings(*command);
  AddCallAbnormalTimes(*command);
  const auto client = std::make_shared<ClientOptions>();
  CLI::App* health = command->add_subcommand("health", "Ask whether the server serves");
  AddClientOptions(*health, *client);
  health->footer(std::string(kConnectionFooter) +
                 "Example:\n  kakunin call health --server localhost:7443 --certificate t1.pem "
                 "--key t1.key --ca ca.pem\n");
  health->callback([client] { CheckHealth(*client); });
}

}  // namespace kakunin
