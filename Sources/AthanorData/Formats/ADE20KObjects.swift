import AthanorCore
import AthanorVision

/// The objects of an image in the full releases of ADE20K, without their parts.
struct ADE20KObjects: Sendable, Equatable {
  /// The class of each object by its number in the image, as `…_atr.txt` of 2017 counts from 1.
  var byNumber: [Int: String] = [:]
  /// The class of each class number, as the JSON of 2021 has them.
  var byClass: [Int: String] = [:]

  var names: [String] { Array(byNumber.values) + Array(byClass.values) }

  /// Errors: throws `FileError`, `JSONError`, `ContentError` for any other file.
  init(contentsOf path: String) throws {
    if FileName.kind(of: path) == "json" {
      try readJSON(path)
    } else {
      try readText(path)
    }
  }

  /// Lines `number # part level # occluded # names # name as drawn # attributes`.
  private mutating func readText(_ path: String) throws {
    for line in try TextFile.lines(of: path) {
      let columns = line.split(separator: "#", omittingEmptySubsequences: false).map {
        ClassName.trimmed(String($0))
      }
      guard columns.count >= 5, let number = Int(columns[0]), let level = Int(columns[1]),
        !columns[3].isEmpty
      else {
        throw ContentError(
          path: path,
          expected: "lines 'number # part level # occluded # names # name # attributes'",
          received: "'\(line.prefix(60))'")
      }
      guard level == 0 else { continue }
      if byNumber.updateValue(columns[3], forKey: number) != nil {
        throw ContentError(
          path: path, expected: "each object once", received: "object \(number) twice")
      }
    }
  }

  private mutating func readJSON(_ path: String) throws {
    var cursor = JSONCursor(try JSONText(contentsOf: path))
    var hasObjects = false
    try cursor.uniqueObject { key, value in
      guard key == "annotation" else { return }
      try value.uniqueObject { key, value in
        guard key == "object" else { return }
        hasObjects = true
        try value.array { _, object in try self.object(&object, path) }
      }
    }
    try cursor.end()
    guard hasObjects else {
      throw ContentError(path: path, expected: "the key 'annotation.object'", received: "none")
    }
  }

  private mutating func object(_ value: inout JSONCursor, _ path: String) throws {
    let whole = value
    var (name, number, level) = ("", Int?.none, 0)
    try value.object { key, value in
      switch key {
      case "name": name = ClassName.trimmed(try value.string())
      case "name_ndx": number = try value.integer()
      case "parts":
        guard value.kind == .object else { return }
        try value.object { key, value in
          guard key == "part_level" else { return }
          level = try value.wholeNumber()
        }
      default: break
      }
    }
    guard level == 0 else { return }
    guard let number, !name.isEmpty else {
      throw whole.error(expected: "an object with name and name_ndx", received: "one without")
    }
    if let other = byClass.updateValue(name, forKey: number), other != name {
      throw whole.error(
        expected: "one name for name_ndx \(number)", received: "'\(other)' and '\(name)'")
    }
  }
}
