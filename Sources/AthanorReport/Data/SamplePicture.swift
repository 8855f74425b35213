import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorVision

/// A sample with its labels drawn, small enough for a page with many samples.
struct SamplePicture: Sendable {
  /// The length of the longer side in pixels.
  static let side = 288
  /// Class names are drawn only up to this many boxes, since they would hide more than that.
  private static let mostCaptions = 8

  /// The index of the part of the inspection that it belongs to, and of the sample in that part.
  var part: Int
  var index: Int
  var image: Image

  /// Draws the chosen samples on all CPUs; a sample that can no longer be read is left out.
  static func draw(
    _ chosen: [(part: Int, index: Int)], of inspection: DataInspection
  ) throws -> [SamplePicture] {
    try concurrently(chosen) { place in
      let dataset = inspection.parts[place.part].dataset
      guard let image = image(of: dataset, place.index) else { return nil }
      return SamplePicture(part: place.part, index: place.index, image: image)
    }.compactMap(\.self)
  }

  /// For a damaged sample the image without labels, where it can be read.
  private static func image(of dataset: any Dataset, _ index: Int) -> Image? {
    if let sample = try? dataset.sample(at: index) { return picture(sample, dataset.classes) }
    guard let file = dataset.file(at: index), let image = try? Image(contentsOf: file, as: .color)
    else { return nil }
    return Sample(name: "", image: image).fitted(to: side).image
  }

  static func picture(_ sample: Sample, _ classes: DataClasses) -> Image {
    sample.fitted(to: side).drawn(classes, mostCaptions: mostCaptions)
  }

  /// Readable samples of a split for its sheet, chosen by the seed, in their original order.
  static func chosen(
    of inspection: DataInspection, part: Int, count: Int, seed: Int
  ) -> [(part: Int, index: Int)] {
    let facts = inspection.parts[part].facts
    let readable = facts.indices.filter { facts[$0] != nil }
    var generator = Generator(seed, 0x5ee7, part)
    return generator.permutation(readable.count).prefix(count).map { readable[$0] }.sorted()
      .map { (part, $0) }
  }
}
