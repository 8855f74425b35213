import AthanorCore
import AthanorVision

/// The values that occur in a data set's masks, by the forms in which files store them.
struct MaskValues {
  /// The values of files with one channel and no palette.
  private(set) var gray: Set<Int> = []
  /// The values of RGB files whose channels are all equal.
  private(set) var equalChannels: Set<Int> = []
  /// The values of files of 16 bits.
  private(set) var wide: Set<Int> = []
  /// The colours that each value has in palettes.
  private(set) var paletteColors: [Int: Set<MaskCoding.RGB>] = [:]
  /// An RGB file with colours.
  private(set) var firstColored: String?
  private var perFile: [(path: String, values: [Int])] = []
  private var examples: [Int: String] = [:]
  /// Whether some file contains a value to ignore.
  private var hasIgnored = false

  /// Reads at most `limit` masks, evenly spaced.
  ///
  /// A file that cannot be read is an error of its sample only.
  init(_ paths: [String], limit: Int, ignore: Set<Int>, divisor: Int) throws {
    let chosen = (0..<min(limit, paths.count)).map {
      paths[$0 * paths.count / min(limit, paths.count)]
    }
    let masks = try concurrently(chosen) { path in
      Result { try StoredMask(contentsOf: path).contents }
    }
    var firstError: (any Error)?
    for (path, mask) in zip(chosen, masks) {
      let contents: StoredMask.Contents
      switch mask {
      case .success(let read): contents = read
      case .failure(let error):
        firstError = firstError ?? error
        continue
      }
      let stored = Set(contents.values.map { $0 / divisor })
      let values = stored.subtracting(ignore)
      hasIgnored = hasIgnored || values.count < stored.count
      switch contents.form {
      case .color:
        firstColored = firstColored ?? path
        continue
      case .gray: gray.formUnion(values)
      case .equalChannels: equalChannels.formUnion(values)
      case .wide: wide.formUnion(values)
      case .palette(let colors):
        for value in contents.values where !ignore.contains(value / divisor) {
          guard let color = MaskCoding.RGB(of: value, in: colors) else { continue }
          paletteColors[value / divisor, default: []].insert(color)
        }
      }
      perFile.append((path, values.sorted()))
      for value in values where examples[value] == nil { examples[value] = path }
    }
    if perFile.isEmpty, firstColored == nil, let firstError { throw firstError }
  }

  /// Ascending.
  var values: [Int] { examples.keys.sorted() }

  /// Whether there are only 0 and 255, which then is not a value to ignore.
  var isBinary: Bool {
    let all = Set(examples.keys)
    return !hasIgnored && all.isSubset(of: [0, 255]) && all.contains(255)
      && paletteColors[255, default: [.white]] == [.white]
  }

  /// Whether the values are far apart, like gray levels and unlike consecutive indices.
  var isSpread: Bool {
    let indices = values.filter { $0 != 255 }
    return (indices.last ?? 0) >= 64 && indices.last! > 2 * indices.count
  }

  /// Why the files cannot all be read by one rule; nil where they can.
  var contradiction: String? {
    if Set(examples.keys) == [0, 1, 255], paletteColors.isEmpty,
      !perFile.contains(where: { $0.values.contains(1) && $0.values.contains(255) })
    {
      return "some masks hold 0 and 1, others 0 and 255: 255 may be the same class as 1, or say "
        + "nothing (then: ignore=[255])"
    }
    if let value = paletteColors.filter({ $0.key != 255 && $0.value.count > 1 }).keys.min() {
      return "value \(value) has several colours in the palettes: a table of colours "
        + "(labelmap.txt with lines name:r,g,b) says which class each is"
    }
    return nil
  }

  /// Why the values are probably not class indices; nil where they may be.
  func doubt() throws -> String? {
    let indices = values.filter { $0 != 255 }
    guard let greatest = indices.last else { return nil }
    if greatest > 255 {
      return "values above 255 mostly number objects (class × 256 or × 1000 + object): 'divisor' "
        + "says which"
    }
    if isSpread { return "values so far apart are no running indices" }
    guard greatest >= 2, try areObjects() else { return nil }
    return
      "every mask holds 1, 2, 3 … up to a number of its own, each one region, as masks do that "
      + "number the objects of one class: object=NAME reads them so"
  }

  /// Whether the values of each mask run from 1 to a maximum of its own, with few gaps, and each is
  /// a single region.
  private func areObjects() throws -> Bool {
    let counts = perFile.map { $0.values.count { $0 != 0 && $0 != 255 } }.filter { $0 > 0 }
    guard Set(counts).count > 1 else { return false }
    for (path, values) in perFile {
      let objects = values.filter { $0 != 0 && $0 != 255 }
      guard let greatest = objects.last else { continue }
      guard 2 * objects.count > greatest else { return false }
      let (width, _, pixels) = try NumberedObjects.read(path)
      guard
        let regions = try? NumberedObjects.regions(
          of: pixels, width: width, in: path, where: { $0 != 0 && $0 != 255 })
      else { return false }
      for region in regions
      where region.bitmap.connectedComponents().components.count > 2 {
        return false
      }
    }
    return true
  }

  /// A file that contains the value.
  func example(of value: Int) -> String { examples[value] ?? examples.values.sorted().first ?? "" }
}
