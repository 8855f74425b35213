#include "CTIFF.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

struct athanor_tiff {
  TIFF *tiff;
  const uint8_t *bytes;
  size_t size, position, limit;
  char message[512];
};

static int fail(athanor_tiff *t, const char *message) {
  if (!t->message[0]) snprintf(t->message, sizeof t->message, "%s", message);
  return 1;
}

// Messages ------------------------------------------------------------------------------------

static int on_error(TIFF *tiff, void *context, const char *module, const char *format,
                    va_list arguments) {
  (void)tiff, (void)module;
  athanor_tiff *t = context;
  if (!t->message[0]) vsnprintf(t->message, sizeof t->message, format, arguments);
  return 1;
}

/// Of the warnings, those of libjpeg about missing data are errors here.
static int on_warning(TIFF *tiff, void *context, const char *module, const char *format,
                      va_list arguments) {
  (void)tiff, (void)module;
  athanor_tiff *t = context;
  char message[sizeof t->message];
  vsnprintf(message, sizeof message, format, arguments);
  if (strstr(message, "Premature end") || strstr(message, "Corrupt JPEG")) fail(t, message);
  return 1;
}

// A file in memory ----------------------------------------------------------------------------

static tmsize_t read_memory(thandle_t handle, void *buffer, tmsize_t count) {
  athanor_tiff *t = (athanor_tiff *)handle;
  size_t left = t->position < t->size ? t->size - t->position : 0;
  size_t taken = count < 0 ? 0 : (size_t)count < left ? (size_t)count : left;
  if (taken) memcpy(buffer, t->bytes + t->position, taken);
  t->position += taken;
  return (tmsize_t)taken;
}

static tmsize_t write_memory(thandle_t handle, void *buffer, tmsize_t count) {
  (void)handle, (void)buffer, (void)count;
  return 0;
}

static toff_t seek_memory(thandle_t handle, toff_t offset, int whence) {
  athanor_tiff *t = (athanor_tiff *)handle;
  toff_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? t->position : t->size;
  t->position = (size_t)(base + offset);
  return t->position;
}

static toff_t size_of_memory(thandle_t handle) { return ((athanor_tiff *)handle)->size; }

/// libtiff 4.5 refuses small uncompressed tiles of files that are not mapped.
static int map_memory(thandle_t handle, void **base, toff_t *size) {
  athanor_tiff *t = (athanor_tiff *)handle;
  *base = (void *)(uintptr_t)t->bytes;
  *size = t->size;
  return 1;
}

static void unmap_memory(thandle_t handle, void *base, toff_t size) {
  (void)handle, (void)base, (void)size;
}

static int close_memory(thandle_t handle) {
  (void)handle;
  return 0;
}

athanor_tiff *athanor_tiff_open(const uint8_t *bytes, size_t size, size_t limit) {
  athanor_tiff *t = calloc(1, sizeof *t);
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (t && options) {
    t->bytes = bytes, t->size = size, t->limit = limit;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)limit);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, t);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, t);
    t->tiff = TIFFClientOpenExt("", "r", (thandle_t)t, read_memory, write_memory, seek_memory,
                                close_memory, size_of_memory, map_memory, unmap_memory, options);
    if (!t->tiff) fail(t, "no directory of an image");
  }
  if (options) TIFFOpenOptionsFree(options);
  return t;
}

void athanor_tiff_close(athanor_tiff *t) {
  if (t && t->tiff) TIFFClose(t->tiff);
  free(t);
}

const char *athanor_tiff_error(const athanor_tiff *t) { return t->message; }

// What the directory says ---------------------------------------------------------------------

int athanor_tiff_get_layout(athanor_tiff *t, athanor_tiff_layout *layout) {
  memset(layout, 0, sizeof *layout);
  if (!t->tiff) return 1;
  if (!TIFFGetField(t->tiff, TIFFTAG_IMAGEWIDTH, &layout->width) ||
      !TIFFGetField(t->tiff, TIFFTAG_IMAGELENGTH, &layout->height) ||
      !TIFFGetField(t->tiff, TIFFTAG_PHOTOMETRIC, &layout->photometric))
    return fail(t, "no size or no photometric interpretation");
  TIFFGetFieldDefaulted(t->tiff, TIFFTAG_BITSPERSAMPLE, &layout->bits);
  TIFFGetFieldDefaulted(t->tiff, TIFFTAG_SAMPLESPERPIXEL, &layout->samples);
  TIFFGetFieldDefaulted(t->tiff, TIFFTAG_SAMPLEFORMAT, &layout->sample_format);
  TIFFGetFieldDefaulted(t->tiff, TIFFTAG_COMPRESSION, &layout->compression);
  TIFFGetFieldDefaulted(t->tiff, TIFFTAG_ORIENTATION, &layout->orientation);
  return 0;
}

