#ifndef ATHANOR_COPENMP_H
#define ATHANOR_COPENMP_H

/// Runs `body(context, thread, threads)` once on each of `threads` threads of libgomp's pool, the
/// pool that oneDNN runs on too, and returns when all are done.
void athanor_openmp_parallel(void (*body)(void *context, int thread, int threads), void *context,
                             int threads);

/// Adds `change` to the depth of the calling thread's serial sections.
void athanor_openmp_serial(int change);

/// Whether the calling thread is in a serial section.
int athanor_openmp_is_serial(void);

/// Sets the number of threads that later parallel regions of this process use by default.
void athanor_openmp_set_threads(int threads);

/// How many threads a region gets that asks for `threads`, whatever OMP_… variables say.
int athanor_openmp_granted(int threads);

/// The CPUs in the affinity mask of this process.
int athanor_openmp_processors(void);

#endif
