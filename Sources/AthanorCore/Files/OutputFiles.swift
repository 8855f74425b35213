#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The files that a command is going to write, compared with its inputs and with existing files:
/// all of them are claimed here before the first is written.
///
/// - An input is never overwritten, whatever path leads to it.
/// - No two outputs of a run are the same file.
/// - In a folder, files that athanor wrote there before are replaced, according to a record in the
///   folder; others only with `--force`.
/// - A file that the user names directly is replaced where its content is of the kind that the
///   command writes.
public struct OutputFiles {
  /// A file that is not overwritten, and why.
  public struct Refusal: Error, Equatable, CustomStringConvertible {
    public var path: String
    public var reason: String

    public var description: String { "\(path): not written over: \(reason)" }
  }

  /// The names that athanor wrote into a folder, in the folder.
  static let record = ".athanor-outputs.json"

  private let replacesAll: Bool
  /// What the user can do where a file is in the way.
  private let advice: String
  private var inputs: Set<Identity> = []
  private var claimed: Set<String> = []

  /// - Parameters:
  ///   - inputs: All files that are read.
  ///   - force: Whether files that athanor did not write are replaced; nil for a command that
  ///     never does that.
  public init(inputs: [String], force: Bool? = nil) {
    replacesAll = force ?? false
    advice = force == nil ? "choose another folder" : "--force replaces it; or another folder"
    self.inputs = Set(inputs.compactMap(Identity.init))
  }

  /// Claims a file that the user names.
  ///
  /// - `content`: The kind of file that is written; other kinds are not replaced.
  ///
  /// Errors: throws `Refusal`, and `FileError` for what is no regular file.
  public mutating func claim(_ path: String, _ content: FileContent?) throws {
    guard let there = try claimed(path), let content, !replacesAll else { return }
    guard there.size > 0, try !content.isHeld(by: path) else { return }
    throw Refusal(path: path, reason: "it holds no \(content.words), as is written here")
  }

  /// Claims files of a folder by their paths in it, and records them there: from then on they are
  /// athanor's.
  ///
  /// - `owned`: Names of files that are athanor's without a record.
  ///
  /// Errors: throws `Refusal`; `FileError` for what is no regular file, and where the folder cannot
  /// be made or written. Nothing has changed then, except that the folder may have been
  /// created.
  public mutating func claim(
    _ names: [String], in folder: String, owned: (String) -> Bool = { _ in false }
  ) throws {
    var own = Self.recorded(in: folder)
    for name in names {
      let path = "\(folder)/\(name)"
      guard try claimed(path) != nil, !replacesAll, !own.contains(name), !owned(name) else {
        continue
      }
      throw Refusal(
        path: path, reason: "athanor did not write it (\(advice))")
    }
    own.formUnion(names)
    try makeFolder(folder)
    let list = JSON.object([.init("files", .array(own.sorted().map { .string($0) }))])
    try AtomicFile.write(list.compact + "\n", to: "\(folder)/\(Self.record)")
  }

  /// The paths in a folder that athanor wrote before.
  public static func recorded(in folder: String) -> Set<String> {
    let json = try? JSON(contentsOf: "\(folder)/\(record)")
    return Set(json?["files"]?.array?.compactMap(\.string) ?? [])
  }

  /// The existing file at an output's path; nil where there is none.
  private mutating func claimed(_ path: String) throws -> (Identity)? {
    guard claimed.insert(Self.spelledOut(path)).inserted else {
      throw Refusal(path: path, reason: "another output of this command has the same name")
    }
    try RegularFile.refuse(path, "write")
    guard let there = Identity(path) else { return nil }
    guard !inputs.contains(there) else {
      throw Refusal(path: path, reason: "it is an input of this command (choose another name)")
    }
    return there
  }

  /// A path with all symbolic links resolved, even one to a file that does not exist yet.
  private static func spelledOut(_ path: String, links: Int = 40) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let length = readlink(path, &buffer, Int(PATH_MAX))
    if length > 0, links > 0 {
      let target = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
      return spelledOut(target.hasPrefix("/") ? target : folder + target, links: links - 1)
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let parent = parts.dropLast().joined(separator: "/")
    let folder = parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : parent
    guard let resolved = realpath(folder, nil) else { return path }
    defer { free(resolved) }
    return "\(String(cString: resolved))/\(parts.last ?? "")"
  }

  /// The identity of a file, whatever its path.
  private struct Identity: Hashable {
    let device: UInt64
    let number: UInt64
    let size: Int

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
      size = Int(status.st_size)
    }
  }
}

/// Kinds of files, recognised by their first bytes.
public enum FileContent: Sendable {
  case numpy, safeTensors, png, jpeg, svg

  /// The kind that a path's ending names, if it is one of these.
  public init?(ofName path: String) {
    let endings: [(String, FileContent)] = [
      (".npy", .numpy), (".safetensors", .safeTensors), (".png", .png), (".jpg", .jpeg),
      (".jpeg", .jpeg), (".svg", .svg),
    ]
    let name = path.lowercased()
    guard let found = endings.first(where: { name.hasSuffix($0.0) }) else { return nil }
    self = found.1
  }

  var words: String {
    switch self {
    case .numpy: "NumPy array"
    case .safeTensors: "safetensors"
    case .png: "PNG image"
    case .jpeg: "JPEG image"
    case .svg: "SVG figure"
    }
  }

  /// Whether the first bytes of a file are those of this kind. Throws `FileError`.
  func isHeld(by path: String) throws -> Bool {
    let file = try InputFile(path)
    let head = try file.read(min(file.size, 16), at: 0)
    return switch self {
    case .numpy: head.starts(with: [0x93] + Array("NUMPY".utf8))
    // The length of the header, then the header, which is a JSON object.
    case .safeTensors: head.count > 8 && head[8] == UInt8(ascii: "{") && head[6] + head[7] == 0
    case .png: head.starts(with: [0x89] + Array("PNG".utf8))
    case .jpeg: head.starts(with: [0xFF, 0xD8])
    case .svg: head.starts(with: Array("<".utf8))
    }
  }
}
