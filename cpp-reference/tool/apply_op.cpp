// Applies one op to an image file, so that a comparison can be repeated without Swift.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "CppReference.h"

namespace {

using Arguments = std::vector<std::string>;

struct Picture {
  int width, height, channels;
  std::vector<uint8_t> bytes;

  Picture(int width, int height, int channels)
      : width(width), height(height), channels(channels),
        bytes(static_cast<size_t>(width) * height * channels) {}

  cppref_image in() const { return {bytes.data(), width, height, channels, width * channels}; }
  cppref_output out() { return {bytes.data(), width, height, channels, width * channels}; }
};

void check(int status) {
  if (status != 0) throw std::runtime_error(cppref_last_error());
}

int whole(const std::string &text) { return std::stoi(text); }

int interpolation(const std::string &name) {
  const std::map<std::string, int> names{
      {"nearest", CPPREF_NEAREST}, {"linear", CPPREF_LINEAR}, {"area", CPPREF_AREA},
      {"cubic", CPPREF_CUBIC}};
  const auto found = names.find(name);
  if (found == names.end()) throw std::invalid_argument("unknown interpolation " + name);
  return found->second;
}

std::vector<double> numbers(const Arguments &texts, size_t count) {
  std::vector<double> result;
  for (size_t i = 0; i < count; ++i) result.push_back(std::stod(texts[i]));
  return result;
}

int color_space(const std::string &name) {
  const std::map<std::string, int> names{
      {"hsv", CPPREF_HSV}, {"hls", CPPREF_HLS}, {"ycrcb", CPPREF_YCRCB}, {"lab", CPPREF_LAB}};
  const auto found = names.find(name);
  if (found == names.end()) throw std::invalid_argument("unknown colour space " + name);
  return found->second;
}

/// The values themselves of an image of one channel, of a colour image its gray.
Picture grayed(const Picture &src) {
  if (src.channels == 1) return src;
  Picture gray(src.width, src.height, 1);
  check(cppref_gray(src.in(), gray.out()));
  return gray;
}

Picture first_channel(const Picture &src) {
  Picture plane(src.width, src.height, 1);
  for (size_t i = 0; i < plane.bytes.size(); ++i) plane.bytes[i] = src.bytes[i * src.channels];
  return plane;
}

struct Op {
  std::string usage;
  size_t arguments;
  std::function<Picture(const Picture &, const Arguments &)> apply;
};

const std::map<std::string, Op> ops{
    {"resize",
     {"WIDTH HEIGHT nearest|linear|area|cubic", 3,
      [](const Picture &src, const Arguments &a) {
        Picture dst(whole(a[0]), whole(a[1]), src.channels);
        check(cppref_resize(src.in(), dst.out(), interpolation(a[2])));
        return dst;
      }}},
    {"letterbox",
     {"WIDTH HEIGHT nearest|linear|area|cubic VALUE", 4,
      [](const Picture &src, const Arguments &a) {
        Picture dst(whole(a[0]), whole(a[1]), src.channels);
        const std::vector<uint8_t> value(4, static_cast<uint8_t>(whole(a[3])));
        check(cppref_letterbox(src.in(), dst.out(), interpolation(a[2]), value.data()));
        return dst;
      }}},
    {"flip",
     {"1|0|-1", 1,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        check(cppref_flip(src.in(), dst.out(), whole(a[0])));
        return dst;
      }}},
    {"crop",
     {"X Y WIDTH HEIGHT", 4,
      [](const Picture &src, const Arguments &a) {
        Picture dst(whole(a[2]), whole(a[3]), src.channels);
        check(cppref_crop(src.in(), dst.out(), whole(a[0]), whole(a[1])));
        return dst;
      }}},
    {"border",
     {"SIZE VALUE", 2,
      [](const Picture &src, const Arguments &a) {
        const int size = whole(a[0]);
        Picture dst(src.width + 2 * size, src.height + 2 * size, src.channels);
        const std::vector<uint8_t> value(4, static_cast<uint8_t>(whole(a[1])));
        check(cppref_border(src.in(), dst.out(), size, size, value.data()));
        return dst;
      }}},
    {"warp_affine",
     {"A B C D E F nearest|linear", 7,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        const std::vector<double> matrix = numbers(a, 6);
        const uint8_t black[4]{};
        check(cppref_warp_affine(src.in(), dst.out(), matrix.data(), interpolation(a[6]),
                                 CPPREF_CONSTANT, black));
        return dst;
      }}},
    {"warp_perspective",
     {"M0 ... M8 nearest|linear", 10,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        const std::vector<double> matrix = numbers(a, 9);
        const uint8_t black[4]{};
        check(cppref_warp_perspective(src.in(), dst.out(), matrix.data(), interpolation(a[9]),
                                      CPPREF_CONSTANT, black));
        return dst;
      }}},
    {"mosaic",
     {"X Y (the image four times, about the point)", 2,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        const cppref_image parts[4]{src.in(), src.in(), src.in(), src.in()};
        check(cppref_mosaic(parts, dst.out(), whole(a[0]), whole(a[1]), CPPREF_LINEAR));
        return dst;
      }}},
    {"erase",
     {"X Y WIDTH HEIGHT VALUE", 5,
      [](const Picture &src, const Arguments &a) {
        Picture dst = src;
        const std::vector<uint8_t> value(4, static_cast<uint8_t>(whole(a[4])));
        check(cppref_erase(dst.out(), whole(a[0]), whole(a[1]), whole(a[2]), whole(a[3]),
                           value.data()));
        return dst;
      }}},
    {"grid_mask",
     {"PERIOD STRIPE X Y DEGREES VALUE", 6,
      [](const Picture &src, const Arguments &a) {
        Picture dst = src;
        const std::vector<uint8_t> value(4, static_cast<uint8_t>(whole(a[5])));
        check(cppref_grid_mask(dst.out(), whole(a[0]), whole(a[1]), whole(a[2]), whole(a[3]),
                               whole(a[4]), value.data()));
        return dst;
      }}},
    {"connected_components",
     {"4|8 (of the red channel, numbers cut off at 255)", 1,
      [](const Picture &src, const Arguments &a) {
        const Picture plane = first_channel(src);
        std::vector<int32_t> labels(plane.bytes.size());
        int count = 0;
        check(cppref_connected_components(plane.in(), whole(a[0]), labels.data(), nullptr, 0,
                                          &count));
        Picture dst(src.width, src.height, 1);
        for (size_t i = 0; i < labels.size(); ++i) {
          dst.bytes[i] = cv::saturate_cast<uint8_t>(labels[i]);
        }
        return dst;
      }}},
    {"gray",
     {"", 0,
      [](const Picture &src, const Arguments &) {
        Picture dst(src.width, src.height, 1);
        check(cppref_gray(src.in(), dst.out()));
        return dst;
      }}},
    {"swap_channels",
     {"", 0,
      [](const Picture &src, const Arguments &) {
        Picture dst(src.width, src.height, src.channels);
        check(cppref_swap_channels(src.in(), dst.out()));
        return dst;
      }}},
    {"rgb_to",
     {"hsv|hls|ycrcb|lab", 1,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        check(cppref_rgb_to(src.in(), dst.out(), color_space(a[0])));
        return dst;
      }}},
    {"rgb_from",
     {"hsv|hls|ycrcb|lab", 1,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        check(cppref_rgb_from(src.in(), dst.out(), color_space(a[0])));
        return dst;
      }}},
    {"lut",
     {"V0,V1,...,V255", 1,
      [](const Picture &src, const Arguments &a) {
        std::vector<uint8_t> table;
        std::stringstream values(a[0]);
        for (std::string value; std::getline(values, value, ',');) {
          table.push_back(static_cast<uint8_t>(whole(value)));
        }
        if (table.size() != 256) throw std::invalid_argument("expected 256 entries");
        Picture dst(src.width, src.height, src.channels);
        check(cppref_lut(src.in(), dst.out(), table.data(), 1));
        return dst;
      }}},
    {"gamma",
     {"EXPONENT", 1,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        check(cppref_gamma(src.in(), dst.out(), std::stod(a[0])));
        return dst;
      }}},
    {"equalize_hist",
     {"", 0,
      [](const Picture &color, const Arguments &) {
        const Picture src = grayed(color);
        Picture dst(src.width, src.height, src.channels);
        check(cppref_equalize_hist(src.in(), dst.out()));
        return dst;
      }}},
    {"clahe",
     {"CLIP_LIMIT TILES_X TILES_Y", 3,
      [](const Picture &color, const Arguments &a) {
        const Picture src = grayed(color);
        Picture dst(src.width, src.height, src.channels);
        check(cppref_clahe(src.in(), dst.out(), std::stod(a[0]), whole(a[1]), whole(a[2])));
        return dst;
      }}},
    {"convert_scale",
     {"ALPHA BETA", 2,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        check(cppref_convert_scale(src.in(), dst.out(), std::stod(a[0]), std::stod(a[1])));
        return dst;
      }}},
    {"saturation",
     {"AMOUNT", 1,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        check(cppref_saturation(src.in(), dst.out(), std::stof(a[0])));
        return dst;
      }}},
    {"gaussian_blur",
     {"SIZE SIGMA", 2,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        check(cppref_gaussian_blur(src.in(), dst.out(), whole(a[0]), std::stod(a[1])));
        return dst;
      }}},
    {"distance_transform",
     {"(of the red channel, rounded and cut off at 255)", 0,
      [](const Picture &src, const Arguments &) {
        const Picture plane = first_channel(src);
        std::vector<float> distances(plane.bytes.size());
        check(cppref_distance_transform(plane.in(), distances.data()));
        Picture dst(src.width, src.height, 1);
        for (size_t i = 0; i < distances.size(); ++i) {
          dst.bytes[i] = cv::saturate_cast<uint8_t>(distances[i]);
        }
        return dst;
      }}},
    {"median_blur",
     {"SIZE", 1,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, src.channels);
        check(cppref_median_blur(src.in(), dst.out(), whole(a[0])));
        return dst;
      }}},
    {"label_map",
     {"R,G,B R,G,B ... (class 0, 1, ...)", 1,
      [](const Picture &src, const Arguments &a) {
        Picture dst(src.width, src.height, 1);
        std::vector<uint8_t> colors;
        for (const std::string &triple : a) {
          int r, g, b;
          if (std::sscanf(triple.c_str(), "%d,%d,%d", &r, &g, &b) != 3) {
            throw std::invalid_argument("expected R,G,B, received " + triple);
          }
          for (int v : {r, g, b}) colors.push_back(static_cast<uint8_t>(v));
        }
        check(cppref_label_map(src.in(), dst.out(), colors.data(), static_cast<int>(a.size()),
                               nullptr, nullptr));
        return dst;
      }}},
};

