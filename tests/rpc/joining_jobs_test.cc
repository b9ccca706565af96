// The timed jobs of joining over PostgreSQL: reminders of a ground's end, mail, and accounts that
// nobody confirmed.
#include "server/joining_jobs.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "storage/postgres/joining_job_store.h"
#include "tests/rpc/onboarding_fixture.h"

namespace kakunin {
namespace {

using ::testing::HasSubstr;

class FailingSender final : public MailSender {
 public:
  absl::Status Send(const MailMessage& message) override {
    if (message.to == refused) return absl::InternalError("the disk is full");
    sent.push_back(message);
    return absl::OkStatus();
  }
  std::string refused;
  std::vector<MailMessage> sent;
};

class JoiningJobsTest : public OnboardingServiceTest {
 protected:
  JoiningJobsTest() : folder_(std::filesystem::temp_directory_path() / ("mail-" + TestUuid())) {
    std::filesystem::create_directory(folder_);
  }
  ~JoiningJobsTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<JoiningJobs> Jobs(MailSender* sender) {
    return std::make_unique<JoiningJobs>(JoiningJobsBackend{.database = *database_jobs_,
                                                            .jobs = jobs_,
                                                            .applications = applications_,
                                                            .clock = clock_,
                                                            .mail = sender,
                                                            .mail_from = "kakunin@example.jp"});
  }
  // A facility of the restricted type whose ground ends on `last`.
  void RestrictedThrough(absl::CivilDay last) {
    const std::string token = Session();
    const std::string id = Submitted(token);
    ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE), "");
    database_.Exec(
        "UPDATE kakunin.facility SET introduction_type = 2, ground = 6,"
        " ground_ending_day = '" +
        absl::FormatCivilTime(last) + "' WHERE facility_code = '1319999999'");
  }
  int64_t News() const {
    return std::stoll(
        Text("SELECT count(*) FROM kakunin.applicant_news WHERE text LIKE '%資格確認限定型%'"));
  }
  std::string Waiting() const { return Text("SELECT count(*) FROM kakunin.applicant_mail"); }
  void GoTo(absl::CivilDay day) { clock_.Advance(StartOfDay(day) - clock_.Now()); }
  static std::string ReadFile(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  const std::filesystem::path folder_;
  const std::unique_ptr<PostgresDatabase> database_jobs_ = database_.Open("kakunin_job", 2);
  PostgresJoiningJobStore jobs_;
};

TEST_F(JoiningJobsTest, RemindsOnItsDaysOnceAndTellsTheEnd) {
  const absl::CivilDay last = CivilDayAt(clock_.Now()) + 100;
  RestrictedThrough(last);
  const auto jobs = Jobs(nullptr);
  const auto other = Jobs(nullptr);  // another server
  int64_t told = 0;
  for (const int before : kReminderDaysBefore) {
    clock_.Advance(StartOfDay(last - before) - absl::Seconds(1) - clock_.Now());
    ASSERT_TRUE(jobs->Remind().ok());
    EXPECT_EQ(News(), told) << before;
    GoTo(last - before);
    ASSERT_TRUE(jobs->Remind().ok());
    ASSERT_TRUE(other->Remind().ok());
    ASSERT_TRUE(jobs->Remind().ok());
    EXPECT_EQ(News(), ++told) << before;
  }
  GoTo(last + 1);
  ASSERT_TRUE(jobs->Remind().ok());
  ASSERT_TRUE(jobs->Remind().ok());
  EXPECT_EQ(News(), ++told);
  EXPECT_THAT(Text("SELECT text FROM kakunin.applicant_news ORDER BY number DESC LIMIT 1"),
              testing::AllOf(HasSubstr("終わりました"), HasSubstr("外来型")));
}

TEST_F(JoiningJobsTest, AReportThatComesLateIsToldAtOnce) {
  RestrictedThrough(CivilDayAt(clock_.Now()) + 20);
  ASSERT_TRUE(Jobs(nullptr)->Remind().ok());
  EXPECT_EQ(News(), 1);
}

TEST_F(JoiningJobsTest, NewsAreMailedOnceAsFilesWithoutWhatAnybodyWrote) {
  const std::string token = Session();
  const std::string id = Submitted(token);
  ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_RETURN, 1, "患者 山田太郎 の件"), "");
  ASSERT_EQ(Waiting(), "1");
  FileMailSender sender(folder_);
  const auto jobs = Jobs(&sender);
  ASSERT_TRUE(jobs->Mail().ok());
  EXPECT_EQ(Waiting(), "0");
  const auto path = folder_ / (account_ + "-1.eml");
  const std::string mail = ReadFile(path);
  EXPECT_THAT(mail, HasSubstr("To: jimu@clinic.example.jp\r\n"));
  EXPECT_THAT(mail, HasSubstr("From: kakunin@example.jp\r\n"));
  EXPECT_THAT(mail, HasSubstr("Message-ID: <" + account_ + "-1@example.jp>\r\n"));
  std::string body = mail.substr(mail.find("\r\n\r\n") + 4);
  std::erase(body, '\r');
  std::erase(body, '\n');
  std::string text;
  ASSERT_TRUE(absl::Base64Unescape(body, &text));
  EXPECT_THAT(text, HasSubstr("見本診療所"));
  EXPECT_THAT(text, HasSubstr("差戻し"));
  EXPECT_THAT(text, testing::Not(HasSubstr("山田太郎")));
  for (const std::string& line : {mail}) EXPECT_EQ(line.find("\n\n"), std::string::npos);
  std::filesystem::remove(path);
  ASSERT_TRUE(jobs->Mail().ok());
  EXPECT_FALSE(std::filesystem::exists(path)) << "sent once";
}

