#include "COpenMP.h"

// libgomp's stable entry points: what a compiler emits for `#pragma omp parallel`. Declared here
// because the Swift toolchain's clang carries no OpenMP runtime of its own.
extern void GOMP_parallel(void (*fn)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern void omp_set_num_threads(int);
extern int omp_get_num_procs(void);
extern int omp_get_thread_limit(void);
extern void omp_set_dynamic(int);

struct region {
  void (*body)(void *, int, int);
  void *context;
};

static void run(void *data) {
  struct region *region = data;
  region->body(region->context, omp_get_thread_num(), omp_get_num_threads());
}

void athanor_openmp_parallel(void (*body)(void *, int, int), void *context, int threads) {
  struct region region = {body, context};
  GOMP_parallel(run, &region, (unsigned)threads, 0);
}

static _Thread_local int serial_depth;

void athanor_openmp_serial(int change) { serial_depth += change; }

int athanor_openmp_is_serial(void) { return serial_depth > 0; }

void athanor_openmp_set_threads(int threads) { omp_set_num_threads(threads); }

int athanor_openmp_processors(void) { return omp_get_num_procs(); }

static void note_count(void *granted) {
  if (omp_get_thread_num() == 0) *(int *)granted = omp_get_num_threads();
}

int athanor_openmp_granted(int threads) {
  // Else the load of the machine would say how many there are, anew for each region.
  omp_set_dynamic(0);
  if (threads > omp_get_thread_limit()) threads = omp_get_thread_limit();
  int granted = 1;
  GOMP_parallel(note_count, &granted, (unsigned)threads, 0);
  return granted;
}
