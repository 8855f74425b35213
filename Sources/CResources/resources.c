#define _GNU_SOURCE
#include "CResources.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

// Everything below a signal handler calls is safe there: no allocation, no stdio.

static void say(const char *text) {
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
}

static void say_number(size_t number) {
  char digits[24];
  char *start = digits + sizeof digits - 1;
  *start = 0;
  do {
    *--start = '0' + number % 10;
    number /= 10;
  } while (number);
  say(start);
}

/// What the last allocation that failed asked for; 0 where none did.
static volatile size_t refused;

_Noreturn void athanor_out_of_memory(size_t bytes) {
  say("Error: out of memory");
  if (bytes) {
    say(": the system refused ");
    say_number(bytes);
    say(" bytes");
  }
  say(" (a smaller input or batch, fewer threads or jobs, or a higher limit)\n");
  _exit(1);
}

// Allocations that fail -----------------------------------------------------------------------

// The Swift runtime and C++ libraries crash where an allocation fails. What was refused is noted,
// so that the crash can be told of; whoever handles the failure is left to do so.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 1
#endif
#endif

#if defined(__GLIBC__) && !defined(OWN_ALLOCATOR)
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static inline void *noted(void *block, size_t size) {
  if (__builtin_expect(!block && size, 0)) refused = size;
  return block;
}

void *malloc(size_t size) { return noted(__libc_malloc(size), size); }
void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) bytes = SIZE_MAX;
  return noted(__libc_calloc(count, size), bytes);
}
void *realloc(void *block, size_t size) { return noted(__libc_realloc(block, size), size); }
void *memalign(size_t alignment, size_t size) {
  return noted(__libc_memalign(alignment, size), size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  return noted(__libc_memalign(alignment, size), size);
}
int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) || !alignment || alignment & (alignment - 1)) return EINVAL;
  void *block = noted(__libc_memalign(alignment, size), size);
  if (!block && size) return ENOMEM;
  *result = block;
  return 0;
}
#endif

// Crashes -------------------------------------------------------------------------------------

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGTRAP};
enum { CRASHES = sizeof crashes / sizeof *crashes };
static struct sigaction before[CRASHES];

static uintptr_t stack_pointer(void *context) {
#if defined(__linux__) && defined(__x86_64__)
  return (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RSP];
#elif defined(__linux__) && defined(__aarch64__)
  return (uintptr_t)((ucontext_t *)context)->uc_mcontext.sp;
#else
  (void)context;
  return 0;
#endif
}

/// Whether not even a little more memory is to be had, as for code that a library generates.
static int is_exhausted(void) {
  enum { LITTLE = 8 << 20 };
  void *block =
      mmap(NULL, LITTLE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return 1;
  munmap(block, LITTLE);
  return 0;
}

static void crashed(int number, siginfo_t *info, void *context) {
  const uintptr_t stack = stack_pointer(context), address = (uintptr_t)info->si_addr;
  const uintptr_t reach = 1 << 16;
  const int is_fault = number == SIGSEGV || number == SIGBUS;
  if (is_fault && stack && info->si_code > 0 && address + reach > stack &&
      address < stack + reach) {
    struct rlimit limit;
    say("Error: out of stack");
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < 1 << 20) {
      say(": the limit is ");
      say_number(limit.rlim_cur >> 10);
      say(" kB (ulimit -s 8192 is usual)");
    }
    say("\n");
    _exit(1);
  }
  if (refused || is_exhausted()) athanor_out_of_memory(refused);
  // Any other crash: the instruction is run again, or the signal raised, as if nobody had looked.
  for (int i = 0; i < CRASHES; i++)
    if (crashes[i] == number) sigaction(number, &before[i], NULL);
  if (!is_fault || info->si_code <= 0) raise(number);
}

void athanor_watch_stack(void) {
  static _Thread_local int is_watched;
  if (is_watched) return;
  is_watched = 1;
  const size_t size = 1 << 16;
  void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return;
  const stack_t stack = {.ss_sp = block, .ss_size = size};
  sigaltstack(&stack, NULL);
}

void athanor_watch_resources(void) {
  athanor_watch_stack();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = crashed;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < CRASHES; i++) sigaction(crashes[i], &action, &before[i]);
}

// Threads -------------------------------------------------------------------------------------

struct start {
  void (*body)(void *);
  void *context;
};

static void *begin(void *data) {
  const struct start start = *(struct start *)data;
  free(data);
  athanor_watch_stack();
  start.body(start.context);
  return NULL;
}

int athanor_start_thread(void (*body)(void *), void *context) {
  struct start *start = malloc(sizeof *start);
  if (!start) return ENOMEM;
  *start = (struct start){body, context};
  pthread_t thread;
  const int status = pthread_create(&thread, NULL, begin, start);
  if (status)
    free(start);
  else
    pthread_detach(thread);
  return status;
}

static void *wait_for(void *mutex) {
  pthread_mutex_lock(mutex);
  pthread_mutex_unlock(mutex);
  return NULL;
}

int athanor_grantable_threads(int count) {
  pthread_t *threads = malloc((size_t)count * sizeof *threads);
  if (!threads) return 0;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  int started = 0;
  while (started < count && !pthread_create(&threads[started], NULL, wait_for, &mutex)) started++;
  pthread_mutex_unlock(&mutex);
  for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
  free(threads);
  return started;
}

// Files ---------------------------------------------------------------------------------------

int athanor_unnamed_file(void) {
#if defined(__linux__)
  return memfd_create("athanor", MFD_CLOEXEC);
#else
  char path[] = P_tmpdir "/athanor.XXXXXX";
  const int file = mkstemp(path);
  if (file < 0) return file;
  unlink(path);
  fcntl(file, F_SETFD, FD_CLOEXEC);
  return file;
#endif
}

/// Writes out what was printed; whether that failed, which is said then.
static int output_failed(void) {
  const int had_error = ferror(stdout);
  errno = 0;
  if (fflush(stdout) == 0 && !had_error) return 0;
  say("Error: standard output: cannot write");
  if (errno) {
    say(": ");
    say(strerror(errno));
  }
  say("\n");
  return 1;
}

#if defined(__GLIBC__)
static void end(int status, void *unused) {
  (void)unused;
  if (output_failed()) status = 1;
  fflush(NULL);
  // Libraries are not asked to clean up: OpenBLAS would wait for its threads, and one that gets too
  // little memory never ends.
  _exit(status);
}

void athanor_check_output_at_exit(void) {
  // What is printed fits, mostly: the first write that fails is then the last one, whose reason is
  // known. The buffer is given because glibc keeps its own of 4 KiB where it is not.
  static char buffer[1 << 16];
  if (!isatty(STDOUT_FILENO)) setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  on_exit(end, NULL);
}
#else
static void end(void) {
  if (output_failed()) _exit(1);
}

void athanor_check_output_at_exit(void) { atexit(end); }
#endif
