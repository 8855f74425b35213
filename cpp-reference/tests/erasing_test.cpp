#include "grid.hpp"

namespace {

/// An image of zeros after an op in place.
template <typename Op>
Bytes covered(int width, int height, Op op) {
  return result(width, height, 1, [&](cppref_output o) {
    std::fill_n(o.data, width * height, uint8_t{0});
    return op(o);
  });
}

const uint8_t nine = 9;

}  // namespace

TEST(Erase, LeavesOutWhatIsOutside) {
  EXPECT_EQ(covered(3, 2, [](auto o) { return cppref_erase(o, 1, -1, 5, 2, &nine); }),
            (Bytes{0, 9, 9, 0, 0, 0}));
  EXPECT_EQ(covered(3, 1, [](auto o) { return cppref_erase(o, 3, 0, 1, 1, &nine); }),
            (Bytes{0, 0, 0}));
}

TEST(GridMask, KeepsStripesAndDropsTheSquaresBetween) {
  // Period 3, stripes of 1 that start at column 1 and row 0.
  EXPECT_EQ(covered(5, 4, [](auto o) { return cppref_grid_mask(o, 3, 1, 1, 0, 0, &nine); }),
            (Bytes{0, 0, 0, 0, 0,  //
                   9, 0, 9, 9, 0,  //
                   9, 0, 9, 9, 0,  //
                   0, 0, 0, 0, 0}));
}

TEST(GridMask, TurnsAboutTheCentre) {
  // Squares where both turned coordinates, rounded down, are 0 or 1 (mod 4). By 30 degrees,
  // .866 u + .5 v and .866 v - .5 u are so for (u, v) = (0, 0), (0, 1) and (1, 1).
  EXPECT_EQ(covered(3, 3, [](auto o) { return cppref_grid_mask(o, 4, 2, -2, -2, 30, &nine); }),
            (Bytes{0, 0, 0,  //
                   0, 9, 0,  //
                   0, 9, 9}));
}
