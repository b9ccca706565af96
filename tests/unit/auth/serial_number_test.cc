#include "auth/serial_number.h"

#include <gtest/gtest.h>

#include "auth/digest.h"
#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

TEST(SerialNumber, KeepsTheBigEndianFormWithoutLeadingZeros) {
  EXPECT_EQ(HexEncode(SerialNumber(0x06D18006).bytes()), "06d18006");
  EXPECT_EQ(HexEncode(SerialNumber(UINT64_MAX).bytes()), "ffffffffffffffff");
  EXPECT_EQ(SerialNumber::FromBigEndian(AsBytes(std::string_view("\x00\x80", 2))),
            SerialNumber(0x80));
  EXPECT_EQ(SerialNumber(0x06D18006).ToUint64(), 0x06D18006u);
}

TEST(SerialNumber, RefusesZeroAndTooLong) {
  EXPECT_EQ(SerialNumber::FromBigEndian(AsBytes(std::string(3, '\0'))), std::nullopt);
  EXPECT_EQ(SerialNumber::FromBigEndian({}), std::nullopt);
  EXPECT_TRUE(SerialNumber::FromBigEndian(AsBytes(std::string(20, '\x01'))));
  EXPECT_EQ(SerialNumber::FromBigEndian(AsBytes(std::string(21, '\x01'))), std::nullopt);
}

TEST(SerialNumber, OrdersByValue) {
  EXPECT_LT(SerialNumber(0xff), SerialNumber(0x100));
  EXPECT_LT(SerialNumber(UINT64_MAX), *SerialNumber::FromBigEndian(AsBytes(std::string(9, '\1'))));
  EXPECT_EQ(SerialNumber::FromBigEndian(AsBytes(std::string(9, '\1')))->ToUint64(), std::nullopt);
}

}  // namespace
}  // namespace kakunin::auth
