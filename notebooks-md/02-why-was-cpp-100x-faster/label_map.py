"""Colour labels to class indices, the Python way: loops, NumPy and cv2, each on one CPU.

Writes label.ppm and expected.bin for label_map.cpp, and a line a variant: name, ms, ns a pixel.
"""
import sys
import time

import cv2
import numpy as np

WIDTH, HEIGHT, CLASSES = 1920, 1080, 21


def voc_colors(count):
    """Pascal VOC's colour map: bits of the index dealt out to red, green and blue."""
    colors = []
    for index in range(count):
        rgb = [0, 0, 0]
        for bit in range(8):
            for channel in range(3):
                rgb[channel] |= (index >> channel & 1) << (7 - bit)
            index >>= 3
        colors.append(tuple(rgb))
    return colors


COLORS = voc_colors(CLASSES)
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
expected = ((x // 37 * 7 + y // 29 * 13) % CLASSES).astype(np.uint8)
label = np.array(COLORS, np.uint8)[expected]


def loop_list():
    """As the handbook has it: every pixel against every colour until one fits."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for row in range(HEIGHT):
        for column in range(WIDTH):
            pixel = label[row, column]
            for index, color in enumerate(COLORS):
                if pixel[0] == color[0] and pixel[1] == color[1] and pixel[2] == color[2]:
                    mask[row, column] = index
                    break
    return mask


def loop_bytes():
    """The same search over bytes and tuples: no NumPy object is made a pixel."""
    pixels = label.tobytes()
    mask = bytearray(WIDTH * HEIGHT)
    for i in range(WIDTH * HEIGHT):
        r, g, b = pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]
        for index, color in enumerate(COLORS):
            if r == color[0] and g == color[1] and b == color[2]:
                mask[i] = index
                break
    return np.frombuffer(mask, np.uint8).reshape(HEIGHT, WIDTH)


def loop_dict():
    """A dictionary instead of the search."""
    classes = {r | g << 8 | b << 16: index for index, (r, g, b) in enumerate(COLORS)}
    pixels = label.tobytes()
    mask = bytearray(WIDTH * HEIGHT)
    for i in range(WIDTH * HEIGHT):
        mask[i] = classes[pixels[3 * i] | pixels[3 * i + 1] << 8 | pixels[3 * i + 2] << 16]
    return np.frombuffer(mask, np.uint8).reshape(HEIGHT, WIDTH)


def numpy_passes():
    """One comparison of the whole image a class."""
    mask = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for index, color in enumerate(COLORS):
        mask[(label == color).all(axis=-1)] = index
    return mask


TABLE = np.full(1 << 24, 255, np.uint8)
for index, (r, g, b) in enumerate(COLORS):
    TABLE[r | g << 8 | b << 16] = index


def numpy_table():
    """One look-up of the whole image in a table of all 2^24 colours."""
    wide = label.astype(np.uint32)
    return TABLE[wide[..., 0] | wide[..., 1] << 8 | wide[..., 2] << 16]


def cv2_passes():
    """cv2.inRange and a masked fill a class."""
    mask = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for index, color in enumerate(COLORS):
        mask[cv2.inRange(label, color, color) > 0] = index
    return mask


def milliseconds(variant):
    start = time.perf_counter()
    mask = variant()
    elapsed = time.perf_counter() - start
    assert np.array_equal(mask, expected), variant.__name__
    return 1e3 * elapsed


cv2.setNumThreads(1)
with open("label.ppm", "wb") as file:
    file.write(b"P6\n%d %d\n255\n" % (WIDTH, HEIGHT) + label.tobytes())
expected.tofile("expected.bin")
np.array(COLORS, np.uint8).tofile("colors.bin")

with open("ladder.tsv", "w") as file:
    for variant, name, runs in [
        (loop_list, "Python loop, array[row, column]", 1),
        (loop_bytes, "Python loop over bytes", 3),
        (loop_dict, "Python loop, dictionary", 3),
        (numpy_passes, "NumPy, a pass a class", 5),
        (cv2_passes, "cv2.inRange, a pass a class", 5),
        (numpy_table, "NumPy, table of 2^24", 5),
    ]:
        ms = min(milliseconds(variant) for _ in range(runs))
        line = f"{name}\t{ms:.2f}\t{1e6 * ms / (WIDTH * HEIGHT):.2f}"
        print(line.expandtabs(36))
        print(line, file=file)
sys.stdout.flush()
