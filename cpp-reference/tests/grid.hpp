// Small images written out by hand.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "CppReference.h"

using Bytes = std::vector<uint8_t>;

inline cppref_image in(const Bytes &pixels, int width, int height, int channels = 1) {
  EXPECT_EQ(pixels.size(), static_cast<size_t>(width) * height * channels);
  return {pixels.data(), width, height, channels, static_cast<ptrdiff_t>(width) * channels};
}

/// Runs an op into an image of the given size and returns its bytes.
template <typename Op>
Bytes result(int width, int height, int channels, Op op) {
  Bytes out(static_cast<size_t>(width) * height * channels, 0xA5);
  const cppref_output view{out.data(), width, height, channels,
                           static_cast<ptrdiff_t>(width) * channels};
  EXPECT_EQ(op(view), 0) << cppref_last_error();
  return out;
}
