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
