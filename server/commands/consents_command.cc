#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "auth/uuid.h"
#include "kakunin/v1/consent_service.grpc.pb.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/consents_table.h"
#include "server/commands/enum_option.h"
#include "server/commands/terminal_options.h"

namespace kakunin {
namespace {

struct ConsentsOptions {
  TerminalOptions terminal;
  std::string handle;
  std::vector<int> kinds;
  int reason = v1::CONSENT_END_REASON_REVOKED_BY_PATIENT;
  int kind = v1::CONSENT_KIND_DRUG;
  std::string request_id;
  std::string audit_id;
};

template <class Request, class Response>
void Ask(const TerminalOptions& options, const Request& request,
         grpc::Status (v1::ConsentService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                          Response*)) {
  v1::ConsentService::Stub stub(OrFail("call consents", Connect(options.client)));
  const auto context = TerminalContext(options);
  Response response;
  const grpc::Status status = (stub.*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(options.client, status);
  if (options.client.json) {
    fmt::print("{}", MessageJson(response));
  } else {
    fmt::print("{}", ConsentsTable(response));
  }
}

void List(const ConsentsOptions& options) {
  v1::ListConsentsRequest request;
  request.mutable_patient()->set_patient_handle(options.handle);
  Ask(options.terminal, request, &v1::ConsentService::Stub::ListConsents);
}

void RevokeOf(const ConsentsOptions& options, v1::FormOfCare form) {
  v1::RevokeConsentRequest request;
  request.mutable_patient()->set_patient_handle(options.handle);
  request.set_form_of_care(form);
  if (!options.terminal.appointment_day.empty()) {
    *request.mutable_appointment_date() =
        DateOf("--appointment-date", options.terminal.appointment_day);
  }
  for (const int kind : options.kinds) request.add_kinds(static_cast<v1::ConsentKind>(kind));
  request.set_reason(static_cast<v1::ConsentEndReason>(options.reason));
  request.set_request_id(options.request_id.empty() ? auth::RandomUuid() : options.request_id);
  Ask(options.terminal, request, &v1::ConsentService::Stub::RevokeConsent);
}

// Whoever does not say of which form of care means the patient, not the desk.
void Revoke(const ConsentsOptions& options, bool of_one_form) {
  if (of_one_form || !options.terminal.appointment_day.empty()) {
    return RevokeOf(options, static_cast<v1::FormOfCare>(options.terminal.form_of_care));
  }
  if (!options.request_id.empty()) {
    throw CLI::ValidationError("--request-id", "names one call: give --form-of-care as well");
  }
  for (const v1::FormOfCare form :
       {v1::FORM_OF_CARE_OUTPATIENT, v1::FORM_OF_CARE_HOME_VISIT, v1::FORM_OF_CARE_ONLINE_CARE}) {
    RevokeOf(options, form);
  }
}

void Explain(const ConsentsOptions& options) {
  v1::ExplainDecisionRequest request;
  if (options.audit_id.empty() == options.handle.empty()) {
    throw CLI::ValidationError("--audit-id", "give it or --handle, one of the two");
  }
  if (!options.audit_id.empty()) {
    request.set_audit_id(options.audit_id);
  } else {
    v1::HypotheticalCall& call = *request.mutable_call();
    call.mutable_patient()->set_patient_handle(options.handle);
    call.set_form_of_care(static_cast<v1::FormOfCare>(options.terminal.form_of_care));
    if (!options.terminal.appointment_day.empty()) {
      *call.mutable_appointment_date() =
          DateOf("--appointment-date", options.terminal.appointment_day);
    }
    call.set_kind(static_cast<v1::ConsentKind>(options.kind));
  }
  Ask(options.terminal, request, &v1::ConsentService::Stub::ExplainDecision);
}

constexpr char kHandleHelp[] = "patient_handle of an earlier confirmation";

void AddList(CLI::App& consents) {
  const auto options = std::make_shared<ConsentsOptions>();
  CLI::App* command = consents.add_subcommand("list", "List a patient's consents at this facility");
  AddTerminalOptions(*command, options->terminal);
  command->add_option("--handle", options->handle, kHandleHelp)->required();
  command->footer(std::string(kConnectionFooter) +
                  "Example:\n"
                  "  kakunin call consents list --handle \"$HANDLE\" --server localhost:7443 \\\n"
                  "    --certificate t1.pem --key t1.key --ca server-ca.pem\n");
  command->callback([options] { List(*options); });
}

void AddRevoke(CLI::App& consents) {
  const auto options = std::make_shared<ConsentsOptions>();
  CLI::App* command = consents.add_subcommand(
      "revoke", "End a patient's running consents: of every form of care unless --form-of-care");
  AddTerminalOptions(*command, options->terminal);
  command->add_option("--handle", options->handle, kHandleHelp)->required();
  command
      ->add_option("--kind", options->kinds,
                   "What ends: drug, treatment, surgery, health-check, limit-certificate, "
                   "specific-disease-certificate; every kind without it")
      ->delimiter(',')
      ->transform(CLI::CheckedTransformer(EnumNames<v1::ConsentKind>("CONSENT_KIND_")))
      ->option_text("WORD,...");
  AddEnumOption<v1::ConsentEndReason>(*command, "--reason", options->reason, "CONSENT_END_REASON_",
                                      "Why");
  command->add_option("--request-id", options->request_id,
                      "UUID; with that of an earlier call nothing more ends");
  command->footer(std::string(kConnectionFooter) +
                  "Example:\n"
                  "  kakunin call consents revoke --handle \"$HANDLE\" --reason "
                  "revoked-by-patient \\\n"
                  "    --server localhost:7443 --certificate t1.pem --key t1.key --ca "
                  "server-ca.pem\n");
  command->callback(
      [options, command] { Revoke(*options, command->get_option("--form-of-care")->count() > 0); });
}

void AddExplain(CLI::App& consents) {
  const auto options = std::make_shared<ConsentsOptions>();
  CLI::App* command =
      consents.add_subcommand("explain", "Tell why records were or would be shown or not");
  AddTerminalOptions(*command, options->terminal);
  command->add_option("--audit-id", options->audit_id, "Of an answer about records");
  command->add_option("--handle", options->handle, "Or a patient, and the kind of records");
  AddEnumOption<v1::ConsentKind>(*command, "--kind", options->kind, "CONSENT_KIND_",
                                 "Kind of records");
  command->footer(
      std::string(kConnectionFooter) +
      "Example:\n"
      "  kakunin call consents explain --handle \"$HANDLE\" --kind drug --role doctor \\\n"
      "    --server localhost:7443 --certificate t1.pem --key t1.key --ca "
      "server-ca.pem\n");
  command->callback([options] { Explain(*options); });
}

}  // namespace

void AddCallConsents(CLI::App& call) {
  CLI::App* consents =
      call.add_subcommand("consents", "List, end and explain a patient's consents");
  consents->require_subcommand(1);
  AddList(*consents);
  AddRevoke(*consents);
  AddExplain(*consents);
}

}  // namespace kakunin
