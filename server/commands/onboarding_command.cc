#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "auth/uuid.h"
#include "kakunin/v1/onboarding_service.grpc.pb.h"
#include "server/commands/application_file.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"
#include "server/commands/joining_table.h"
#include "server/commands/part_request_id.h"
#include "server/commands/password_input.h"
#include "server/commands/session_file.h"
#include "server/commands/terminal_options.h"

namespace kakunin {
namespace {

using Service = v1::OnboardingService;
// A call of the onboarding port takes so many facilities.
constexpr size_t kMostForms = 100;

struct OnboardingOptions {
  ClientOptions client;
  std::string session_file;
  std::string password_file;
  std::string new_password_file;
  std::string account;
  std::string application;
  std::string file;
  std::vector<std::string> fields;
  std::string request_id;
  int kind = v1::APPLICATION_KIND_USE;
  int type = 0;
  int prefecture = 0;
  std::string facility;
  std::string name;
  std::string mail;
  std::string ending_day;
  int64_t after = 0;
  bool check = false;
};

// Send makes one call, with the session if there is one, and ends the command when it fails.
template <class Request, class Response>
Response Send(const char* command, const OnboardingOptions& options, const Request& request,
              grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                    Response*)) {
  const auto stub = Service::NewStub(OrFail(command, ConnectWithoutCertificate(options.client)));
  Response response;
  const auto context = ContextFor(options.client);
  if (!options.session_file.empty() && !std::is_same_v<Request, v1::LogInApplicantRequest>) {
    context->AddMetadata("kakunin-session", OrFail(command, ReadSessionFile(options.session_file)));
  }
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(options.client, status);
  return response;
}

template <class Request>
void Name(const OnboardingOptions& options, Request& request) {
  request.set_request_id(options.request_id.empty() ? auth::RandomUuid() : options.request_id);
  request.set_validate_only(options.check);
}

// Print is the answer as JSON or as `text`.
void Print(const OnboardingOptions& options, const google::protobuf::Message& answer,
           const std::string& text) {
  fmt::print("{}", options.client.json ? MessageJson(answer) : text);
}

void Register(const OnboardingOptions& options) {
  v1::RegisterApplicantRequest request;
  Name(options, request);
  request.set_facility_code(options.facility);
  request.set_facility_name(options.name);
  request.set_facility_type(static_cast<v1::FacilityType>(options.type));
  request.set_prefecture(options.prefecture);
  request.set_mail(options.mail);
  const auto answer =
      Send("onboarding register", options, request, &Service::Stub::RegisterApplicant);
  Print(options, answer,
        options.check
            ? "登録できます (would register)\n"
            : ApplicantTable(answer.applicant()) +
                  "確認されると、仮パスワードがメールで届きます。そのあと onboarding login を行って"
                  "ください。(wait for the one-time password, then log in)\n");
}

void ReportGroundEnd(const OnboardingOptions& options) {
  constexpr char kName[] = "onboarding ground-end";
  v1::ReportGroundEndRequest request;
  Name(options, request);
  request.set_facility_code(options.facility);
  *request.mutable_ending_day() = DateOf("--ending-day", options.ending_day);
  const auto answer = Send(kName, options, request, &Service::Stub::ReportGroundEnd);
  Print(options, answer,
        GroundEndTable(answer.last_day(), answer.reminder_days(), answer.sentence()));
}

void LogIn(const OnboardingOptions& options) {
  constexpr char kName[] = "onboarding login";
  v1::LogInApplicantRequest request;
  request.set_account(options.account);
  request.set_password(OrFail(kName, ReadPasswordInput(options.password_file, "パスワード")));
  auto answer = Send(kName, options, request, &Service::Stub::LogInApplicant);
  OrFail(kName, WriteSessionFile(options.session_file, answer.session_token()));
  answer.clear_session_token();  // it is in the file, and nowhere else
  Print(options, answer,
        answer.password_change_needed()
            ? "ログインしました。先に onboarding password でパスワードを変更してください。(logged "
              "in: change the password first)\n"
            : "ログインしました。1時間有効です。(logged in, for an hour)\n");
}

void LogOut(const OnboardingOptions& options) {
  const auto answer = Send("onboarding logout", options, v1::LogOutApplicantRequest(),
                           &Service::Stub::LogOutApplicant);
  std::error_code failed;
  std::filesystem::remove(options.session_file, failed);
  Print(options, answer, "ログアウトしました (logged out)\n");
}

void ChangePassword(const OnboardingOptions& options) {
  constexpr char kName[] = "onboarding password";
  v1::ChangeApplicantPasswordRequest request;
  request.set_current_password(
      OrFail(kName, ReadPasswordInput(options.password_file, "今のパスワード")));
  request.set_new_password(OrFail(
      kName, ReadPasswordInput(options.new_password_file, "新しいパスワード（12文字以上）")));
  const auto answer = Send(kName, options, request, &Service::Stub::ChangeApplicantPassword);
  Print(options, answer, "パスワードを変更しました (changed)\n");
}

// FormsOf are the forms of a file, or the one that --field spells out.
void AddForms(const OnboardingOptions& options, v1::SubmitApplicationRequest& request) {
  constexpr char kName[] = "onboarding apply";
  if (!options.fields.empty()) {
    v1::ApplicationForm& form = *request.add_forms();
    for (const std::string& text : options.fields) {
      const size_t equals = std::min(text.find('='), text.size());
      v1::FormField& field = *form.add_fields();
      field.set_field(text.substr(0, equals));
      field.set_value(equals < text.size() ? text.substr(equals + 1) : "");
    }
    return;
  }
  const ApplicationFile file = OrFail(kName, ReadApplicationFile(options.file));
  for (const ApplicationRow& row : file.rows) {
    v1::ApplicationForm& form = *request.add_forms();
    for (const ApplicationText& one : row.texts) {
      v1::FormField& field = *form.add_fields();
      field.set_field(one.field);
      field.set_value(one.text);
    }
  }
  if (file.is_group) request.set_group_name(file.group_name.empty() ? "-" : file.group_name);
  if (file.group_prescriptions) request.set_group_prescriptions(*file.group_prescriptions);
}

std::string RowsText(const v1::SubmitApplicationResponse& answer, bool check) {
  std::string text;
  for (int i = 0; i < answer.rows_size(); ++i) {
    const v1::SubmittedRow& row = answer.rows(i);
    if (row.has_application()) text += ApplicationLine(row.application());
    for (const std::string& line : row.working()) text += "  " + line + "\n";
    for (const v1::FieldFault& fault : row.faults()) {
      text += fmt::format("{}件目 {}: {}\n", i + 1, fault.field(), fault.description());
    }
  }
  if (check) text += "確かめただけです。出すには --check を外してください。(checked only)\n";
  return text;
}

void Submit(const OnboardingOptions& options) {
  v1::SubmitApplicationRequest whole;
  AddForms(options, whole);
  whole.set_kind(static_cast<v1::ApplicationKind>(options.kind));
  whole.set_application_id(options.application);
  v1::SubmitApplicationResponse all;
  Name(options, whole);
  if (options.request_id.empty() && whole.forms_size() > static_cast<int>(kMostForms)) {
    // What breaks off between two parts is gone on with by this.
    fmt::print(stderr, "onboarding apply: request id {}\n", whole.request_id());
  }
  for (int from = 0; from < whole.forms_size(); from += static_cast<int>(kMostForms)) {
    v1::SubmitApplicationRequest part = whole;
    part.clear_forms();
    const int end = std::min(whole.forms_size(), from + static_cast<int>(kMostForms));
    for (int i = from; i < end; ++i) *part.add_forms() = whole.forms(i);
    part.set_request_id(PartRequestId(whole.request_id(), from / static_cast<int>(kMostForms)));
    const auto answer = Send("onboarding apply", options, part, &Service::Stub::SubmitApplication);
    all.mutable_rows()->MergeFrom(answer.rows());
    all.set_audit_id(answer.audit_id());
  }
  Print(options, all, RowsText(all, options.check));
  const bool faults =
      std::any_of(all.rows().begin(), all.rows().end(),
                  [](const v1::SubmittedRow& row) { return !row.faults().empty(); });
  if (faults) throw CLI::RuntimeError(1);
}

void List(const OnboardingOptions& options) {
  v1::ListApplicationsRequest request;
  v1::ListApplicationsResponse all;
  do {
    const auto page = Send("onboarding list", options, request, &Service::Stub::ListApplications);
    all.mutable_applications()->MergeFrom(page.applications());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::string text = all.applications().empty() ? "申請はありません (none)\n" : "";
  for (const v1::Application& one : all.applications()) text += ApplicationLine(one);
  Print(options, all, text);
}

void Show(const OnboardingOptions& options) {
  v1::GetApplicationRequest request;
  request.set_application_id(options.application);
  const auto answer = Send("onboarding show", options, request, &Service::Stub::GetApplication);
  Print(options, answer, ApplicationTable(answer.application()));
}

template <class Request, class Response>
void Change(const char* command, const OnboardingOptions& options,
            grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                  Response*)) {
  Request request;
  Name(options, request);
  request.set_application_id(options.application);
  const auto answer = Send(command, options, request, method);
  Print(options, answer, ApplicationLine(answer.application()));
}

void News(const OnboardingOptions& options) {
  v1::ListNewsRequest request;
  request.set_after(options.after);
  const auto answer = Send("onboarding news", options, request, &Service::Stub::ListNews);
  std::string text = answer.messages().empty() ? "お知らせはありません (none)\n" : "";
  for (const v1::NewsMessage& one : answer.messages()) {
    text += fmt::format("{}  {}\n", one.number(), one.text());
  }
  Print(options, answer, text);
}

constexpr char kExampleEnd[] = " \\\n    --server onboarding.example:7446 --ca server-ca.pem\n";

struct Added {
  CLI::App* command;
  std::shared_ptr<OnboardingOptions> options;
};

Added AddOne(CLI::App& parent, const std::string& name, const std::string& description,
             bool with_session, const std::string& example) {
  Added added{parent.add_subcommand(name, description), std::make_shared<OnboardingOptions>()};
  OnboardingOptions& options = *added.options;
  AddFlagOrVariable(*added.command, "--server", "KAKUNIN_SERVER", options.client.server,
                    "HOST:PORT of the onboarding port")
      ->required();
  AddFlagOrVariable(*added.command, "--ca", "KAKUNIN_CA", options.client.ca,
                    "CA of the server's certificate (PEM)")
      ->required();
  added.command->add_option("--timeout", options.client.timeout_seconds, "Seconds for one call")
      ->check(CLI::Range(0.1, 600.0));
  added.command->add_flag("--json", options.client.json, "Print JSON");
  if (with_session) {
    AddFlagOrVariable(*added.command, "--session", "KAKUNIN_SESSION", options.session_file,
                      "File of the session (mode 0600)")
        ->required();
  }
  added.command->footer("Example:\n  kakunin onboarding " + example + kExampleEnd);
  return added;
}

void AddWrite(const Added& added) {
  added.command->add_option("--request-id", added.options->request_id,
                            "UUID of an earlier try whose outcome is unknown: it is done once");
  added.command->add_flag("--check", added.options->check, "Only check, and do nothing");
}

void AddId(const Added& added) {
  added.command->add_option("--application", added.options->application, "The application's id")
      ->required();
}

void AddAccountCommands(CLI::App& onboarding) {
  const Added enlist = AddOne(onboarding, "register", "Ask for an account", false,
                              "register --facility 1310000003 --name 見本診療所 --type clinic "
                              "--prefecture 13 --mail jimu@clinic.example.jp");
  enlist.command->add_option("--facility", enlist.options->facility, "Facility code, ten digits")
      ->required();
  enlist.command->add_option("--name", enlist.options->name, "Its name")->required();
  AddEnumOption<v1::FacilityType>(*enlist.command, "--type", enlist.options->type, "FACILITY_TYPE_",
                                  "Kind")
      ->required();
  enlist.command
      ->add_option("--prefecture", enlist.options->prefecture, "1 to 47, as the code begins")
      ->required();
  enlist.command->add_option("--mail", enlist.options->mail, "Where passwords are sent")
      ->required();
  AddWrite(enlist);
  enlist.command->callback([options = enlist.options] { Register(*options); });

  const Added log_in = AddOne(onboarding, "login", "Log in; the session goes to a file", true,
                              "login --account acc-0123456789ab --session session");
  log_in.command->add_option("--account", log_in.options->account, "As the registration told it")
      ->required();
  log_in.command->add_option("--password-file", log_in.options->password_file,
                             "File with the password (mode 0600); default: asked for");
  log_in.command->callback([options = log_in.options] { LogIn(*options); });

  const Added log_out = AddOne(onboarding, "logout", "End the session, and drop its file", true,
                               "logout --session session");
  log_out.command->callback([options = log_out.options] { LogOut(*options); });

  const Added change =
      AddOne(onboarding, "password", "Change the password", true, "password --session session");
  change.command->add_option("--password-file", change.options->password_file,
                             "File with the password that holds (mode 0600); default: asked for");
  change.command->add_option("--new-password-file", change.options->new_password_file,
                             "File with the new one (mode 0600); default: asked for");
  change.command->callback([options = change.options] { ChangePassword(*options); });
}

}  // namespace

