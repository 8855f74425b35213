// Ops on the values of pixels: gray and colour spaces, scale and shift, saturation, blur,
// normalisation.
#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "common.hpp"

int cppref_gray(cppref_image src, cppref_output dst) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cv::cvtColor(cppref::view(src), out, cv::COLOR_RGB2GRAY);
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_swap_channels(cppref_image src, cppref_output dst) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cv::cvtColor(cppref::view(src), out,
                 src.channels == 4 ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGR);
    cppref::require_in_place(out, dst.data);
  });
}

namespace {

/// OpenCV's codes of both directions, in the order of cppref_color_space.
constexpr int to_code[] = {cv::COLOR_RGB2HSV, cv::COLOR_RGB2HLS, cv::COLOR_RGB2YCrCb,
                           cv::COLOR_RGB2Lab};
constexpr int from_code[] = {cv::COLOR_HSV2RGB, cv::COLOR_HLS2RGB, cv::COLOR_YCrCb2RGB,
                             cv::COLOR_Lab2RGB};

int convert(cppref_image src, cppref_output dst, const int (&codes)[4], int space) {
  return cppref::guarded([&] {
    CV_Assert(0 <= space && space < 4);
    cv::Mat out = cppref::view(dst);
    cv::cvtColor(cppref::view(src), out, codes[space]);
    cppref::require_in_place(out, dst.data);
  });
}

}  // namespace

int cppref_rgb_to(cppref_image src, cppref_output dst, int space) {
  return convert(src, dst, to_code, space);
}

int cppref_rgb_from(cppref_image src, cppref_output dst, int space) {
  return convert(src, dst, from_code, space);
}

int cppref_convert_scale(cppref_image src, cppref_output dst, double alpha, double beta) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cppref::view(src).convertTo(out, CV_8U, alpha, beta);
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_gaussian_blur(cppref_image src, cppref_output dst, int size, double sigma) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cv::GaussianBlur(cppref::view(src), out, cv::Size(size, size), sigma, sigma,
                     cv::BORDER_REFLECT_101);
    cppref::require_in_place(out, dst.data);
  });
}

namespace {

void strengthen(const uint8_t *from, uint8_t *to, int width, float s) {
  for (int x = 0; x < width; ++x, from += 3, to += 3) {
    const int high = std::max({from[0], from[1], from[2]});
    const int low = std::min({from[0], from[1], from[2]});
    const int sum = high + low;
    if (high == low) {
      std::copy(from, from + 3, to);
      continue;
    }
    const float saturation =
        static_cast<float>(high - low) / static_cast<float>(sum < 255 ? sum : 510 - sum);
    const float a = s + saturation >= 1 ? saturation : 1 - s;
    const float factor = 1 / a - 1;
    const float lightness = static_cast<float>(sum) * 0.5f;
    for (int c = 0; c < 3; ++c) {
      const float v = from[c];
      to[c] = cv::saturate_cast<uint8_t>(v + (v - lightness) * factor);
    }
  }
}

void weaken(const uint8_t *from, uint8_t *to, int width, float keep) {
  for (int x = 0; x < width; ++x, from += 3, to += 3) {
    const int high = std::max({from[0], from[1], from[2]});
    const int low = std::min({from[0], from[1], from[2]});
    const float lightness = static_cast<float>(high + low) * 0.5f;
    for (int c = 0; c < 3; ++c) {
      to[c] = cv::saturate_cast<uint8_t>(lightness + (from[c] - lightness) * keep);
    }
  }
}

}  // namespace

int cppref_saturation(cppref_image src, cppref_output dst, float amount) {
  return cppref::guarded([&] {
    const cv::Mat in = cppref::view(src);
    cv::Mat out = cppref::view(dst);
    CV_Assert(in.type() == CV_8UC3 && out.type() == CV_8UC3 && in.size() == out.size());
    cv::parallel_for_(cv::Range(0, in.rows), [&](const cv::Range &rows) {
      for (int y = rows.start; y < rows.end; ++y) {
        if (amount >= 0) {
          strengthen(in.ptr(y), out.ptr(y), in.cols, amount);
        } else {
          weaken(in.ptr(y), out.ptr(y), in.cols, 1 + amount);
        }
      }
    });
  });
}

namespace {

/// (in - 255 mean) / (255 std), one pass a call.
void normalize(const cv::Mat &in, cv::Mat out, const float *mean, const float *std) {
  cv::Scalar shift, scale;
  for (int c = 0; c < in.channels(); ++c) {
    shift[c] = mean[c] * 255;
    scale[c] = 1 / (std[c] * 255);
  }
  cv::subtract(in, shift, out, cv::noArray(), CV_32F);
  cv::multiply(out, scale, out);
}

}  // namespace

int cppref_normalize(cppref_image src, float *dst, int width, int height, const float *mean,
                     const float *std) {
  return cppref::guarded([&] {
    const cv::Mat in = cppref::view(src);
    CV_Assert(width >= in.cols && height >= in.rows);
    cv::Mat out(height, width, CV_32FC(in.channels()), dst);
    normalize(in, out(cv::Rect(0, 0, in.cols, in.rows)), mean, std);
    out(cv::Rect(in.cols, 0, width - in.cols, in.rows)).setTo(0);
    out(cv::Rect(0, in.rows, width, height - in.rows)).setTo(0);
  });
}

int cppref_letterbox_normalize(cppref_image src, float *dst, int width, int height,
                               int interpolation, const uint8_t *value, const float *mean,
                               const float *std) {
  return cppref::guarded([&] {
    cv::Mat bytes(height, width, CV_8UC(src.channels));
    const cppref_output canvas{bytes.data, width, height, src.channels,
                               static_cast<ptrdiff_t>(bytes.step)};
    if (cppref_letterbox(src, canvas, interpolation, value) != 0) {
      CV_Error(cv::Error::StsError, cppref_last_error());
    }
    normalize(bytes, cv::Mat(height, width, CV_32FC(src.channels), dst), mean, std);
  });
}
