// Colour labels to class indices in C++, one factor at a time. Reads label.ppm, colors.bin and
// expected.bin, and appends a line a variant to ladder.tsv: name, ms, ns a pixel.
//
// Compiled twice: with -fno-tree-vectorize (SCALAR) and without.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

using Bytes = std::vector<uint8_t>;

Bytes read(const char *path, size_t skip = 0) {
  std::ifstream file(path, std::ios::binary);
  Bytes bytes((std::istreambuf_iterator<char>(file)), {});
  return Bytes(bytes.begin() + skip, bytes.end());
}

/// The same search as the Python loop: every pixel against every colour until one fits.
void search(const uint8_t *label, uint8_t *mask, size_t count, const Bytes &colors) {
  const size_t classes = colors.size() / 3;
  for (size_t i = 0; i < count; ++i) {
    mask[i] = 255;
    for (size_t k = 0; k < classes; ++k) {
      if (label[3 * i] == colors[3 * k] && label[3 * i + 1] == colors[3 * k + 1] &&
          label[3 * i + 2] == colors[3 * k + 2]) {
        mask[i] = static_cast<uint8_t>(k);
        break;
      }
    }
  }
}

/// Without a branch a pixel, a few thousand pixels at a time: what a compiler can make vectors of.
void passes(const uint8_t *label, uint8_t *mask, size_t count, const Bytes &colors) {
  constexpr size_t block = 4096;
  uint8_t r[block], g[block], b[block];
  for (size_t from = 0; from < count; from += block) {
    const size_t n = std::min(block, count - from);
    for (size_t i = 0; i < n; ++i) {
      const uint8_t *pixel = label + 3 * (from + i);
      r[i] = pixel[0], g[i] = pixel[1], b[i] = pixel[2];
    }
    uint8_t *to = mask + from;
    std::fill_n(to, n, uint8_t{255});
    for (size_t k = 0; k < colors.size() / 3; ++k) {
      const uint8_t red = colors[3 * k], green = colors[3 * k + 1], blue = colors[3 * k + 2];
      for (size_t i = 0; i < n; ++i) {
        const bool same = (r[i] == red) & (g[i] == green) & (b[i] == blue);
        to[i] = same ? static_cast<uint8_t>(k) : to[i];
      }
    }
  }
}

int main() {
  const Bytes file = read("label.ppm"), colors = read("colors.bin"), expected = read("expected.bin");
  const size_t count = expected.size();
  const uint8_t *label = file.data() + file.size() - 3 * count;
  Bytes mask(count);
  std::ofstream table("ladder.tsv", std::ios::app);

  const auto measure = [&](const std::string &name, auto variant, unsigned threads) {
    double best = 1e9;
    for (int run = 0; run < 7; ++run) {
      const auto start = std::chrono::steady_clock::now();
      std::vector<std::thread> workers;
      for (unsigned t = 0; t < threads; ++t) {
        const size_t low = count * t / threads, high = count * (t + 1) / threads;
        workers.emplace_back(variant, label + 3 * low, mask.data() + low, high - low,
                             std::cref(colors));
      }
      for (auto &worker : workers) worker.join();
      const std::chrono::duration<double, std::milli> elapsed =
          std::chrono::steady_clock::now() - start;
      best = std::min(best, elapsed.count());
    }
    if (mask != expected) {
      std::cerr << name << ": wrong\n";
      std::exit(1);
    }
    const double ns = 1e6 * best / count;
    std::printf("%-48s%-12.2f%.2f\n", name.c_str(), best, ns);
    table << name << "\t" << best << "\t" << ns << "\n";
  };
#ifdef SCALAR
  measure("C++, the same search, scalar", search, 1);
  measure("C++, no branches, scalar", passes, 1);
#else
  measure("C++, no branches, vectors", passes, 1);
  const unsigned cpus = std::thread::hardware_concurrency();
  if (cpus > 1) measure("C++, vectors, " + std::to_string(cpus) + " threads", passes, cpus);
#endif
}