void AddOnboardingCommand(CLI::App& app) {
  CLI::App* onboarding = app.add_subcommand(
      "onboarding", "Join: an account, applications, and how they stand (facilities)");
  onboarding->require_subcommand(1);
  onboarding->footer(
      "Examples:\n"
      "  kakunin onboarding register --help               begin with an account\n"
      "  kakunin onboarding apply clinic.toml --session session\n"
      "  kakunin onboarding list --session session        how the applications stand\n");
  AddAccountCommands(*onboarding);

  const Added apply = AddOne(*onboarding, "apply", "Hand in an application, or a group's", true,
                             "apply clinic.toml --session session");
  AddEnumOption<v1::ApplicationKind>(*apply.command, "--kind", apply.options->kind,
                                     "APPLICATION_KIND_", "What is applied for; default: use");
  CLI::Option* const file = apply.command->add_option(
      "file", apply.options->file, "TOML or CSV, as kakunin application check reads it");
  apply.command
      ->add_option("--field", apply.options->fields, "FIELD=VALUE, in place of a file; repeated")
      ->excludes(file);
  apply.command->add_option("--application", apply.options->application,
                            "The application that was returned, and is corrected by this");
  AddWrite(apply);
  apply.command->callback([options = apply.options] { Submit(*options); });

  const Added list = AddOne(*onboarding, "list", "List the account's applications", true,
                            "list --session session");
  list.command->callback([options = list.options] { List(*options); });

  const std::string id = " --application ID --session session";
  const Added show = AddOne(*onboarding, "show", "Show an application, its history and checklist",
                            true, "show" + id);
  AddId(show);
  show.command->callback([options = show.options] { Show(*options); });

  const Added withdraw =
      AddOne(*onboarding, "withdraw", "Take an application back", true, "withdraw" + id);
  AddId(withdraw);
  AddWrite(withdraw);
  withdraw.command->callback([options = withdraw.options] {
    Change("onboarding withdraw", *options, &Service::Stub::WithdrawApplication);
  });

  const Added start =
      AddOne(*onboarding, "request-start", "Ask to begin use; the checklist must be complete", true,
             "request-start" + id);
  AddId(start);
  AddWrite(start);
  start.command->callback([options = start.options] {
    Change("onboarding request-start", *options, &Service::Stub::RequestStartOfUse);
  });

  const Added end =
      AddOne(*onboarding, "ground-end", "Tell the day on which the restricted type's ground ends",
             true, "ground-end --facility 1310000003 --ending-day 2027-04-01 --session session");
  end.command->add_option("--facility", end.options->facility, "Its code, ten digits")->required();
  end.command
      ->add_option("--ending-day", end.options->ending_day,
                   "(2): the day from which the line is available; (4), (6): the last day")
      ->required();
  AddWrite(end);
  end.command->callback([options = end.options] { ReportGroundEnd(*options); });

  const Added news =
      AddOne(*onboarding, "news", "What the account was told", true, "news --session session");
  news.command->add_option("--after", news.options->after, "Only what has a higher number");
  news.command->callback([options = news.options] { News(*options); });
}

}  // namespace kakunin
