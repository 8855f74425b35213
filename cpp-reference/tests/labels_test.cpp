#include "grid.hpp"

TEST(LabelMap, FindsTheClassOfEachColour) {
  const uint8_t colors[] = {0, 0, 0, 128, 0, 0, 0, 128, 0};
  const Bytes label{0, 128, 0, 0, 0, 0, 128, 0, 0, 1, 2, 3};
  int x = 0, y = 0;
  EXPECT_EQ(result(2, 2, 1,
                   [&](auto o) {
                     return cppref_label_map(in(label, 2, 2, 3), o, colors, 3, &x, &y);
                   }),
            (Bytes{2, 0, 1, 255}));
  EXPECT_EQ(x, 1);
  EXPECT_EQ(y, 1);
}

TEST(LabelMap, ReportsNoUnknownColourWhereThereIsNone) {
  const uint8_t colors[] = {5, 6, 7};
  const Bytes label{5, 6, 7};
  int x = 0, y = 0;
  result(1, 1, 1,
         [&](auto o) { return cppref_label_map(in(label, 1, 1, 3), o, colors, 1, &x, &y); });
  EXPECT_EQ(x, -1);
  EXPECT_EQ(y, -1);
}

TEST(Colorize, LooksColoursUp) {
  Bytes palette(768, 0);
  palette[3 * 200] = 11;
  palette[3 * 200 + 2] = 13;
  const Bytes mask{0, 200};
  EXPECT_EQ(
      result(2, 1, 3, [&](auto o) { return cppref_colorize(in(mask, 2, 1), o, palette.data()); }),
      (Bytes{0, 0, 0, 11, 0, 13}));
}
