#ifndef ATHANOR_CRESOURCES_H
#define ATHANOR_CRESOURCES_H

#include <stddef.h>

/// From now on a crash for want of memory or of stack ends the process with one sentence on
/// standard error and exit code 1. Any other crash is what it would have been.
void athanor_watch_resources(void);

/// Makes the calling thread one whose stack overflow can be told of.
void athanor_watch_stack(void);

/// Says how much memory was asked for in vain, and ends the process with exit code 1.
_Noreturn void athanor_out_of_memory(size_t bytes);

/// Starts a thread that calls `body(context)` and is never joined; 0, or an error number where the
/// system grants none.
int athanor_start_thread(void (*body)(void *), void *context);

/// How many of `count` threads the system grants at once: they are started, and end at once.
int athanor_grantable_threads(int count);

/// A new file that no folder lists, gone with its last descriptor; negative where there is none.
int athanor_unnamed_file(void);

/// Sees to it that the process ends with a message and exit code 1 where what it printed could not
/// be written.
void athanor_check_output_at_exit(void);

#endif
