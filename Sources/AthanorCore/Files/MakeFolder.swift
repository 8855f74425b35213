#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Creates a folder and its parents; existing ones are unchanged.
///
/// Errors: throws `FileError` naming the folder that cannot be made.
public func makeFolder(_ path: String) throws {
  var partial = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    partial += part
    if mkdir(partial, 0o755) != 0, errno != EEXIST {
      throw FileError(path: partial, operation: "create the folder")
    }
    partial += "/"
  }
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
    throw FileError(path: path, operation: "create the folder", reason: "it is a file")
  }
}
