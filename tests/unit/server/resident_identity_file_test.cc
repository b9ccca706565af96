#include "server/resident_identity_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "server/usecases/feed_keys.h"
#include "tests/unit/dev/temporary_folder.h"

namespace kakunin {
namespace {

constexpr char kHeader[] =
    "individual_number,name,name_kana,other_name,other_name_kana,birth_date,sex,address\n";
// Their check digits are right.
constexpr char kNumber[] = "123456789018";
constexpr char kOther[] = "987654321093";
constexpr char kStranger[] = "111111111118";

class ResidentIdentityFileTest : public testing::Test {
 protected:
  void Write(const std::string& lines, mode_t mode = 0600) const {
    const std::string next = file_.string() + ".next";
    std::ofstream(next) << kHeader << lines;
    ASSERT_EQ(chmod(next.c_str(), mode), 0);
    std::filesystem::rename(next, file_);
  }
  static std::string Line(const std::string& number, const std::string& name = "見本　太郎",
                          const std::string& address = "東京都みどり野市緑町1丁目2",
                          const std::string& birth = "1970-01-01") {
    return number + "," + name + ",ミホン　タロウ,,," + birth + ",male," + address + "\n";
  }
  Digest32 Hash(const std::string& number) const {
    return HashOf(key_, *IndividualNumber::Parse(number)).hash;
  }
  // Finds one, whom the file must hold.
  ResidentIdentity Find(const std::string& number) {
    const Digest32 hash = Hash(number);
    const auto found = residents_.FindIdentities({&hash, 1});
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() && (*found)[0] ? *(*found)[0] : ResidentIdentity();
  }

  const auth::HmacKey key_{"number key of the test ........", "n"};
  const dev::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "identities.csv";
  ResidentIdentityFile residents_{file_, key_};
};

TEST_F(ResidentIdentityFileTest, TellsResidentsByTheHashesOfTheirNumbersInOrder) {
  Write(Line(kNumber) + std::string(kOther) +
        ",ＡＮＮ　ＬＥＥ,アン　リー,山田　杏,ヤマダ　アン,1999-12-31,female,大阪府あおい市1\n");
  const Digest32 asked[] = {Hash(kOther), Hash(kStranger), Hash(kNumber)};
  const auto found = residents_.FindIdentities(asked);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 3u);
  ASSERT_TRUE((*found)[0]);
  EXPECT_EQ((*found)[0]->name.original, "ＡＮＮ　ＬＥＥ");
  EXPECT_EQ((*found)[0]->other_name.kana, "ヤマダ　アン");
  EXPECT_EQ((*found)[0]->birth_date, absl::CivilDay(1999, 12, 31));
  EXPECT_EQ((*found)[0]->sex, Sex::kFemale);
  EXPECT_FALSE((*found)[0]->has_double);
  EXPECT_FALSE((*found)[1]);
  ASSERT_TRUE((*found)[2]);
  EXPECT_EQ((*found)[2]->address, "東京都みどり野市緑町1丁目2");
  EXPECT_EQ(residents_.Count(), 2);
}

TEST_F(ResidentIdentityFileTest, KnowsWhoHasADoubleHoweverTheyAreSpelled) {
  // A twin of the same sound, at the same address in another spelling.
  Write(Line(kNumber) + Line(kOther, "見本　多郎", "みどり野市緑町１－２"));
  EXPECT_TRUE(Find(kNumber).has_double);
  EXPECT_TRUE(Find(kOther).has_double);
  // A namesake born on the same day, somewhere else.
  Write(Line(kNumber) + Line(kOther, "見本太郎", "大阪府あおい市1"));
  EXPECT_TRUE(Find(kNumber).has_double);
  // Two facts apart, they are not.
  Write(Line(kNumber) + Line(kOther, "見本　多郎", "大阪府あおい市1"));
  EXPECT_FALSE(Find(kNumber).has_double);
  Write(Line(kNumber) + Line(kOther, "見本　太郎", "大阪府あおい市1", "1970-01-02"));
  EXPECT_FALSE(Find(kOther).has_double);
}

TEST_F(ResidentIdentityFileTest, ReadsAReplacedFileAgain) {
  Write(Line(kNumber));
  EXPECT_TRUE(residents_.Read().ok());
  Write(Line(kOther, "別人　次郎"));
  EXPECT_EQ(Find(kOther).name.original, "別人　次郎");
  EXPECT_EQ(Find(kNumber).name.original, "");
  std::filesystem::remove(file_);
  EXPECT_FALSE(residents_.Read().ok());
  EXPECT_EQ(residents_.Count(), 0);
}

TEST_F(ResidentIdentityFileTest, RefusesAFileWithAWrongLineAndNamesTheLineOnly) {
  const std::string wrong[] = {
      Line("123456789019"),                                      // check digit
      Line("12345678901"),                                       // eleven digits
      Line(kOther, "見本　太郎", "東京都", "1970-02-30"),        // no day
      Line(kOther, "見本　太郎", "東京都,千代田区"),             // a field too many
      std::string(kOther) + ",a,b,,,1970-01-01,other,東京都\n",  // no sex
      std::string(kOther) + ",a,b,,,1970-01-01,male\n",          // a field too few
      Line(kNumber),                                             // twice
      "\n",
  };
  for (const std::string& line : wrong) {
    Write(Line(kNumber) + line);
    const absl::Status status = residents_.Read();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << line;
    const std::string told(status.message());
    EXPECT_NE(told.find(file_.string() + ":3:"), std::string::npos) << told;
    EXPECT_EQ(told.find("見本"), std::string::npos);
    EXPECT_EQ(told.find("1234567890"), std::string::npos);
    const Digest32 hash = Hash(kNumber);
    EXPECT_FALSE(residents_.FindIdentities({&hash, 1}).ok());
  }
}

TEST_F(ResidentIdentityFileTest, RefusesAFileThatOthersMayRead) {
  Write(Line(kNumber), 0644);
  EXPECT_FALSE(residents_.Read().ok());
}

}  // namespace
}  // namespace kakunin
