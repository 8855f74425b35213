#include "common.hpp"

#include <opencv2/core/version.hpp>

namespace {
thread_local std::string last_error;
}

namespace cppref {
void set_error(const std::string &message) { last_error = message; }
}  // namespace cppref

const char *cppref_version(void) { return CV_VERSION; }

void cppref_set_threads(int threads) { cv::setNumThreads(threads); }

const char *cppref_last_error(void) { return last_error.c_str(); }
