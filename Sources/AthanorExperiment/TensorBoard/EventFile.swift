import AthanorCore
import AthanorMetrics
import AthanorVision
import Foundation

/// A TensorBoard event file that is being written: scalars, images and data for plugins, by step.
///
/// Source: TensorFlow's `TFRecord` framing and `event.proto`, `summary.proto`.
public final class EventFile {
  /// The name by which TensorBoard recognises its files.
  public static let name = "events.out.tfevents.0000000000.athanor"
  /// Files that are written at once and sort before the growing file: where two files define the
  /// same thing for a run, TensorBoard uses the first. One has an ablation's data about all runs,
  /// the other a run's own settings.
  static let ablationName = "events.out.tfevents.0000000000.0-ablation"
  static let settingsName = "events.out.tfevents.0000000000.0-settings"

  private let file: AppendingFile

  /// Opens the event file in `folder`, which exists, so that the run can resume after `step`: later
  /// or incomplete records are cut off. Throws `FileError`.
  public init(in folder: String, resumingAfter step: Int? = nil) throws {
    let path = "\(folder)/\(Self.name)"
    let kept = step.map { step in (try? AtomicFile.read(path)).map { Self.length(of: $0, to: step) }
    }
    file = try AppendingFile(path, keeping: (kept ?? nil) ?? 0)
    if file.length == 0 { try file.append(Self.beginning) }
  }

  /// Writes an event file with these summaries, replacing an earlier one. Throws `FileError`.
  static func write(_ summaries: [TensorSummary], to path: String) throws {
    var event = event(step: 0)
    event.set(5, to: summary(summaries))
    try AtomicFile.write(beginning + record(event.bytes), to: path)
  }

  /// Records numbers under their names, including numbers that are not finite.
  public func add(_ scalars: [(name: String, value: Double)], step: Int) throws {
    guard !scalars.isEmpty else { return }
    var summary = ProtocolBuffer()
    for scalar in scalars {
      var value = ProtocolBuffer()
      value.set(1, to: scalar.name)
      value.set(2, to: Float(scalar.value))
      summary.set(1, to: value)
    }
    try add(summary, step: step)
  }

  /// Records precision over recall of one class, with the counts behind its points.
  ///
  /// Traps for the mean over several classes, which has no score thresholds.
  public func add(_ curve: PrecisionRecallCurve, name: String, step: Int) throws {
    try add([.curve(curve, tag: name)], step: step)
  }

  /// Records data for plugins.
  func add(_ summaries: [TensorSummary], step: Int) throws {
    guard !summaries.isEmpty else { return }
    try add(Self.summary(summaries), step: step)
  }

  /// Records an image as PNG.
  public func add(_ image: Image, name: String, step: Int) throws {
    var picture = ProtocolBuffer()
    picture.set(1, to: image.height)
    picture.set(2, to: image.width)
    picture.set(3, to: image.channels)
    picture.set(4, to: try image.pngData())
    var value = ProtocolBuffer()
    value.set(1, to: name)
    value.set(4, to: picture)
    var summary = ProtocolBuffer()
    summary.set(1, to: value)
    try add(summary, step: step)
  }

  private func add(_ summary: ProtocolBuffer, step: Int) throws {
    var event = Self.event(step: step)
    event.set(5, to: summary)
    try file.append(Self.record(event.bytes))
  }

  private static func summary(_ summaries: [TensorSummary]) -> ProtocolBuffer {
    var summary = ProtocolBuffer()
    for one in summaries { summary.set(1, to: one.value) }
    return summary
  }

  /// The start of every event file: the version of its format.
  private static var beginning: [UInt8] {
    var event = event(step: 0)
    event.set(3, to: "brain.Event:2")
    return record(event.bytes)
  }

  private static func event(step: Int) -> ProtocolBuffer {
    var event = ProtocolBuffer()
    event.set(1, to: Date().timeIntervalSince1970)
    event.set(2, to: step)
    return event
  }

  /// Length, checksum of the length, data, checksum of the data.
  private static func record(_ data: [UInt8]) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt64(data.count).littleEndian) { Array($0) }
    func checksum(_ bytes: [UInt8]) -> [UInt8] {
      withUnsafeBytes(of: CRC32C.masked(bytes).littleEndian) { Array($0) }
    }
    return length + checksum(length) + data + checksum(data)
  }

  /// The length in bytes of the complete records up to and including `step`. Events begin with the
  /// time (9 bytes) and the step (a key and a varint), as written above.
  private static func length(of bytes: [UInt8], to step: Int) -> Int {
    var position = 0
    while bytes.count - position >= 12 {
      let length = bytes[position..<position + 8].reversed().reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
      guard length >= 11, length <= UInt64(bytes.count - position - 12) else { break }
      let end = position + 12 + Int(length) + 4
      guard end <= bytes.count else { break }
      var recorded = 0
      for (index, byte) in bytes[(position + 22)..<(end - 4)].prefix(9).enumerated() {
        recorded |= Int(byte & 0x7F) << (7 * index)
        if byte & 0x80 == 0 { break }
      }
      guard recorded <= step else { break }
      position = end
    }
    return position
  }
}
