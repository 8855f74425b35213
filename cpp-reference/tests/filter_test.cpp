#include "grid.hpp"

TEST(MedianBlur, TakesTheMiddleOfNine) {
  const Bytes grid{9, 1, 8, 2, 200, 3, 7, 4, 6};
  // The middle: 1 2 3 4 [6] 7 8 9 200. The corner repeats the edge: 1 1 2 2 [9] 9 9 9 200.
  const Bytes out = result(3, 3, 1, [&](auto o) { return cppref_median_blur(in(grid, 3, 3), o, 3); });
  EXPECT_EQ(out[4], 6);
  EXPECT_EQ(out[0], 9);
}

TEST(MedianBlur, RemovesASingleSpeck) {
  Bytes image(9 * 9, 10);
  image[4 * 9 + 4] = 255;
  for (int size : {3, 5, 7, 9, 17}) {
    EXPECT_EQ(result(9, 9, 1, [&](auto o) { return cppref_median_blur(in(image, 9, 9), o, size); }),
              Bytes(9 * 9, 10));
  }
}

TEST(MedianBlur, KeepsChannelsApart) {
  const Bytes row{1, 50, 9, 3, 40, 7, 2, 60, 8};
  EXPECT_EQ(result(3, 1, 3, [&](auto o) { return cppref_median_blur(in(row, 3, 1, 3), o, 3); }),
            (Bytes{1, 50, 9, 2, 50, 8, 2, 60, 8}));
}

TEST(MedianBlur, RefusesAnEvenSize) {
  const Bytes pixel{1};
  Bytes out(1);
  EXPECT_NE(cppref_median_blur(in(pixel, 1, 1), {out.data(), 1, 1, 1, 1}, 4), 0);
}