TEST_F(JoiningJobsTest, ASenderThatFailsLosesNoNewsAndHoldsNoOtherMailUp) {
  const std::string first = Submitted(Session());
  ASSERT_EQ(Decide(second_, first, v1::APPLICATION_EVENT_RETURN, 1, "x"), "");
  database_.Exec("UPDATE kakunin.applicant SET mail = 'full@example.jp'");
  const std::string second = Submitted(Session("1318888881"), "1318888881");
  ASSERT_EQ(Decide(second_, second, v1::APPLICATION_EVENT_RETURN, 1, "x"), "");
  FailingSender sender;
  sender.refused = "full@example.jp";
  const auto jobs = Jobs(&sender);
  EXPECT_FALSE(jobs->Mail().ok());
  EXPECT_EQ(jobs->Failures(), 1);
  ASSERT_EQ(sender.sent.size(), 1u);
  EXPECT_EQ(sender.sent[0].to, "jimu@clinic.example.jp");
  EXPECT_EQ(Waiting(), "1");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.applicant_news"), "2");
  sender.refused.clear();
  EXPECT_TRUE(jobs->Mail().ok());
  EXPECT_EQ(sender.sent.size(), 2u);
  EXPECT_EQ(Waiting(), "0");
  // A folder that is not there is a failure, too.
  ASSERT_EQ(Decide(second_, first, v1::APPLICATION_EVENT_RETURN, 1, "again"), "");
  FileMailSender nowhere(folder_ / "nowhere");
  EXPECT_FALSE(Jobs(&nowhere)->Mail().ok());
  EXPECT_EQ(Waiting(), "1");
}

TEST_F(JoiningJobsTest, MailThatNobodyCouldSendIsGivenUpAfterThirtyDaysAndTheNewsStay) {
  const std::string id = Submitted(Session());
  ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_RETURN, 1, "x"), "");
  const auto jobs = Jobs(nullptr);
  clock_.Advance(JoiningJobs::kMailWaits);
  ASSERT_TRUE(jobs->Mail().ok());
  EXPECT_EQ(Waiting(), "1");
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(jobs->Mail().ok());
  EXPECT_EQ(Waiting(), "0");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.applicant_news"), "1");
}

TEST_F(JoiningJobsTest, AccountsThatNobodyConfirmedAreDeletedAfterThirtyDays) {
  const std::string confirmed = Register();
  ASSERT_EQ(ConfirmAccount(confirmed), "");
  const std::string unconfirmed = Register("1318888881");
  const auto jobs = Jobs(nullptr);
  const auto left = [&] { return Text("SELECT count(*) FROM kakunin.applicant"); };
  clock_.Advance(kRegistrationWaits - absl::Seconds(1));
  ASSERT_TRUE(jobs->DeleteUnconfirmed().ok());
  EXPECT_EQ(left(), "2");
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(jobs->DeleteUnconfirmed().ok());
  EXPECT_EQ(Text("SELECT account FROM kakunin.applicant"), confirmed);
  EXPECT_EQ(ConfirmAccount(unconfirmed), "APPLICANT_NOT_FOUND");
}

TEST(WriteMail, HasLinesOfCrLfAndFoldsLongSubjects) {
  std::string subject;
  for (int i = 0; i < 40; ++i) subject += "資格";
  const std::string mail = WriteMail({.id = "acc-1",
                                      .from = "a@b.example",
                                      .to = "c@d.example",
                                      .subject = subject,
                                      .text = std::string(1000, 'x'),
                                      .at = absl::FromUnixSeconds(1796914800)});
  for (size_t at = mail.find('\n'); at != std::string::npos; at = mail.find('\n', at + 1)) {
    EXPECT_EQ(mail[at - 1], '\r');
  }
  std::string read;
  for (size_t at = mail.find("=?UTF-8?B?"); at != std::string::npos;
       at = mail.find("=?UTF-8?B?", at + 1)) {
    const size_t end = mail.find("?=", at);
    EXPECT_LE(end + 2 - at, 75u);
    std::string word;
    ASSERT_TRUE(absl::Base64Unescape(mail.substr(at + 10, end - at - 10), &word));
    EXPECT_NE(static_cast<unsigned char>(word.front()) & 0xC0, 0x80) << "no character is cut";
    read += word;
  }
  EXPECT_EQ(read, subject);
  EXPECT_THAT(mail, HasSubstr("Date: Fri, 11 Dec 2026 00:00:00 +0900\r\n"));
}

}  // namespace
}  // namespace kakunin
