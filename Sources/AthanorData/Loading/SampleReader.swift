import AthanorCore
import AthanorVision
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A sample that cannot be read, and the reason.
public struct DamagedSample: Sendable {
  public var name: String
  /// The error, which names the file.
  public var error: any Error
}

/// Reads the samples of a data set; damaged ones are skipped and counted.
public final class SampleReader: Sendable {
  public let dataset: any Dataset
  /// Whether a damaged sample is an error.
  public let isStrict: Bool
  private let found = Mutex<[Int: DamagedSample]>([:])

  public init(_ dataset: any Dataset, isStrict: Bool = false) {
    self.dataset = dataset
    self.isStrict = isStrict
  }

  /// The damaged samples found so far, in the order of the data set.
  public var damaged: [DamagedSample] {
    found.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// A sample; nil where it is damaged.
  ///
  /// Errors: throws where the disk as a whole fails, and, if strict, the error of a damaged sample.
  public func sample(at index: Int) throws -> Sample? {
    if !isStrict, found.withLock({ $0[index] != nil }) { return nil }
    do {
      return try dataset.sample(at: index)
    } catch {
      guard !isStrict, !Self.isOfTheSystem(error) else { throw error }
      let damage = DamagedSample(name: dataset.name(at: index), error: error)
      found.withLock { $0[index] = damage }
      return nil
    }
  }

  /// The error of a sample; nil where it was not read, or could be read.
  public func damaged(at index: Int) -> DamagedSample? { found.withLock { $0[index] } }

  /// Whether the cause is the machine and not the file: then every other file would fail too.
  private static func isOfTheSystem(_ error: any Error) -> Bool {
    guard let error = error as? FileError else { return false }
    return [EIO, EMFILE, ENFILE, ENOMEM, ESTALE].contains {
      error.reason == String(cString: strerror($0))
    }
  }
}
