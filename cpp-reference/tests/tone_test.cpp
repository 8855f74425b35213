#include "grid.hpp"

TEST(LookUp, TakesOneTableOrOneAChannel) {
  const Bytes pixels{0, 1, 2, 255, 254, 253};
  Bytes reversed(256), one_a_channel(768);
  for (int v = 0; v < 256; ++v) {
    reversed[v] = static_cast<uint8_t>(255 - v);
    one_a_channel[3 * v] = static_cast<uint8_t>(v);
    one_a_channel[3 * v + 1] = reversed[v];
    one_a_channel[3 * v + 2] = 7;
  }
  EXPECT_EQ(result(2, 1, 3,
                   [&](auto o) { return cppref_lut(in(pixels, 2, 1, 3), o, reversed.data(), 1); }),
            (Bytes{255, 254, 253, 0, 1, 2}));
  EXPECT_EQ(
      result(2, 1, 3,
             [&](auto o) { return cppref_lut(in(pixels, 2, 1, 3), o, one_a_channel.data(), 3); }),
      (Bytes{0, 254, 7, 255, 1, 7}));
}

TEST(Gamma, RaisesToAPower) {
  const Bytes row{0, 51, 255};
  // 255·0.2² = 10.2; 255·√0.2 = 114.04
  EXPECT_EQ(result(3, 1, 1, [&](auto o) { return cppref_gamma(in(row, 3, 1), o, 2); }),
            (Bytes{0, 10, 255}));
  EXPECT_EQ(result(3, 1, 1, [&](auto o) { return cppref_gamma(in(row, 3, 1), o, 0.5); }),
            (Bytes{0, 114, 255}));
}

TEST(EqualizeHist, SpreadsTheValues) {
  // Above the least value lie 4 pixels, 63.75 each: 1·63.75, 3·63.75 = 191.25, 4·63.75.
  const Bytes row{10, 20, 30, 30, 40};
  EXPECT_EQ(result(5, 1, 1, [&](auto o) { return cppref_equalize_hist(in(row, 5, 1), o); }),
            (Bytes{0, 64, 191, 191, 255}));
  const Bytes flat{9, 9};
  EXPECT_EQ(result(2, 1, 1, [&](auto o) { return cppref_equalize_hist(in(flat, 2, 1), o); }), flat);
}

TEST(Clahe, WithOneTileAndNoLimitIsARunningSum) {
  // The running counts 1, 3 and 4 of 4 pixels, times 255/4.
  const Bytes row{10, 20, 20, 30};
  EXPECT_EQ(result(4, 1, 1, [&](auto o) { return cppref_clahe(in(row, 4, 1), o, 0, 1, 1); }),
            (Bytes{64, 191, 191, 255}));
}
