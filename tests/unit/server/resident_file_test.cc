#include "server/resident_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/unit/dev/temporary_folder.h"

namespace kakunin {
namespace {

constexpr char kHeader[] =
    "issuer_key_id,serial,medium,individual_number,replaces_issuer_key_id,replaces_serial\n";
const std::string kIssuerHex(64, 'a');
const std::string kIssuer(32, '\xaa');
constexpr char kNumber[] = "123456789018";  // its check digit is right

class ResidentFileTest : public testing::Test {
 protected:
  void Write(const std::string& content, mode_t mode = 0600) const {
    const std::string next = file_.string() + ".next";
    std::ofstream(next) << content;
    ASSERT_EQ(chmod(next.c_str(), mode), 0);
    std::filesystem::rename(next, file_);
  }
  static std::string Line(const std::string& serial, const std::string& medium = "card",
                          const std::string& number = kNumber, const std::string& replaces = "") {
    return kIssuerHex + "," + serial + "," + medium + "," + number + "," +
           (replaces.empty() ? "" : kIssuerHex) + "," + replaces + "\n";
  }
  // Fault is what is said of a file with these lines.
  std::string Fault(const std::string& lines) {
    Write(kHeader + lines);
    return std::string(registry_.FindHolder({kIssuer, "\x01"}).status().message());
  }

  const dev::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "residents.csv";
  ResidentFile registry_{file_};
};

TEST_F(ResidentFileTest, TellsTheHolderAndWhatTheCardReplaces) {
  Write(kHeader + Line("01") + Line("0aFF", "iphone", kNumber, "01"));
  auto holder = registry_.FindHolder({kIssuer, "\x0a\xff"});
  ASSERT_TRUE(holder.ok()) << holder.status();
  ASSERT_TRUE(holder->has_value());
  EXPECT_EQ((*holder)->individual_number.Reveal(), kNumber);
  EXPECT_EQ((*holder)->medium, 3);
  ASSERT_TRUE((*holder)->replaces.has_value());
  EXPECT_EQ((*holder)->replaces->issuer_key_id, kIssuer);
  EXPECT_EQ((*holder)->replaces->serial, "\x01");
  holder = registry_.FindHolder({kIssuer, "\x01"});
  ASSERT_TRUE(holder.ok() && holder->has_value());
  EXPECT_EQ((*holder)->medium, 1);
  EXPECT_FALSE((*holder)->replaces.has_value());
  EXPECT_FALSE(registry_.FindHolder({kIssuer, "\x02"})->has_value());
  EXPECT_FALSE(registry_.FindHolder({std::string(32, 'x'), "\x01"})->has_value());
}

TEST_F(ResidentFileTest, ReadsAReplacedFileAgain) {
  Write(kHeader + Line("01"));
  EXPECT_TRUE(registry_.FindHolder({kIssuer, "\x01"})->has_value());
  Write(kHeader + Line("02"));
  EXPECT_FALSE(registry_.FindHolder({kIssuer, "\x01"})->has_value());
  EXPECT_TRUE(registry_.FindHolder({kIssuer, "\x02"})->has_value());
  std::filesystem::remove(file_);
  EXPECT_FALSE(registry_.FindHolder({kIssuer, "\x02"}).ok());
  Write(kHeader);
  EXPECT_FALSE(registry_.FindHolder({kIssuer, "\x02"})->has_value());
}

TEST_F(ResidentFileTest, RefusesAFileWithAWrongLineAndNamesTheLineOnly) {
  const std::string wrong[] = {
      Line("00"),                          // zero
      Line("0001"),                        // a leading zero octet
      Line(std::string(42, '1')),          // above 20 octets
      Line("0x"),                          // no hexadecimal digits
      Line(""),                            // none
      Line("02", "passport"),              // no medium
      Line("02", "card", "123456789012"),  // wrong check digit
      Line("02", "card", "12345678901"),   // too short
      Line("02", "card", kNumber, "02"),   // replaces itself
      Line("02", "card", kNumber, "zz"),   // replaces nothing
      Line("01"),                          // a card twice
      "aa,02,card," + std::string(kNumber) + ",,\n",
      kIssuerHex + ",02,card," + kNumber + "\n",
      kIssuerHex + ",02,card," + kNumber + ",,,\n",
      "\n",
  };
  for (const std::string& line : wrong) {
    const std::string fault = Fault(Line("01") + line + Line("03"));
    EXPECT_TRUE(fault.starts_with(file_.string() + ":3: ")) << line << fault;
    EXPECT_EQ(fault.find(kNumber), std::string::npos);
  }
  EXPECT_EQ(Fault(Line("01") + Line("03")), "");
  Write("issuer,serial\n");
  EXPECT_NE(registry_.FindHolder({kIssuer, "\x01"}).status().message().find(":1: "),
            absl::string_view::npos);
}

TEST_F(ResidentFileTest, RefusesAFileThatOthersMayRead) {
  Write(kHeader + Line("01"), 0640);
  EXPECT_FALSE(registry_.FindHolder({kIssuer, "\x01"}).ok());
}

}  // namespace
}  // namespace kakunin