int athanor_tiff_get_palette(athanor_tiff *t, size_t count, uint16_t *red, uint16_t *green,
                             uint16_t *blue) {
  uint16_t bits = 0, *r = NULL, *g = NULL, *b = NULL;
  if (!t->tiff) return 1;
  TIFFGetFieldDefaulted(t->tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  if (bits > 16 || count != (size_t)1 << bits ||
      !TIFFGetField(t->tiff, TIFFTAG_COLORMAP, &r, &g, &b) || !r || !g || !b)
    return fail(t, "no colour map");
  memcpy(red, r, count * sizeof *r);
  memcpy(green, g, count * sizeof *g);
  memcpy(blue, b, count * sizeof *b);
  return 0;
}

// Pixels --------------------------------------------------------------------------------------

int athanor_tiff_read_rgba(athanor_tiff *t, uint8_t *rgba) {
  char message[1024] = "";
  TIFFRGBAImage image;
  if (!t->tiff) return 1;
  if (!TIFFRGBAImageOK(t->tiff, message) || !TIFFRGBAImageBegin(&image, t->tiff, 1, message))
    return fail(t, message);
  image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;
  int done = TIFFRGBAImageGet(&image, (uint32_t *)(void *)rgba, image.width, image.height);
  TIFFRGBAImageEnd(&image);
  if (!done) return fail(t, "undecodable data");
  return t->message[0] != 0;
}

/// One strip or tile: the rectangle at (x, y) of a plane that holds all samples of a pixel, or one.
struct block {
  uint32_t x, y, columns, rows, width;
  uint16_t plane, planes, bits, samples;
};

/// Copies the part of a block that is inside the image to its rows.
static void place(struct block b, const uint8_t *block, uint8_t *rows, size_t row_bytes) {
  size_t pixel_bits = (size_t)b.bits * b.samples;
  size_t block_row = ((size_t)b.width * (b.planes > 1 ? b.bits : pixel_bits) + 7) / 8;
  for (uint32_t y = 0; y < b.rows; y++) {
    const uint8_t *src = block + y * block_row;
    uint8_t *dst = rows + (b.y + y) * row_bytes + b.x * pixel_bits / 8;
    if (b.planes == 1) {
      memcpy(dst, src, (b.columns * pixel_bits + 7) / 8);
      continue;
    }
    size_t sample = b.bits / 8;
    for (size_t x = 0; x < b.columns; x++)
      memcpy(dst + (x * b.samples + b.plane) * sample, src + x * sample, sample);
  }
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

int athanor_tiff_read_samples(athanor_tiff *t, uint8_t *rows, size_t row_bytes) {
  athanor_tiff_layout layout;
  if (athanor_tiff_get_layout(t, &layout)) return 1;
  TIFF *tiff = t->tiff;
  int tiled = TIFFIsTiled(tiff);
  uint16_t planar = PLANARCONFIG_CONTIG;
  uint32_t width = layout.width, height = layout.height;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
  if (tiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
  } else {
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &height);
    height = least(height, layout.height);
  }
  struct block b = {.width = width, .bits = layout.bits, .samples = layout.samples, .planes = 1};
  if (planar == PLANARCONFIG_SEPARATE && layout.samples > 1) b.planes = layout.samples;

  size_t pixel_bits = (size_t)b.bits * b.samples;
  size_t block_row = ((size_t)width * (b.planes > 1 ? b.bits : pixel_bits) + 7) / 8;
  tmsize_t size = tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff);
  tmsize_t stored_row = tiled ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff);
  if (!width || !height || (b.planes > 1 && b.bits % 8) ||
      row_bytes != (layout.width * pixel_bits + 7) / 8 || (size_t)stored_row != block_row ||
      size <= 0 || (size_t)size / height < block_row || (tiled && width * pixel_bits % 8))
    return fail(t, "an arrangement of samples that is not read");
  if ((size_t)size > t->limit) return fail(t, "tiles or strips larger than the image");
  uint8_t *block = malloc((size_t)size);
  if (!block) return fail(t, "no memory");

  int failed = 0;
  for (b.plane = 0; b.plane < b.planes; b.plane++)
    for (b.y = 0; !failed && b.y < layout.height; b.y += b.rows)
      for (b.x = 0, b.rows = least(height, layout.height - b.y); !failed && b.x < layout.width;
           b.x += b.columns) {
        b.columns = least(width, layout.width - b.x);
        uint32_t index = tiled ? TIFFComputeTile(tiff, b.x, b.y, 0, b.plane)
                               : TIFFComputeStrip(tiff, b.y, b.plane);
        tmsize_t got = tiled ? TIFFReadEncodedTile(tiff, index, block, size)
                             : TIFFReadEncodedStrip(tiff, index, block, size);
        failed = got < 0 || (size_t)got < b.rows * block_row;
        if (!failed) place(b, block, rows, row_bytes);
      }
  free(block);
  if (failed) return fail(t, "undecodable data");
  return t->message[0] != 0;
}