int usage() {
  std::cerr << "usage: apply-op OP IN OUT [ARGUMENTS]\n";
  for (const auto &[name, op] : ops) std::cerr << "  " << name << " " << op.usage << "\n";
  return 64;
}

Picture read(const std::string &path) {
  cppref_output file;
  check(cppref_imread(path.c_str(), 0, &file));
  Picture picture(file.width, file.height, file.channels);
  std::copy(file.data, file.data + picture.bytes.size(), picture.bytes.begin());
  cppref_free(file.data);
  return picture;
}

void write(Picture &picture, const std::string &path) {
  cv::Mat image(picture.height, picture.width, CV_8UC(picture.channels), picture.bytes.data());
  if (picture.channels == 3) cv::cvtColor(image, image, cv::COLOR_RGB2BGR);
  if (!cv::imwrite(path, image)) throw std::runtime_error("cannot write " + path);
}

}  // namespace

int main(int count, char **values) {
  if (count < 4) return usage();
  const auto op = ops.find(values[1]);
  const Arguments arguments(values + 4, values + count);
  if (op == ops.end() || arguments.size() < op->second.arguments) return usage();
  try {
    Picture result = op->second.apply(read(values[2]), arguments);
    write(result, values[3]);
  } catch (const std::exception &error) {
    std::cerr << values[2] << ": " << error.what() << "\n";
    return 1;
  }
  return 0;
}
