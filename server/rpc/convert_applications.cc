#include "server/rpc/convert_applications.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/encoding.h"
#include "auth/uuid.h"
#include "domain/password_rule.h"
#include "server/application_input/application_form.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_terminals.h"
#include "server/rpc/page_place.h"

namespace kakunin {
namespace {

constexpr int kPage = 50;
constexpr int kLargestPage = 200;
constexpr int kMostForms = 100;
constexpr int kMostFields = 40;
constexpr size_t kMostNameCharacters = 200;
constexpr size_t kMostValueCharacters = 200;
constexpr size_t kMostPasswordOctets = 1024;
constexpr int kPrefectures = 47;

constexpr std::string_view kAccountForm =
    "「acc-」と12桁の英数字です。登録の回答を確かめてください。";
constexpr std::string_view kPrefectureForm = "1から47までの都道府県番号を入力してください。";
constexpr std::string_view kPrefectureDiffers =
    "医療機関等コードの先頭2桁の都道府県番号と違います。どちらかを直してください。";
constexpr std::string_view kMailForm = "メールアドレスの形式が正しくありません。";
constexpr std::string_view kPageSize = "1件から200件までで指定してください。";
constexpr std::string_view kNotAPlace = "前の回答にあった続きの指定をそのまま送ってください。";
constexpr std::string_view kPasswordMalformed =
    "使えない文字があります。文字と記号だけで入力してください。";
constexpr std::string_view kTooManyForms = "1回に100施設までです。分けて申請してください。";
constexpr std::string_view kTooManyFields = "項目は40個までです。";
constexpr std::string_view kOneForm =
    "施設ごとの申請は1件ずつです。複数の施設は group_name を入力して利用申請してください。";

int ReadPageSize(FieldErrors& errors, int32_t page_size) {
  const int limit = page_size == 0 ? kPage : page_size;
  if (limit < 1 || limit > kLargestPage) errors.Add("page_size", kPageSize);
  return limit;
}

FormToSubmit ReadForm(FieldErrors& errors, int index, ApplicationKind kind,
                      const v1::ApplicationForm& form) {
  FormToSubmit read;
  if (form.fields_size() > kMostFields) {
    errors.Add(FieldAt("forms", index, "fields"), kTooManyFields);
    return read;
  }
  std::vector<FormField> fields;
  for (int i = 0; i < form.fields_size(); ++i) {
    const v1::FormField& field = form.fields(i);
    const std::string path = FieldAt("forms", index, FieldAt("fields", i));
    RequiredLine(errors, path + ".field", field.field(), kMostValueCharacters);
    OptionalLine(errors, path + ".value", field.value(), kMostValueCharacters);
    fields.push_back({field.field(), field.value()});
  }
  if (!errors.empty()) return read;
  FormReading reading = ReadApplicationForm(kind, fields);
  read.content = std::move(reading.content);
  read.unread = std::move(reading.violations);
  read.canonical = CanonicalForm(fields);
  const std::string& code = read.content.facility_code;
  const bool digits =
      code.size() == 10 && std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
  if (kind != ApplicationKind::kUse && !digits) {
    read.unread.push_back({"facility_code", "半角数字10桁で入力してください。"});
  }
  return read;
}

}  // namespace

void ReadApplicantName(FieldErrors& errors, const std::string& account) {
  if (account.empty()) {
    errors.Add("account", kFieldMissing);
  } else if (!IsApplicantName(account)) {
    errors.Add("account", kAccountForm);
  }
}

ApplicantAccount ReadRegistration(FieldErrors& errors,
                                  const v1::RegisterApplicantRequest& request) {
  ApplicantAccount wanted{.facility_code = request.facility_code(),
                          .facility_name = request.facility_name(),
                          .prefecture = request.prefecture(),
                          .mail = request.mail()};
  const bool code = RequiredDigits(errors, "facility_code", request.facility_code(), 10);
  RequiredLine(errors, "facility_name", request.facility_name(), kMostNameCharacters);
  wanted.facility_type =
      RequiredEnum<FacilityType>(errors, "facility_type", request.facility_type())
          .value_or(FacilityType::kClinic);
  if (request.prefecture() < 1 || request.prefecture() > kPrefectures) {
    errors.Add("prefecture", kPrefectureForm);
  } else if (code &&
             request.facility_code().substr(0, 2) != fmt::format("{:02}", request.prefecture())) {
    errors.Add("prefecture", kPrefectureDiffers);
  }
  if (request.mail().empty()) {
    errors.Add("mail", kFieldMissing);
  } else if (!IsMailAddress(request.mail())) {
    errors.Add("mail", kMailForm);
  }
  return wanted;
}

std::string ReadOldPassword(FieldErrors& errors, std::string_view field, const std::string& typed) {
  if (typed.empty()) errors.Add(std::string(field), kFieldMissing);
  if (typed.size() > kMostPasswordOctets) {
    errors.Add(std::string(field), SentenceOf(PasswordFault::kTooLong));
    return {};
  }
  const auto text = ReadPassword(typed);
  if (!text) errors.Add(std::string(field), kPasswordMalformed);
  return text ? text->utf8 : std::string();
}

std::string ReadNewPassword(FieldErrors& errors, std::string_view field, const std::string& typed,
                            const ApplicantAccount& account) {
  FieldErrors form;
  std::string password = ReadOldPassword(form, field, typed);
  for (const FieldViolation& fault : form.violations()) errors.Add(fault.field, fault.description);
  if (!form.empty()) return password;
  for (const PasswordFault fault :
       PasswordFaults(*ReadPassword(typed), account.account, account.facility_code)) {
    errors.Add(std::string(field), SentenceOf(fault));
  }
  return password;
}

Submission ReadSubmission(FieldErrors& errors, const v1::SubmitApplicationRequest& request) {
  Submission submission;
  const auto kind = RequiredEnum<ApplicationKind>(errors, "kind", request.kind());
  submission.kind = kind.value_or(ApplicationKind::kUse);
  OptionalLine(errors, "group_name", request.group_name(), kMostNameCharacters);
  submission.group_name = request.group_name();
  if (request.group_prescriptions() < 0) errors.Add("group_prescriptions", kFieldMalformed);
  if (request.group_prescriptions() > 0) {
    submission.group_prescriptions = request.group_prescriptions();
  }
  submission.corrects =
      OptionalUuid<ApplicationId>(errors, "application_id", request.application_id());
  const bool may_be_many =
      submission.kind == ApplicationKind::kUse && !request.group_name().empty();
  if (request.forms().empty()) {
    errors.Add("forms", kFieldMissing);
  } else if (request.forms_size() > kMostForms) {
    errors.Add("forms", kTooManyForms);
  } else if ((request.forms_size() > 1 && !may_be_many) ||
             (!request.group_name().empty() && submission.kind != ApplicationKind::kUse) ||
             (submission.corrects && request.forms_size() > 1)) {
    errors.Add("forms", kOneForm);
  }
  if (!errors.empty() && !kind) return submission;
  for (int i = 0; i < std::min(request.forms_size(), kMostForms); ++i) {
    submission.forms.push_back(ReadForm(errors, i, submission.kind, request.forms(i)));
  }
  return submission;
}

void ReadApplicationPage(FieldErrors& errors, int32_t page_size, const std::string& page_token,
                         ApplicationRange& range) {
  range.limit = ReadPageSize(errors, page_size);
  if (page_token.empty()) return;
  const auto place = PlaceOfPageToken(page_token);
  const auto id = place ? auth::HexDecode(place->second) : std::nullopt;
  if (!id || id->size() != range.after_id.octets.size())
    return errors.Add("page_token", kNotAPlace);
  range.after = place->first;
  std::copy(id->begin(), id->end(), range.after_id.octets.begin());
}

void ReadApplicantPage(FieldErrors& errors, int32_t page_size, const std::string& page_token,
                       ApplicantRange& range) {
  range.limit = ReadPageSize(errors, page_size);
  if (page_token.empty()) return;
  const auto place = PlaceOfPageToken(page_token);
  if (!place || !IsApplicantName(place->second)) return errors.Add("page_token", kNotAPlace);
  range.after = place->first;
  range.after_account = place->second;
}

std::string PageAfter(const Application& last) {
  return PageTokenOf(last.first_submitted, auth::HexEncode(last.id.octets));
}

std::string PageAfter(const ApplicantAccount& last) {
  return PageTokenOf(last.registered, last.account);
}

void SetApplicant(const ApplicantAccount& account, absl::Time now, v1::Applicant& out) {
  out.set_account(account.account);
  out.set_facility_code(account.facility_code);
  out.set_facility_name(account.facility_name);
  out.set_facility_type(static_cast<v1::FacilityType>(account.facility_type));
  out.set_prefecture(account.prefecture);
  out.set_mail(account.mail);
  out.set_state(static_cast<v1::ApplicantState>(StateAt(account, now)));
  *out.mutable_register_time() = TimeToProto(account.registered);
  if (account.confirmed) *out.mutable_confirm_time() = TimeToProto(*account.confirmed);
  out.set_confirmed_by(account.confirmed_by);
  out.set_password_change_needed(NeedsPasswordChange(account));
}

void SetApplication(const Application& application, v1::Application& out) {
  out.set_application_id(auth::UuidText(application.id.octets));
  out.set_account(application.account);
  out.set_kind(static_cast<v1::ApplicationKind>(application.kind));
  out.set_state(static_cast<v1::ApplicationState>(application.state));
  out.set_facility_code(application.facility_code);
  out.set_facility_name(application.facility_name);
  out.set_group_name(application.group_name);
  out.set_version(application.version);
  *out.mutable_first_submit_time() = TimeToProto(application.first_submitted);
  *out.mutable_change_time() = TimeToProto(application.changed);
  if (application.start_requested) {
    *out.mutable_start_request_time() = TimeToProto(*application.start_requested);
  }
}

void SetShown(const ShownApplication& shown, v1::Application& out) {
  SetApplication(shown.application, out);
  for (const FormField& field :
       ReadForm(shown.version.content).value_or(std::vector<FormField>())) {
    v1::FormField& one = *out.mutable_form()->add_fields();
    one.set_field(field.field);
    one.set_value(field.value);
  }
  std::string_view working = shown.version.working;
  while (!working.empty()) {
    const size_t end = std::min(working.find('\n'), working.size());
    out.add_working(std::string(working.substr(0, end)));
    working.remove_prefix(std::min(end + 1, working.size()));
  }
  for (const ApplicationStep& step : shown.steps) {
    v1::ApplicationStep& one = *out.add_steps();
    *one.mutable_time() = TimeToProto(step.at);
    one.set_actor(step.actor);
    one.set_event(static_cast<v1::ApplicationEvent>(step.event));
    one.set_state(static_cast<v1::ApplicationState>(step.state));
    one.set_note(step.note);
  }
  if (!shown.checklist) return;
  const IntroductionType type =
      shown.application.introduction_type.value_or(IntroductionType::kFull);
  for (int number = 1; number <= kOperationTestItems; ++number) {
    const auto item = static_cast<OperationTestItem>(number);
    v1::OperationTestItem& one = *out.add_operation_test();
    one.set_item(std::string(KeyOf(item)));
    one.set_name(std::string(NameOf(item)));
    one.set_ticked(shown.checklist->IsTicked(item));
    one.set_needed(NeedsItem(type, item));
  }
}

}  // namespace kakunin
