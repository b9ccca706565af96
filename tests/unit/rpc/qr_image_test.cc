#include "server/rpc/qr_image.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

constexpr char kUrl[] = "https://uketsuke.example.jp/#0123456789abcdef0123456789abcdef";

// The three corners that a reader finds a code by: a ring and a heart.
bool HasFinder(const QrImage& image, int left, int top) {
  for (int y = 0; y < 7; ++y) {
    for (int x = 0; x < 7; ++x) {
      const bool ring = x == 0 || x == 6 || y == 0 || y == 6;
      const bool heart = x >= 2 && x <= 4 && y >= 2 && y <= 4;
      if (image.IsBlack(left + x, top + y) != (ring || heart)) return false;
    }
  }
  return true;
}

TEST(QrImage, IsASquareWithItsFindersInAQuietZone) {
  const QrImage image(kUrl);
  EXPECT_EQ((image.side() - 8 - 17) % 4, 0);
  const int far = image.side() - 4 - 7;
  EXPECT_TRUE(HasFinder(image, 4, 4));
  EXPECT_TRUE(HasFinder(image, far, 4));
  EXPECT_TRUE(HasFinder(image, 4, far));
  EXPECT_FALSE(HasFinder(image, far, far));
  for (int i = 0; i < image.side(); ++i) {
    for (int edge = 0; edge < 4; ++edge) {
      EXPECT_FALSE(image.IsBlack(i, edge) || image.IsBlack(edge, i));
      EXPECT_FALSE(image.IsBlack(i, image.side() - 1 - edge) ||
                   image.IsBlack(image.side() - 1 - edge, i));
    }
  }
}

TEST(QrImage, OtherTextsMakeOtherCodes) {
  EXPECT_EQ(QrImage(kUrl).Svg(), QrImage(kUrl).Svg());
  EXPECT_NE(QrImage(kUrl).Svg(), QrImage(std::string(kUrl) + "0").Svg());
}

TEST(QrImage, PngAndSvgAreAsLargeAsTheCode) {
  const QrImage image(kUrl);
  const std::string png = image.Png();
  ASSERT_GT(png.size(), 24u);
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  const auto number = [&](size_t at) {
    int value = 0;
    for (size_t i = 0; i < 4; ++i) value = value * 256 + static_cast<uint8_t>(png[at + i]);
    return value;
  };
  EXPECT_EQ(number(16), image.side() * 8);
  EXPECT_EQ(number(20), image.side() * 8);
  EXPECT_LT(png.size(), 10000u);
  const std::string svg = image.Svg();
  EXPECT_NE(svg.find("viewBox=\"0 0 " + std::to_string(image.side()) + " "), std::string::npos);
  EXPECT_EQ(svg.find("uketsuke"), std::string::npos);
}

}  // namespace
}  // namespace kakunin
