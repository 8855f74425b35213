// What every file of the reference shares: views of the caller's memory as cv::Mat, and errors.
#pragma once

#include <opencv2/core.hpp>

#include <exception>
#include <string>

#include "CppReference.h"

namespace cppref {

/// The caller's memory as a matrix; nothing is copied.
inline cv::Mat view(const cppref_image &image) {
  return cv::Mat(image.height, image.width, CV_8UC(image.channels),
                 const_cast<uint8_t *>(image.data), static_cast<size_t>(image.stride));
}

inline cv::Mat view(const cppref_output &image) {
  return cv::Mat(image.height, image.width, CV_8UC(image.channels), image.data,
                 static_cast<size_t>(image.stride));
}

void set_error(const std::string &message);

/// Runs `body` and turns an exception into a return code: none crosses the C boundary.
template <typename Body>
int guarded(Body body) {
  try {
    body();
    return 0;
  } catch (const std::exception &error) {
    set_error(error.what());
  } catch (...) {
    set_error("unknown exception");
  }
  return 1;
}

/// Throws if OpenCV put its result elsewhere than in the caller's memory.
inline void require_in_place(const cv::Mat &result, const void *data) {
  if (result.data != data) CV_Error(cv::Error::StsUnmatchedSizes, "output of the wrong size");
}

}  // namespace cppref
