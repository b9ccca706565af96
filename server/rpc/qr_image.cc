#include "server/rpc/qr_image.h"

#include <fmt/format.h>
#include <png.h>
#include <qrencode.h>

#include <cstdlib>
#include <iterator>
#include <memory>

namespace kakunin {
namespace {

constexpr int kQuietZone = 4;
constexpr int kPointsAModule = 8;

}  // namespace

QrImage::QrImage(std::string_view text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M),
      &QRcode_free);
  // Out of memory: nothing of a call can go on either.
  if (code == nullptr) std::abort();
  side_ = code->width + 2 * kQuietZone;
  black_.resize(PlaceOf(0, side_, side_));
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      const bool black = (code->data[y * code->width + x] & 1) != 0;
      black_[PlaceOf(x + kQuietZone, y + kQuietZone, side_)] = black;
    }
  }
}

std::string QrImage::Png() const {
  const int points = side_ * kPointsAModule;
  std::string grey(PlaceOf(0, points, points), '\xff');
  for (int y = 0; y < points; ++y) {
    for (int x = 0; x < points; ++x) {
      if (IsBlack(x / kPointsAModule, y / kPointsAModule)) {
        grey[PlaceOf(x, y, points)] = '\0';
      }
    }
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(points);
  image.height = static_cast<png_uint_32>(points);
  image.format = PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string png(size, '\0');
  const int written =
      png_image_write_to_memory(&image, png.data(), &size, 0, grey.data(), points, nullptr);
  png.resize(written != 0 ? size : 0);
  return png;
}

std::string QrImage::Svg() const {
  std::string path;
  for (int y = 0; y < side_; ++y) {
    for (int x = 0; x < side_; ++x) {
      if (IsBlack(x, y)) fmt::format_to(std::back_inserter(path), "M{} {}h1v1h-1z", x, y);
    }
  }
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" role="img" )"
      R"(shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{0}v{0}H0z"/><path d="{1}"/></svg>)",
      side_, path);
}

}  // namespace kakunin
