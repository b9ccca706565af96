#include <fmt/format.h>

#include <string>

#include "kakunin/v1/record_service.grpc.pb.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

struct RecordsOptions {
  TerminalOptions terminal;
  std::string kind = "drugs";
  std::string handle;
  std::string from_month;
  std::string to_month;
  bool with_prescriptions = false;
};

std::string DayText(const google::type::Date& date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
}

std::string MonthHeading(const std::string& month, const v1::RecordFacility& facility) {
  return month + (facility.name().empty() ? "" : "  " + facility.name());
}

void Rows(const v1::GetDrugHistoryResponse& answer, TextTable& table) {
  for (const v1::DrugMonth& month : answer.months()) {
    table.Heading(MonthHeading(month.month(), month.facility()));
    for (const v1::DrugDay& day : month.days()) {
      const auto& date = day.has_dispensing_date() ? day.dispensing_date() : day.prescribing_date();
      for (const v1::Drug& drug : day.drugs()) {
        table.Row(DayText(date), fmt::format("{}  {}{}  {}  {}", drug.name(), drug.dose(),
                                             drug.unit(), drug.usage_name(), drug.times()));
      }
    }
  }
}

void Rows(const v1::GetTreatmentHistoryResponse& answer, TextTable& table) {
  for (const v1::TreatmentMonth& month : answer.months()) {
    table.Heading(MonthHeading(month.month(), month.facility()));
    for (const v1::Treatment& treatment : month.treatments()) {
      table.Row(treatment.code(), fmt::format("{}  {}", treatment.name(), treatment.times()));
    }
  }
  if (!answer.treatment_shown()) table.Row("診療情報", "同意がないため表示していません");
  if (!answer.surgery_shown()) table.Row("手術情報", "同意がないため表示していません");
}

void Rows(const v1::GetHealthChecksResponse& answer, TextTable& table) {
  for (const v1::HealthCheck& check : answer.health_checks()) {
    table.Heading(DayText(check.examination_date()) + "  " + check.registrar_name());
    for (const v1::HealthCheckItem& item : check.items()) {
      table.Row(item.name(), fmt::format("{} {}", item.value(), item.unit()));
    }
  }
}

std::string SituationText(const v1::RecordBasis& basis) {
  const std::string rehearsal = basis.rehearsal() ? "（訓練 REHEARSAL）" : "";
  switch (basis.situation()) {
    case v1::SITUATION_DISASTER:
      return "災害時の閲覧" + rehearsal;
    case v1::SITUATION_EMERGENCY:
      return "救急時の閲覧" + rehearsal;
    default:
      return "";
  }
}

// Asks until the last page was told.
template <class Request, class Response>
void AskAll(const RecordsOptions& options, Request request,
            grpc::Status (v1::RecordService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*)) {
  const auto channel = OrFail("call records", Connect(options.terminal.client));
  v1::RecordService::Stub stub(channel);
  request.mutable_patient()->set_patient_handle(options.handle);
  request.set_form_of_care(static_cast<v1::FormOfCare>(options.terminal.form_of_care));
  if (!options.terminal.appointment_day.empty()) {
    *request.mutable_appointment_date() =
        DateOf("--appointment-date", options.terminal.appointment_day);
  }
  Response response;
  do {
    const auto context = TerminalContext(options.terminal);
    response.Clear();
    const grpc::Status status = (stub.*method)(context.get(), request, &response);
    if (!status.ok()) FailCall(options.terminal.client, status);
    if (options.terminal.client.json) {
      fmt::print("{}", MessageJson(response));
    } else {
      TextTable table;
      Rows(response, table);
      table.Row("取扱い", SituationText(response.basis()));
      table.Row("根拠", response.basis().note());
      table.Row("監査番号", response.audit_id());
      fmt::print("{}", table.Draw());
    }
    request.set_page_token(response.next_page_token());
  } while (!response.next_page_token().empty());
}

void Ask(const RecordsOptions& options) {
  using Stub = v1::RecordService::Stub;
  if (options.kind == "health-checks") {
    return AskAll(options, v1::GetHealthChecksRequest(), &Stub::GetHealthChecks);
  }
  if (options.kind == "treatments") {
    v1::GetTreatmentHistoryRequest request;
    request.set_from_month(options.from_month);
    request.set_to_month(options.to_month);
    return AskAll(options, std::move(request), &Stub::GetTreatmentHistory);
  }
  v1::GetDrugHistoryRequest request;
  request.set_from_month(options.from_month);
  request.set_to_month(options.to_month);
  request.set_with_prescriptions(options.with_prescriptions);
  AskAll(options, std::move(request), &Stub::GetDrugHistory);
}

}  // namespace

void AddCallRecords(CLI::App& call) {
  const auto options = std::make_shared<RecordsOptions>();
  CLI::App* command =
      call.add_subcommand("records", "Look at a patient's records, with the patient's consent");
  AddTerminalOptions(*command, options->terminal);
  command->add_option("--handle", options->handle, "patient_handle of an earlier confirmation")
      ->required();
  command->add_option("--kind", options->kind, "drugs, treatments or health-checks")
      ->check(CLI::IsMember({"drugs", "treatments", "health-checks"}))
      ->capture_default_str();
  command->add_option("--from-month", options->from_month, "First month (YYYY-MM)");
  command->add_option("--to-month", options->to_month, "Last month (YYYY-MM)");
  command->add_flag("--with-prescriptions", options->with_prescriptions,
                    "Drugs: also what no receipt tells yet");
  command->footer(std::string(kConnectionFooter) +
                  "The role decides: medical records are for DOCTOR, DENTIST, PHARMACIST and\n"
                  "OTHER_QUALIFIED. Example:\n"
                  "  kakunin call records --kind drugs --handle \"$HANDLE\" --role doctor \\\n"
                  "    --server localhost:7443 --certificate t1.pem --key t1.key --ca "
                  "server-ca.pem\n");
  command->callback([options] { Ask(*options); });
}

}  // namespace kakunin
