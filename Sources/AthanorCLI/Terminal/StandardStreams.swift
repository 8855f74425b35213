import CResources
import Foundation

/// The three standard streams of the process, in whatever state the caller left them.
public enum StandardStreams {
  /// Opens those that are closed, so that no file gets their descriptors and is written to by
  /// mistake, and makes results that cannot be written to standard output end in exit code 1.
  /// Growing a file beyond `ulimit -f` becomes a write error instead of a signal.
  public static func prepare() {
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
      // `open` takes the lowest free descriptor, which is this stream. Standard output is opened
      // for reading, so that writing results to it fails.
      _ = open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY)
    }
    signal(SIGXFSZ, SIG_IGN)
    athanor_check_output_at_exit()
  }
}
