import AthanorCore
import AthanorData
import AthanorLosses

extension ClassFrequencies {
  /// Those of a split's masks, as the files have them: before resizing and augmentation.
  ///
  /// All masks are read once, all CPUs busy; the numbers are kept in `.athanor` beside the data
  /// set, and count as long as no file of it and no option changes. They are counted every time
  /// where samples do not come from files alone, and where the folder cannot be written.
  ///
  /// - Parameter selection: what the source was made of.
  ///
  /// Samples that cannot be read are passed over.
  public init(of split: Split, in source: any DataSource, _ selection: Selection) throws {
    guard let folders = source.folders, let first = folders.first else {
      self = try Self.counted(source.open(split))
      return
    }
    // Before the masks are read: one that changes meanwhile is noticed the next time.
    let files = try folders.map { try fingerprint(of: $0) }
    let path = "\(first)/\(derivedFolder)/class-frequencies-\(split).json"
    let options = JSON(.selection(name: selection.name, options: selection.options))
    // Counts are by index: another order of the classes is another count.
    let classes = try JSON(encoding: source.open(split).segmentationClasses)
    let key = "\(files.joined(separator: " ")) \(options.compact) \(classes.compact)"
    if let kept = Self.kept(at: path, key) {
      self = kept
      return
    }
    self = try Self.counted(source.open(split))
    do {
      try makeFolder("\(first)/\(derivedFolder)")
      let record: JSON = ["key": .string(key), "frequencies": try JSON(encoding: self)]
      try AtomicFile.write(record.pretty + "\n", to: path)
    } catch is FileError {}
  }

  private static func counted(_ dataset: any Dataset) throws -> ClassFrequencies {
    let empty = ClassFrequencies(classes: dataset.segmentationClasses.count)
    let reader = SampleReader(dataset)
    let parts = try concurrently(Array(0..<dataset.count)) { index in
      var part = empty
      let mask = try reader.sample(at: index)?.mask
      mask?.pixels.withUnsafeBufferPointer { part.add($0) }
      return part
    }
    return parts.reduce(into: empty) { $0.add($1) }
  }

  /// What an earlier run left, where it was of the same data.
  private static func kept(at path: String, _ key: String) -> ClassFrequencies? {
    guard let record = try? JSON(contentsOf: path), record["key"]?.string == key,
      let pixels = record["frequencies"]?["pixels"]?.numbers,
      let pixelsOfImages = record["frequencies"]?["pixelsOfImages"]?.numbers,
      pixels.count == pixelsOfImages.count
    else { return nil }
    var frequencies = ClassFrequencies(classes: pixels.count)
    (frequencies.pixels, frequencies.pixelsOfImages) = (pixels, pixelsOfImages)
    return frequencies
  }
}

extension JSON {
  /// The elements of an array of numbers.
  fileprivate var numbers: [Double]? {
    array.flatMap { elements in
      let numbers = elements.compactMap(\.number)
      return numbers.count == elements.count ? numbers : nil
    }
  }
}
