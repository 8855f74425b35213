#ifndef ATHANOR_CTIFF_H
#define ATHANOR_CTIFF_H

#include <stddef.h>
#include <stdint.h>

// Reading the first image of a TIFF in memory by libtiff 4.5 or later, whose own calls are
// variadic. Functions that return int return 0 on success; otherwise athanor_tiff_error says why.
// Nothing is printed.

#ifdef __cplusplus
extern "C" {
#endif

typedef struct athanor_tiff athanor_tiff;

/// How the samples are stored, by the names and numbers of TIFF 6.0.
typedef struct {
  uint32_t width, height;
  uint16_t bits, samples, sample_format, photometric, compression, orientation;
} athanor_tiff_layout;

/// Opens `bytes`, which must outlive the result. No single allocation will exceed `limit` bytes.
/// Where the file cannot be used, the result can only tell its error; NULL means no memory.
athanor_tiff *athanor_tiff_open(const uint8_t *bytes, size_t size, size_t limit);
void athanor_tiff_close(athanor_tiff *tiff);

/// The first error of this file.
const char *athanor_tiff_error(const athanor_tiff *tiff);

int athanor_tiff_get_layout(athanor_tiff *tiff, athanor_tiff_layout *layout);

/// The colour map: `count` = 2^bits entries each of red, green and blue, 16 bits a value.
int athanor_tiff_get_palette(athanor_tiff *tiff, size_t count, uint16_t *red, uint16_t *green,
                             uint16_t *blue);

/// The image as libtiff converts it to 8-bit RGBA, rows as stored, without the orientation.
int athanor_tiff_read_rgba(athanor_tiff *tiff, uint8_t *rgba);

/// The samples as stored, in the machine's byte order, interleaved: `height` rows of
/// `row_bytes` = (width * samples * bits + 7) / 8. Planes of less than 8 bits are not interleaved.
int athanor_tiff_read_samples(athanor_tiff *tiff, uint8_t *rows, size_t row_bytes);

#ifdef __cplusplus
}
#endif

#endif
