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
  bool IsBlack(int x, int y) const { return black_[static_cast<size_t>(y * side_ + x)]; }

  // Png is the image in 8-bit grey, eight points a module.
  std::string Png() const;
  // Svg is the same as one path, as wide as it is shown; it holds no text.
  std::string Svg() const;

 private:
  int side_ = 0;
  std::vector<bool> black_;
};

}  // namespace kakunin
