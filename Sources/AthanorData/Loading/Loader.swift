import AthanorCore
import AthanorVision

/// Changes a sample at random: the pipeline of augmentations. Its second argument is the epoch,
/// from 0.
public typealias Augment = @Sendable (Sample, Int, inout Generator) throws -> Sample

/// Reads, augments and joins samples ahead of the training loop, on threads of its own.
///
/// The order of an epoch is a function of (seed, epoch), a sample's augmentation of (seed, epoch,
/// sample): batches are the same whatever the timing, and an epoch can be started at any step.
///
/// In place of a sample that cannot be read the next one of the epoch's order is taken that can, so
/// that batches stay full and the same; `damaged` lists those found.
public final class Loader: Sendable {
  public struct Options: Sendable {
    public var batchSize = 8
    public var shuffle = true
    /// Whether an incomplete last batch is dropped.
    public var dropLast = false
    public var seed = 0
    public var workers = 1
    /// Batches that are prepared in advance.
    public var prefetch = 3
    /// Memory for decoded samples.
    public var cacheBytes = 1 << 30
    /// Whether a sample that cannot be read is an error.
    public var isStrict = false
    /// Whether each sample occurs once and unchanged, and batches contain their `originals`.
    public var isForEvaluation = false

    public init() {}
  }

  public let dataset: any Dataset
  public let format: InputFormat
  /// The labels that batches contain, by name.
  public let labels: [String: Label.Kind]
  public let options: Options
  private let augment: Augment?
  private let cache: SampleCache
  private let reader: SampleReader

  /// Before augmentation a sample is shrunk to this multiple of the input size, so that large
  /// photographs are cheap to cache and to augment, while crops can still zoom in.
  private static let oversampling = 1.5
  /// After this many damaged samples in a row loading fails.
  private static let mostDamaged = 64

  public init(
    _ dataset: any Dataset, _ format: InputFormat, labels: [String: Label.Kind],
    _ options: Options = Options(), augment: Augment? = nil
  ) {
    precondition(options.batchSize > 0, "Loader: batch size \(options.batchSize)")
    precondition(
      !options.isForEvaluation || augment == nil, "Loader: evaluation of changed samples")
    self.dataset = dataset
    self.format = format
    self.labels = labels
    self.options = options
    self.augment = augment
    cache = SampleCache(limit: options.cacheBytes)
    reader = SampleReader(dataset, isStrict: options.isStrict)
  }

  /// The samples that could not be read so far.
  public var damaged: [DamagedSample] { reader.damaged }

  public var batchesPerEpoch: Int {
    let (full, rest) = dataset.count.quotientAndRemainder(dividingBy: options.batchSize)
    return full + (rest > 0 && !options.dropLast ? 1 : 0)
  }

  /// The samples of an epoch, in order.
  public func order(epoch: Int) -> [Int] {
    if options.isForEvaluation {
      let ids = (0..<dataset.count).map(dataset.id(at:))
      return ids.indices.sorted { (ids[$0], $0) < (ids[$1], $1) }
    }
    guard options.shuffle else { return Array(0..<dataset.count) }
    var generator = Generator(options.seed, 0x0bde, epoch)
    return generator.permutation(dataset.count)
  }

  /// The batches of an epoch from `step` on. Work on the first ones starts at once.
  public func batches(epoch: Int, from step: Int = 0) -> BatchQueue {
    BatchQueue(self, epoch: epoch, order: order(epoch: epoch), from: step)
  }

  /// One batch of an epoch, prepared on the calling thread.
  public func batch(epoch: Int, step: Int) throws -> Batch {
    try batch(epoch: epoch, step: step, order: order(epoch: epoch))
  }

  func batch(epoch: Int, step: Int, order: [Int]) throws -> Batch {
    let first = step * options.batchSize
    let positions = first..<min(order.count, first + options.batchSize)
    guard options.isForEvaluation else {
      let entries = try positions.map { try entry(from: $0, of: order, epoch: epoch) }
      return Batch(
        entries.map(\.sample), format, labels: labels, originals: entries.map(\.original))
    }
    let read = try order[positions].compactMap { index in
      try entry(index, epoch: epoch).map { (index: index, sample: $0.sample) }
    }
    var batch = Batch(read.map(\.sample), format, labels: [:])
    batch.originals = read
    return batch
  }

  /// The sample at a position of the order, or the next one that can be read.
  ///
  /// Errors: throws the error of the first where none of many in a row can be read.
  private func entry(from position: Int, of order: [Int], epoch: Int) throws -> SampleCache.Entry {
    let tried = (0..<min(order.count, Self.mostDamaged)).lazy.map {
      order[(position + $0) % order.count]
    }
    for index in tried { if let entry = try entry(index, epoch: epoch) { return entry } }
    throw reader.damaged(at: order[position])?.error
      ?? ContentError(path: "training set", expected: "a sample", received: "none")
  }

  /// Nil where the sample is damaged.
  private func entry(_ index: Int, epoch: Int) throws -> SampleCache.Entry? {
    let found = try cache.entry(index) {
      try reader.sample(at: index).map { sample in
        SampleCache.Entry(
          sample: shrunk(sample.keeping(Set(labels.keys))),
          original: (sample.image.width, sample.image.height))
      }
    }
    guard var entry = found else { return nil }
    if let augment {
      var generator = Generator(options.seed, 0xa6, epoch, index)
      entry.sample = try augment(entry.sample, epoch, &generator)
    }
    return entry
  }

  /// The sample at most `oversampling` times the size that it has in the input.
  private func shrunk(_ sample: Sample) -> Sample {
    guard !options.isForEvaluation else { return sample }
    let (width, height) = (sample.image.width, sample.image.height)
    let geometry = format.geometry(width: width, height: height)
    let factor = augment == nil ? 1 : Self.oversampling
    let size = (
      Int((Double(geometry.contentWidth) * factor).rounded()),
      Int((Double(geometry.contentHeight) * factor).rounded())
    )
    guard size.0 < width, size.1 < height else { return sample }
    return sample.resized(width: size.0, height: size.1, .area)
  }
}
