#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kakunin {

// QrImage is one QR code (ISO/IEC 18004), error correction M: a square of modules with its quiet
// zone of four modules around it.
class QrImage {
 public:
  // QrImage codes `text` of at most 500 octets.
  explicit QrImage(std::string_view text);

  // Modules along one side, quiet zone included.
  int side() const { return side_; }
  bool IsBlack(int x, int y) const { return black_[PlaceOf(x, y, side_)]; }

  // Png is the image in 8-bit grey, eight points a module.
  std::string Png() const;
  // Svg is the same as one path, as wide as it is shown; it holds no text.
  std::string Svg() const;

 private:
  // PlaceOf is the place of a point in a square that is stored row by row.
  static size_t PlaceOf(int x, int y, int side) {
    return static_cast<size_t>(y) * static_cast<size_t>(side) + static_cast<size_t>(x);
  }

  int side_ = 0;
  std::vector<bool> black_;
};

}  // namespace kakunin
