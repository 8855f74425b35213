import CResources
import Foundation

/// The three streams that a process is started with, whatever the caller made of them.
public enum StandardStreams {
  /// Fills in those that are closed, so that no file is opened in their place and written over, and
  /// sees to it that results which cannot be written to standard output end in exit code 1. A file
  /// that grows beyond `ulimit -f` is an error of whoever writes it, and no signal.
  public static func prepare() {
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
      // The lowest free number is taken: this one. Results cannot be written to one that is read.
      _ = open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY)
    }
    signal(SIGXFSZ, SIG_IGN)
    athanor_check_output_at_exit()
  }
}
