import AthanorCore
import AthanorData
import Foundation

/// A whole data set: layout, labels, masks, tables and images through one door.
///
/// The input is an archive of small files, each behind a line `=== PLACE` (the tests write one for
/// each spelling of each layout).
extension Reader {
  static let data = Reader(name: "data") { bytes in
    let folder = "\(scratch)/data"
    try? FileManager.default.removeItem(atPath: folder)
    for (place, content) in parts(of: bytes) {
      let url = URL(fileURLWithPath: "\(folder)/\(place)")
      try? FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try? Data(content).write(to: url)
    }
    _ = try inspect(datasets.make(recogniseLayout(of: folder), at: "data"))
  }

  private static func parts(of bytes: [UInt8]) -> [(place: String, content: ArraySlice<UInt8>)] {
    let mark = Array("=== ".utf8)
    var starts: [Int] = []
    for i in bytes.indices.dropLast(mark.count)
    where (i == 0 || bytes[i - 1] == 10) && bytes[i...].starts(with: mark) {
      starts.append(i)
    }
    return zip(starts, starts.dropFirst() + [bytes.count + 1]).compactMap { start, next in
      let part = bytes[(start + mark.count)..<(next - 1)]
      let name = part.prefix { $0 != 10 }
      guard let place = String(validating: name, as: UTF8.self), !place.isEmpty,
        place.utf8.count < 100, !place.split(separator: "/").contains(".."), !place.contains("\0")
      else { return nil }
      return (place, part.dropFirst(name.count + 1))
    }
  }
}
