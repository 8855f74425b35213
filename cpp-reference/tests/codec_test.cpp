#include <cstring>

#include "grid.hpp"

namespace {
// A PNG of two pixels: red and blue.
const Bytes red_blue{
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x7B,
    0x40, 0xE8, 0xDD, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0xF8,
    0xCF, 0x00, 0x04, 0xFF, 0x01, 0x07, 0x00, 0x01, 0xFF, 0xE2, 0x23, 0x9E, 0x59, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82};
}  // namespace

TEST(Codec, DecodesInRGBOrder) {
  cppref_output out;
  ASSERT_EQ(cppref_imdecode(red_blue.data(), red_blue.size(), 0, &out), 0) << cppref_last_error();
  const uint8_t expected[] = {255, 0, 0, 0, 0, 255};
  EXPECT_EQ(out.width, 2);
  EXPECT_EQ(out.height, 1);
  EXPECT_EQ(out.channels, 3);
  EXPECT_EQ(std::memcmp(out.data, expected, 6), 0);
  cppref_free(out.data);
}

TEST(Codec, SaysWhyAFileCannotBeRead) {
  cppref_output out;
  EXPECT_NE(cppref_imread("/nonexistent.png", 0, &out), 0);
  EXPECT_NE(std::string(cppref_last_error()), "");
}

TEST(Codec, EncodesWhatItDecodes) {
  const uint8_t pixels[] = {10, 20, 30, 40, 50, 60};
  cppref_output file, out;
  ASSERT_EQ(cppref_imencode(".tiff", {pixels, 2, 1, 3, 6}, 8, nullptr, 0, &file), 0)
      << cppref_last_error();
  ASSERT_EQ(cppref_imdecode(file.data, file.width, 0, &out), 0) << cppref_last_error();
  EXPECT_EQ(std::memcmp(out.data, pixels, 6), 0);
  cppref_free(file.data);
  cppref_free(out.data);
}
