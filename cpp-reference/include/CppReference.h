// The OpenCV reference behind one C header: plain pointers, sizes and strides.
//
// Images are 8-bit, channels last, colour as RGB(A). A stride is the bytes from one row to the next.
// Functions return 0, or non-zero where OpenCV refused; cppref_last_error() then says why.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Rows of pixels to read.
typedef struct {
  const uint8_t *data;
  int width, height, channels;
  ptrdiff_t stride;
} cppref_image;

/// Rows of pixels to write.
typedef struct {
  uint8_t *data;
  int width, height, channels;
  ptrdiff_t stride;
} cppref_output;

/// OpenCV's version: "4.6.0".
const char *cppref_version(void);
/// The number of threads OpenCV may use; 1 means the calling thread alone.
void cppref_set_threads(int threads);
/// What the calling thread's last failed call said.
const char *cppref_last_error(void);

/// cv::imread(IMREAD_COLOR) in RGB order, or IMREAD_GRAYSCALE. `out->data` is to be freed with
/// cppref_free.
int cppref_imread(const char *path, int gray, cppref_output *out);
/// cv::imdecode, likewise.
int cppref_imdecode(const uint8_t *bytes, size_t size, int gray, cppref_output *out);
void cppref_free(void *data);

#ifdef __cplusplus
}
#endif
