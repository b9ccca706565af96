#include "server/rpc/qr_image.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

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

// ReadAgain is what a reader of QR codes (zbarimg, of zbar-tools) finds in an image file.
std::string ReadAgain(const std::string& image, const std::string& ending) {
  const std::string path =
      testing::TempDir() + "/kakunin-qr-" + std::to_string(getpid()) + "." + ending;
  std::ofstream(path, std::ios::binary) << image;
  const std::string command =
      "zbarimg --quiet --nodbus --raw -Sdisable -Sqrcode.enable " + path + " 2>/dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  std::string said;
  std::array<char, 1024> octets;
  for (size_t got = 0;
       pipe != nullptr && (got = fread(octets.data(), 1, octets.size(), pipe)) > 0;) {
    said.append(octets.data(), got);
  }
  if (pipe != nullptr) pclose(pipe);
  std::filesystem::remove(path);
  if (said.ends_with('\n')) said.pop_back();
  return said;
}

// PaintedSvg paints the path of an SVG of ours, "M{x} {y}h1v1h-1z" a module, as an image that any
// reader takes (PGM), so many points a module.
std::string PaintedSvg(const std::string& svg, int points) {
  static const std::regex kBox("viewBox=\"0 0 ([0-9]+) ([0-9]+)\"");
  static const std::regex kModule("M([0-9]+) ([0-9]+)h1v1h-1z");
  std::smatch box;
  if (!std::regex_search(svg, box, kBox)) return "";
  const int side = std::stoi(box[1]);
  const int width = side * points;
  std::string grey(static_cast<size_t>(width) * static_cast<size_t>(width), '\xff');
  for (auto it = std::sregex_iterator(svg.begin(), svg.end(), kModule);
       it != std::sregex_iterator(); ++it) {
    const int left = std::stoi((*it)[1]) * points;
    const int top = std::stoi((*it)[2]) * points;
    for (int y = top; y < top + points; ++y) {
      for (int x = left; x < left + points; ++x) {
        grey[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)] = '\0';
      }
    }
  }
  return "P5\n" + std::to_string(width) + " " + std::to_string(width) + "\n255\n" + grey;
}

TEST(QrImage, AReaderFindsTheTextInPngAndSvg) {
  ASSERT_EQ(std::system("command -v zbarimg >/dev/null"), 0)
      << "zbar-tools is missing: deploy/install-packages deploy/packages-tests.txt";
  const std::string texts[] = {kUrl, "https://u.jp/#" + std::string(32, '0'),
                               "https://" + std::string(400, 'a') + ".example.jp/#ffff"};
  for (const std::string& text : texts) {
    const QrImage image(text);
    EXPECT_EQ(ReadAgain(image.Png(), "png"), text);
    EXPECT_EQ(ReadAgain(PaintedSvg(image.Svg(), 6), "pgm"), text);
  }
  // A reader that says yes to anything would prove nothing.
  EXPECT_EQ(ReadAgain(PaintedSvg("<svg viewBox=\"0 0 40 40\"/>", 6), "pgm"), "");
}

}  // namespace
}  // namespace kakunin
