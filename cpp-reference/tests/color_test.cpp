#include "grid.hpp"

TEST(Gray, WeighsRedGreenAndBlue) {
  // 0.299·255 = 76.2, 0.587·255 = 149.7, 0.114·255 = 29.1
  const Bytes pixels{255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
  EXPECT_EQ(result(4, 1, 1, [&](auto o) { return cppref_gray(in(pixels, 4, 1, 3), o); }),
            (Bytes{76, 150, 29, 255}));
}

TEST(SwapChannels, ExchangesRedAndBlue) {
  const Bytes rgb{1, 2, 3, 4, 5, 6}, rgba{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(result(2, 1, 3, [&](auto o) { return cppref_swap_channels(in(rgb, 2, 1, 3), o); }),
            (Bytes{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(result(2, 1, 4, [&](auto o) { return cppref_swap_channels(in(rgba, 2, 1, 4), o); }),
            (Bytes{3, 2, 1, 4, 7, 6, 5, 8}));
}

TEST(ColorSpaces, PureColoursAndBack) {
  const Bytes pixels{255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
  const auto there = [&](int space) {
    return result(4, 1, 3, [&](auto o) { return cppref_rgb_to(in(pixels, 4, 1, 3), o, space); });
  };
  // Hues of 0, 120 and 240 degrees, halved.
  EXPECT_EQ(there(CPPREF_HSV),
            (Bytes{0, 255, 255, 60, 255, 255, 120, 255, 255, 0, 0, 255}));
  EXPECT_EQ(there(CPPREF_HLS),
            (Bytes{0, 128, 255, 60, 128, 255, 120, 128, 255, 0, 255, 0}));
  // 0.299·255 = 76.2 and (255 − 76)·0.713 + 128 = 255.6; (0 − 76)·0.564 + 128 = 85.1; and so on.
  EXPECT_EQ(there(CPPREF_YCRCB),
            (Bytes{76, 255, 85, 150, 21, 43, 29, 107, 255, 255, 128, 128}));
  // L* a* b* of sRGB red: 53.2, 80.1, 67.2; green: 87.7, −86.2, 83.2; blue: 32.3, 79.2, −107.9.
  EXPECT_EQ(there(CPPREF_LAB),
            (Bytes{136, 208, 195, 224, 42, 211, 82, 207, 20, 255, 128, 128}));
  const Bytes white{0, 0, 255};
  EXPECT_EQ(result(1, 1, 3, [&](auto o) { return cppref_rgb_from(in(white, 1, 1, 3), o, 0); }),
            (Bytes{255, 255, 255}));
}

TEST(ConvertScale, RoundsToEvenAndSaturates) {
  const Bytes row{0, 1, 3, 200};
  EXPECT_EQ(result(4, 1, 1, [&](auto o) { return cppref_convert_scale(in(row, 4, 1), o, 0.5, 0); }),
            (Bytes{0, 0, 2, 100}));
  EXPECT_EQ(
      result(4, 1, 1, [&](auto o) { return cppref_convert_scale(in(row, 4, 1), o, 2, -2.0); }),
      (Bytes{0, 0, 4, 255}));
}

TEST(GaussianBlur, SpreadsAPixelByBinomialWeights) {
  Bytes grid(25, 0);
  grid[12] = 255;
  const Bytes blurred =
      result(5, 5, 1, [&](auto o) { return cppref_gaussian_blur(in(grid, 5, 5), o, 3, 0); });
  EXPECT_EQ(blurred[12], 64);  // 255/4 = 63.75
  EXPECT_EQ(blurred[11], 32);  // 255/8 = 31.9
  EXPECT_EQ(blurred[6], 16);   // 255/16 = 15.9
  EXPECT_EQ(blurred[0], 0);
}

TEST(Saturation, FollowsTheLightnessFormula) {
  // max 200, min 100: L = 150, Δ = 100, S = 100/(510 − 300) = 0.476
  const Bytes pixel{200, 150, 100};
  // s = 1: a = S, factor 1/S − 1 = 1.1: 150 ± 50·2.1 = 255, 45
  EXPECT_EQ(result(1, 1, 3, [&](auto o) { return cppref_saturation(in(pixel, 1, 1, 3), o, 1); }),
            (Bytes{255, 150, 45}));
  // s = 0.5 < 1 − S: a = 0.5, factor 1: 150 ± 100
  EXPECT_EQ(result(1, 1, 3, [&](auto o) { return cppref_saturation(in(pixel, 1, 1, 3), o, .5f); }),
            (Bytes{250, 150, 50}));
  EXPECT_EQ(result(1, 1, 3, [&](auto o) { return cppref_saturation(in(pixel, 1, 1, 3), o, -1); }),
            (Bytes{150, 150, 150}));
  const Bytes gray{70, 70, 70};
  EXPECT_EQ(result(1, 1, 3, [&](auto o) { return cppref_saturation(in(gray, 1, 1, 3), o, 1); }),
            gray);
}

TEST(Normalize, SubtractsMeansAndPadsWithZeros) {
  const Bytes pixel{0, 51, 255};
  const float mean[] = {0, 0.2f, 0.5f}, std[] = {1, 1, 0.5f};
  std::vector<float> out(2 * 2 * 3, 99);
  ASSERT_EQ(cppref_normalize(in(pixel, 1, 1, 3), out.data(), 2, 2, mean, std), 0);
  EXPECT_FLOAT_EQ(out[0], 0);
  EXPECT_NEAR(out[1], 0, 1e-6);
  EXPECT_FLOAT_EQ(out[2], 1);
  for (size_t i = 3; i < out.size(); ++i) EXPECT_EQ(out[i], 0) << i;
}

TEST(LetterboxNormalize, IsNormalizeOfTheLetterbox) {
  const Bytes pixel{255};
  const uint8_t value = 0;
  const float mean = 0.5f, std = 0.5f;
  std::vector<float> out(3);
  ASSERT_EQ(cppref_letterbox_normalize(in(pixel, 1, 1), out.data(), 3, 1, CPPREF_LINEAR, &value,
                                       &mean, &std),
            0);
  EXPECT_EQ(out, (std::vector<float>{-1, 1, -1}));
}
