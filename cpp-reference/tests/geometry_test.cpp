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

TEST(Resize, CubicHoldsTheEndsAndOvershootsAtAnEdge) {
  const Bytes row{0, 0, 100, 100};
  const Bytes doubled = result(8, 1, 1, [&](auto o) {
    return cppref_resize(in(row, 4, 1), o, CPPREF_CUBIC);
  });
  EXPECT_EQ(doubled[0], 0);
  // A quarter past a pixel Keys' kernel (a = -3/4) weighs -.1055, .8789, .2617 and -.0352.
  EXPECT_EQ(doubled[2], 0);   // -10.5, held at black
  EXPECT_EQ(doubled[3], 23);  // 100 (.2617 - .0352) = 22.65
  EXPECT_EQ(doubled[7], 100);
}

TEST(WarpAffine, MovesPixelsToWhereTheMatrixTakesThem) {
  const Bytes row{10, 20, 30};
  const uint8_t border = 7;
  const double right[6]{1, 0, 1, 0, 1, 0}, half[6]{1, 0, 0.5, 0, 1, 0};
  EXPECT_EQ(result(3, 1, 1,
                   [&](auto o) {
                     return cppref_warp_affine(in(row, 3, 1), o, right, CPPREF_NEAREST,
                                               CPPREF_CONSTANT, &border);
                   }),
            (Bytes{7, 10, 20}));
  EXPECT_EQ(result(3, 1, 1,
                   [&](auto o) {
                     return cppref_warp_affine(in(row, 3, 1), o, half, CPPREF_LINEAR,
                                               CPPREF_CONSTANT, &border);
                   }),
            (Bytes{9, 15, 25}));  // (7 + 10)/2 rounds up
  EXPECT_EQ(result(3, 1, 1,
                   [&](auto o) {
                     return cppref_warp_affine(in(row, 3, 1), o, right, CPPREF_NEAREST,
                                               CPPREF_REFLECT_101, &border);
                   }),
            (Bytes{20, 10, 20}));
}

TEST(WarpPerspective, DividesByTheThirdCoordinate) {
  const Bytes row{10, 20, 30};
  const uint8_t border = 7;
  const double half[9]{1, 0, 0, 0, 1, 0, 0, 0, 2};
  EXPECT_EQ(result(3, 1, 1,
                   [&](auto o) {
                     return cppref_warp_perspective(in(row, 3, 1), o, half, CPPREF_NEAREST,
                                                    CPPREF_CONSTANT, &border);
                   }),
            (Bytes{10, 30, 7}));
}

TEST(RotationMatrix, TurnsCounterClockwiseAboutThePoint) {
  double m[6];
  ASSERT_EQ(cppref_rotation_matrix(2, 3, 90, 1, m), 0);
  // (x, y) -> (y - 3 + 2, 3 - (x - 2)): the y axis points down.
  const double expected[6]{0, 1, -1, -1, 0, 5};
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(m[i], expected[i], 1e-12);
}

TEST(Mosaic, FillsEveryQuadrant) {
  const Bytes a{1}, b{2}, c{3}, d{4};
  const cppref_image parts[4]{in(a, 1, 1), in(b, 1, 1), in(c, 1, 1), in(d, 1, 1)};
  EXPECT_EQ(result(3, 2, 1, [&](auto o) { return cppref_mosaic(parts, o, 1, 1, CPPREF_NEAREST); }),
            (Bytes{1, 2, 2, 3, 4, 4}));
  EXPECT_EQ(result(2, 1, 1, [&](auto o) { return cppref_mosaic(parts, o, 0, 0, CPPREF_NEAREST); }),
            (Bytes{4, 4}));
}
