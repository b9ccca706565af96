#include <fmt/format.h>

#include <memory>
#include <string>

#include "kakunin/v1/application_review_service.grpc.pb.h"
#include "server/commands/administrative_call.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"
#include "server/commands/joining_table.h"
#include "server/commands/password_input.h"
#include "server/commands/service_call.h"
#include "server/commands/terminal_options.h"

namespace kakunin {
namespace {

using Service = v1::ApplicationReviewService;

struct ReviewOptions {
  AdministrativeOptions call;
  std::string account;
  std::string application;
  std::string note;
  std::string number_file;
  std::string facility;
  std::string ending_day;
  int version = 0;
  int state = 0;
  std::string last_day;
  std::string resume_day;
  std::string reason;
  bool withdraw = false;
  bool open = false;
};

template <class Request, class Response>
void GivePassword(const char* command, const ReviewOptions& options,
                  grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                        Response*)) {
  Request request;
  request.set_account(options.account);
  const Response answer = CallService<Service>(command, options.call, request, method);
  if (options.call.client.json) return;
  fmt::print("{}", ApplicantTable(answer.applicant()));
  if (!answer.one_time_password().empty()) {
    fmt::print("仮パスワード (one-time password, for {}): {}\n", answer.applicant().mail(),
               answer.one_time_password());
  }
}

void ListApplicants(const ReviewOptions& options) {
  v1::ListApplicantsRequest request;
  request.set_state(static_cast<v1::ApplicantState>(options.state));
  request.set_page_size(200);
  do {
    const auto page = CallService<Service>("facility applicant list", options.call.client, request,
                                           &Service::Stub::ListApplicants);
    if (!options.call.client.json) {
      for (const v1::Applicant& one : page.applicants()) fmt::print("{}", ApplicantTable(one));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
}

void List(const ReviewOptions& options) {
  v1::ListSubmittedApplicationsRequest request;
  request.set_state(static_cast<v1::ApplicationState>(options.state));
  request.set_page_size(200);
  do {
    const auto page = CallService<Service>("facility application list", options.call.client,
                                           request, &Service::Stub::ListSubmittedApplications);
    if (!options.call.client.json) {
      for (const v1::Application& one : page.applications()) fmt::print("{}", ApplicationLine(one));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
}

void Show(const ReviewOptions& options) {
  v1::GetSubmittedApplicationRequest request;
  request.set_application_id(options.application);
  const auto answer = CallService<Service>("facility application show", options.call.client,
                                           request, &Service::Stub::GetSubmittedApplication);
  if (!options.call.client.json) fmt::print("{}", ApplicationTable(answer.application()));
}

std::string DayText(const google::type::Date& day) {
  return fmt::format("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
}

// PredecessorLine tells whom a succession ends, so that a wrong code is seen before it acts: until
// the start of use the application can be returned.
template <class Answer>
std::string PredecessorLine(const Answer& answer) {
  if (!answer.has_predecessor()) return "";
  const v1::PredecessorFacility& one = answer.predecessor();
  const std::string name = one.facility_name().empty() ? "登録がありません" : one.facility_name();
  if (!one.in_use()) {
    return fmt::format(
        "承継元 (predecessor): {} {}  運用中ではありません。コードを確かめてください。\n",
        one.facility_code(), name);
  }
  return fmt::format("承継元 (predecessor): {} {}  {}\n", one.facility_code(), name,
                     one.has_last_day()
                         ? DayText(one.last_day()) + "で利用を終えます。"
                         : "運用開始の前日で利用を終えます。違うときは差し戻してください。");
}

std::string ClosureText(const v1::ClosureDays& days) {
  if (!days.has_last_day()) return "なし (open)";
  return DayText(days.last_day()) + "まで" +
         (days.has_resume_day() ? "、" + DayText(days.resume_day()) + "に再開" : "");
}

void SetClosure(const ReviewOptions& options) {
  v1::SetFacilityClosureRequest request;
  request.set_facility_code(options.facility);
  if (!options.last_day.empty()) {
    *request.mutable_last_day() = DateOf("--last-day", options.last_day);
  }
  if (!options.resume_day.empty()) {
    *request.mutable_resume_day() = DateOf("--resume-day", options.resume_day);
  }
  request.set_open_again(options.open);
  request.set_reason(options.reason);
  const auto answer = CallService<Service>("facility closure", options.call, request,
                                           &Service::Stub::SetFacilityClosure);
  if (options.call.client.json) return;
  fmt::print("{} {}: {} -> {}\n", answer.facility_code(), answer.facility_name(),
             ClosureText(answer.before()), ClosureText(answer.closure()));
  if (!answer.active()) {
    fmt::print("登録が有効ではないため、端末は利用できません (inactive: register it again)\n");
  }
}

void Decide(const char* command, const ReviewOptions& options, v1::ApplicationEvent event) {
  v1::DecideApplicationRequest request;
  request.set_application_id(options.application);
  request.set_event(event);
  request.set_version(options.version);
  request.set_note(options.note);
  const auto answer =
      CallService<Service>(command, options.call, request, &Service::Stub::DecideApplication);
  if (options.call.client.json) return;
  fmt::print("{}{}", ApplicationLine(answer.application()), PredecessorLine(answer));
}

void StartUse(const ReviewOptions& options) {
  v1::StartUseRequest request;
  request.set_application_id(options.application);
  const auto answer = CallService<Service>("facility application start", options.call, request,
                                           &Service::Stub::StartUse);
  if (options.call.client.json) return;
  fmt::print("{}{}", ApplicationLine(answer.application()), PredecessorLine(answer));
}

void RecordGroundEnd(const ReviewOptions& options) {
  constexpr char kName[] = "facility ground-end";
  v1::RecordGroundEndRequest request;
  request.set_facility_code(options.facility);
  *request.mutable_ending_day() = DateOf("--ending-day", options.ending_day);
  const auto answer =
      CallService<Service>(kName, options.call, request, &Service::Stub::RecordGroundEnd);
  if (!options.call.client.json)
    fmt::print("{}", GroundEndTable(answer.last_day(), answer.reminder_days(), answer.sentence()));
}

void Publish(const ReviewOptions& options) {
  constexpr char kName[] = "facility test-person";
  v1::PublishTestPersonRequest request;
  request.set_individual_number(OrFail(kName, ReadPasswordInput(options.number_file, "個人番号")));
  request.set_withdraw(options.withdraw);
  CallService<Service>(kName, options.call, request, &Service::Stub::PublishTestPerson);
  if (!options.call.client.json && options.call.commit) fmt::print("登録しました (done)\n");
}

constexpr char kExampleEnd[] =
    " \\\n    --server localhost:7445 --certificate operator.pem --key operator.key "
    "--ca server-ca.pem\n";

std::shared_ptr<ReviewOptions> AddDecision(CLI::App& parent, const std::string& name,
                                           const std::string& description,
                                           v1::ApplicationEvent event, bool with_note) {
  auto options = std::make_shared<ReviewOptions>();
  CLI::App* command = parent.add_subcommand(name, description);
  AddAdministrativeOptions(*command, options->call);
  command->add_option("--application", options->application, "The application's id")->required();
  command->add_option("--version", options->version, "The version that was looked at")->required();
  if (with_note) {
    command->add_option("--note", options->note, "Why, and what to do; the applicant is told")
        ->required();
  }
  command->footer("Example:\n  kakunin facility application " + name +
                  " --application ID --version 1 --commit" + kExampleEnd);
  const std::string full = "facility application " + name;
  command->callback([options, event, full] { Decide(full.c_str(), *options, event); });
  return options;
}

void AddApplicants(CLI::App& facility) {
  CLI::App* applicant =
      facility.add_subcommand("applicant", "Accounts of facilities that want to join");
  applicant->require_subcommand(1);
  applicant->footer(
      "Examples:\n"
      "  kakunin facility applicant list --state registered\n"
      "  kakunin facility applicant confirm --help        the way to a server, and --commit\n");
  const auto listed = std::make_shared<ReviewOptions>();
  CLI::App* list = applicant->add_subcommand("list", "List accounts");
  AddClientOptions(*list, listed->call.client);
  AddEnumOption<v1::ApplicantState>(*list, "--state", listed->state, "APPLICANT_STATE_", "Only");
  list->footer(std::string("Example:\n  kakunin facility applicant list --state registered") +
               kExampleEnd);
  list->callback([listed] { ListApplicants(*listed); });

  const auto add = [&](const std::string& name, const std::string& description) {
    const auto options = std::make_shared<ReviewOptions>();
    CLI::App* command = applicant->add_subcommand(name, description);
    AddAdministrativeOptions(*command, options->call);
    command->add_option("--account", options->account, "acc-...")->required();
    command->footer("Example:\n  kakunin facility applicant " + name +
                    " --account acc-0123456789ab --commit" + kExampleEnd);
    return std::pair(command, options);
  };
  const auto confirm = add("confirm", "Open an account; tells the one-time password to mail");
  confirm.first->callback([options = confirm.second] {
    GivePassword("facility applicant confirm", *options, &Service::Stub::ConfirmApplicant);
  });
  const auto reset = add("reset-password", "Give a new one-time password; opens the account");
  reset.first->callback([options = reset.second] {
    GivePassword("facility applicant reset-password", *options,
                 &Service::Stub::ResetApplicantPassword);
  });
}

}  // namespace

void AddFacilityApplications(CLI::App& facility) {
  AddApplicants(facility);
  CLI::App* application = facility.add_subcommand("application", "Decide applications");
  application->require_subcommand(1);
  application->footer(
      "Examples:\n"
      "  kakunin facility application list --state submitted\n"
      "  kakunin facility application show --application ID\n"
      "  kakunin facility application approve --help      the way to a server, and --commit\n");
  const auto listed = std::make_shared<ReviewOptions>();
  CLI::App* list = application->add_subcommand("list", "List applications, oldest first");
  AddClientOptions(*list, listed->call.client);
  AddEnumOption<v1::ApplicationState>(*list, "--state", listed->state, "APPLICATION_STATE_",
                                      "Only");
  list->footer(std::string("Example:\n  kakunin facility application list --state submitted") +
               kExampleEnd);
  list->callback([listed] { List(*listed); });

  const auto shown = std::make_shared<ReviewOptions>();
  CLI::App* show = application->add_subcommand("show", "Show one, its history and checklist");
  AddClientOptions(*show, shown->call.client);
  show->add_option("--application", shown->application, "The application's id")->required();
  show->footer(std::string("Example:\n  kakunin facility application show --application ID") +
               kExampleEnd);
  show->callback([shown] { Show(*shown); });

  AddDecision(*application, "approve",
              "Approve; for use: register the facility and begin its operation test",
              v1::APPLICATION_EVENT_APPROVE, false);
  AddDecision(*application, "return", "Give it back to be corrected, from the operation test, too",
              v1::APPLICATION_EVENT_RETURN, true);
  AddDecision(*application, "refuse", "Refuse it", v1::APPLICATION_EVENT_REFUSE, true);
  AddDecision(*application, "check-documents", "A subsidy's documents were checked",
              v1::APPLICATION_EVENT_CHECK_DOCUMENTS, false);
  AddDecision(*application, "pay", "A subsidy was paid", v1::APPLICATION_EVENT_PAY, false);
  AddDecision(*application, "end",
              "End a use; the facility's terminals are refused, unless another's goes on",
              v1::APPLICATION_EVENT_END, false);

  const auto started = std::make_shared<ReviewOptions>();
  CLI::App* start = application->add_subcommand(
      "start", "End the operation test: from now on its terminals see everybody");
  AddAdministrativeOptions(*start, started->call);
  start->add_option("--application", started->application, "The application's id")->required();
  start->footer(
      std::string("Example:\n  kakunin facility application start --application ID --commit") +
      kExampleEnd);
  start->callback([started] { StartUse(*started); });

  const auto ended = std::make_shared<ReviewOptions>();
  CLI::App* end = facility.add_subcommand(
      "ground-end", "Tell the day on which the ground of a facility's restricted type ends");
  AddAdministrativeOptions(*end, ended->call);
  end->add_option("--facility", ended->facility, "Its code, ten digits")->required();
  end->add_option("--ending-day", ended->ending_day,
                  "(2): the day from which the line is available; (4), (6): the last day")
      ->required();
  end->footer(std::string("Example:\n  kakunin facility ground-end --facility 1310000003 "
                          "--ending-day 2027-04-01 --commit") +
              kExampleEnd);
  end->callback([ended] { RecordGroundEnd(*ended); });

  const auto closed = std::make_shared<ReviewOptions>();
  CLI::App* closure = facility.add_subcommand(
      "closure", "Set a facility's closure, or clear one that was wrong: its terminals work again");
  AddAdministrativeOptions(*closure, closed->call);
  closure->add_option("--facility", closed->facility, "Its code, ten digits")->required();
  auto* last = closure->add_option("--last-day", closed->last_day, "The last day of its use, JST");
  closure->add_option("--resume-day", closed->resume_day, "Of a pause: its first day again, JST")
      ->needs(last);
  closure->add_flag("--open", closed->open, "Clear it")->excludes(last);
  closure->add_option("--reason", closed->reason, "Why; the facility is told")->required();
  closure->footer(std::string("Examples:\n  kakunin facility closure --facility 1310000003 --open"
                              " --reason '承継元のコードの誤り' --commit") +
                  kExampleEnd +
                  "  kakunin facility closure --facility 1310000003 --last-day 2027-03-31"
                  " --reason '廃止届' --commit" +
                  kExampleEnd);
  closure->callback([closed] { SetClosure(*closed); });

  const auto published = std::make_shared<ReviewOptions>();
  CLI::App* publish = facility.add_subcommand(
      "test-person", "Publish a person whom facilities in the operation test see");
  AddAdministrativeOptions(*publish, published->call);
  publish->add_option("--number-file", published->number_file,
                      "File with the individual number (mode 0600); default: asked for");
  publish->add_flag("--withdraw", published->withdraw, "Take the person back");
  publish->footer(
      std::string("Example:\n  kakunin facility test-person --number-file number --commit") +
      kExampleEnd);
  publish->callback([published] { Publish(*published); });
}

}  // namespace kakunin
