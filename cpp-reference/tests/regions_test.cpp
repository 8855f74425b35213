#include <cmath>

#include "grid.hpp"

namespace {

std::vector<float> distances(const Bytes &mask, int width, int height) {
  std::vector<float> out(mask.size());
  EXPECT_EQ(cppref_distance_transform(in(mask, width, height), out.data()), 0)
      << cppref_last_error();
  return out;
}

}  // namespace

TEST(DistanceTransform, IsTheExactDistanceToTheNearestZero) {
  const float s2 = std::sqrt(2.f), s5 = std::sqrt(5.f), s8 = std::sqrt(8.f);
  EXPECT_EQ(distances({0, 1, 1,  //
                       1, 1, 9,  //
                       1, 7, 1},
                      3, 3),
            (std::vector<float>{0, 1, 2, 1, s2, s5, 2, s5, s8}));
}

TEST(DistanceTransform, TakesTheNearerOfTwoZeros) {
  EXPECT_EQ(distances({0, 5, 5, 5, 5, 0}, 6, 1), (std::vector<float>{0, 1, 2, 2, 1, 0}));
}

TEST(DistanceTransform, WithoutAnyZeroIsTheRootOf1e15) {
  const float far = std::sqrt(1e15f);
  EXPECT_EQ(distances({1, 2, 3, 4}, 2, 2), (std::vector<float>{far, far, far, far}));
}

TEST(ConnectedComponents, NumbersAndMeasures) {
  const Bytes mask{1, 0, 1,  //
                   0, 1, 0,  //
                   0, 0, 0};
  std::vector<int32_t> labels(9), stats(5 * 4);
  int count = 0;
  ASSERT_EQ(cppref_connected_components(in(mask, 3, 3), 8, labels.data(), stats.data(), 4, &count),
            0);
  EXPECT_EQ(count, 2);
  EXPECT_EQ(labels, (std::vector<int32_t>{1, 0, 1, 0, 1, 0, 0, 0, 0}));
  EXPECT_EQ((std::vector<int32_t>(stats.begin() + 5, stats.begin() + 10)),
            (std::vector<int32_t>{0, 0, 3, 2, 3}));
  ASSERT_EQ(cppref_connected_components(in(mask, 3, 3), 4, labels.data(), stats.data(), 4, &count),
            0);
  EXPECT_EQ(count, 4);
}

TEST(ClassComponents, KeepsClassesApartAndLeavesOut0And255) {
  const Bytes mask{2, 1, 255, 2};
  std::vector<int32_t> rows(6 * 4);
  int count = 0;
  ASSERT_EQ(cppref_class_components(in(mask, 4, 1), 8, rows.data(), 4, &count), 0);
  ASSERT_EQ(count, 3);
  rows.resize(18);
  EXPECT_EQ(rows, (std::vector<int32_t>{1, 1, 0, 1, 1, 1,  //
                                        2, 0, 0, 1, 1, 1,  //
                                        2, 3, 0, 1, 1, 1}));
}
