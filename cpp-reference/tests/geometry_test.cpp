#include "grid.hpp"

TEST(Resize, NearestTakesThePixelAtTheFloor) {
  const Bytes row{10, 20, 30, 40};
  EXPECT_EQ(result(2, 1, 1, [&](auto o) { return cppref_resize(in(row, 4, 1), o, 0); }),
            (Bytes{10, 30}));
  EXPECT_EQ(result(8, 1, 1, [&](auto o) { return cppref_resize(in(row, 4, 1), o, 0); }),
            (Bytes{10, 10, 20, 20, 30, 30, 40, 40}));
}

TEST(Resize, LinearWeighsByTheDistanceOfCentres) {
  // Centres at -0.25, 0.25, 0.75, 1.25 of the source: the ends are held, then 1/4 and 3/4.
  const Bytes row{0, 100};
  EXPECT_EQ(result(4, 1, 1, [&](auto o) { return cppref_resize(in(row, 2, 1), o, 1); }),
            (Bytes{0, 25, 75, 100}));
}

TEST(Resize, HalvingIsTheMeanOfFour) {
  const Bytes square{1, 2, 3, 4};
  for (int interpolation : {1, 2}) {
    EXPECT_EQ(
        result(1, 1, 1, [&](auto o) { return cppref_resize(in(square, 2, 2), o, interpolation); }),
        (Bytes{3}));  // 10/4 rounded up
  }
}

TEST(Resize, AreaIsTheMeanOfTheCoveredPixels) {
  const Bytes row{10, 20, 60};
  EXPECT_EQ(result(1, 1, 1, [&](auto o) { return cppref_resize(in(row, 3, 1), o, 2); }),
            (Bytes{30}));
  // Each half covers one and a half pixels: (10 + 20/2)/1.5 = 13.3, (20/2 + 60)/1.5 = 46.7.
  EXPECT_EQ(result(2, 1, 1, [&](auto o) { return cppref_resize(in(row, 3, 1), o, 2); }),
            (Bytes{13, 47}));
}

TEST(Flip, MirrorsEachAxis) {
  const Bytes grid{1, 2, 3, 4, 5, 6};
  EXPECT_EQ(result(3, 2, 1, [&](auto o) { return cppref_flip(in(grid, 3, 2), o, 1); }),
            (Bytes{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(result(3, 2, 1, [&](auto o) { return cppref_flip(in(grid, 3, 2), o, 0); }),
            (Bytes{4, 5, 6, 1, 2, 3}));
  EXPECT_EQ(result(3, 2, 1, [&](auto o) { return cppref_flip(in(grid, 3, 2), o, -1); }),
            (Bytes{6, 5, 4, 3, 2, 1}));
}

TEST(Crop, TakesTheGivenPart) {
  const Bytes grid{1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_EQ(result(2, 2, 1, [&](auto o) { return cppref_crop(in(grid, 3, 3), o, 1, 1); }),
            (Bytes{5, 6, 8, 9}));
}

TEST(Crop, RefusesAPartOutsideTheImage) {
  const Bytes grid{1};
  Bytes out(4);
  EXPECT_NE(cppref_crop(in(grid, 1, 1), {out.data(), 2, 2, 1, 2}, 0, 0), 0);
  EXPECT_NE(std::string(cppref_last_error()), "");
}

TEST(Border, SurroundsWithOneValueAChannel) {
  const Bytes pixel{1, 2, 3};
  const uint8_t value[] = {7, 8, 9};
  EXPECT_EQ(
      result(3, 1, 3, [&](auto o) { return cppref_border(in(pixel, 1, 1, 3), o, 1, 0, value); }),
      (Bytes{7, 8, 9, 1, 2, 3, 7, 8, 9}));
}

TEST(Letterbox, KeepsTheAspectRatioInTheMiddle) {
  const Bytes row{50, 50};
  const uint8_t value[] = {9};
  EXPECT_EQ(result(4, 4, 1, [&](auto o) { return cppref_letterbox(in(row, 2, 1), o, 1, value); }),
            (Bytes{9, 9, 9, 9, 50, 50, 50, 50, 50, 50, 50, 50, 9, 9, 9, 9}));
}
