import AthanorCore
import AthanorKernels
import AthanorVision
import CppReference
import Foundation

/// Compares ops with OpenCV in output and speed, in this process and on the same buffers, and
/// losses with their reference.
///
/// Times are taken in pairs, one call of each implementation after the other, alternating which
/// goes first; a short call is repeated within its turn. Before each turn there is a pause that
/// lets the other implementation's worker threads go to sleep, so that neither takes the other's
/// CPUs.
public struct ParityRun: Sendable {
  public var ops: [ParityOp]
  /// Whether every loss is compared after the ops.
  public var includesLosses: Bool
  public var sizes: [(width: Int, height: Int)]
  public var threads: [Int]
  /// Timed pairs for each row.
  public var repeats: Int

  /// `names` are ops, or `losses` for all losses; an empty list means everything.
  ///
  /// Throws `SettingsError` for another name.
  public init(
    only names: [String], sizes: [(width: Int, height: Int)], threads: [Int], repeats: Int
  ) throws {
    let losses = "losses"
    let known = parityOps.map(\.name) + [losses]
    for name in names where !known.contains(name) {
      throw SettingsError(
        key: "only", expected: "an op or losses (\(known.joined(separator: ", ")))",
        received: "'\(name)'", suggestion: nearestName(to: name, among: known))
    }
    ops = names.isEmpty ? parityOps : parityOps.filter { names.contains($0.name) }
    includesLosses = names.isEmpty || names.contains(losses)
    self.sizes = sizes
    self.threads = threads
    self.repeats = repeats
  }

  public var count: Int {
    ops.count * sizes.count * threads.count + (includesLosses ? LossParity.all.count : 0)
  }

  /// Runs every op at every size and thread count, then the losses; `progress` receives the row
  /// that comes next.
  public func callAsFunction(progress: (Int, String) -> Void) throws -> ParityReport {
    let before = Threads.count
    defer {
      Threads.count = before
      cppref_set_threads(Int32(before))
    }
    let bandwidth =
      ops.isEmpty ? [] : threads.map { (threads: $0, bytes: Self.bandwidth(threads: $0)) }
    var rows: [ParityReport.Row] = []
    for op in ops {
      for size in sizes {
        for count in threads {
          progress(rows.count, "\(op.name) \(size.width)×\(size.height)")
          rows.append(
            try row(
              op, size, threads: count, bandwidth: bandwidth.first { $0.threads == count }!.bytes))
        }
      }
    }
    var losses: [ParityReport.LossRow] = []
    for loss in includesLosses ? LossParity.all : [] {
      progress(rows.count + losses.count, loss.name)
      losses.append(loss.row())
    }
    return ParityReport(
      cpu: Processor.name, cpus: Threads.availableCPUs, opencv: String(cString: cppref_version()),
      bandwidth: bandwidth, rows: rows, losses: losses)
  }

  private func row(
    _ op: ParityOp, _ size: (width: Int, height: Int), threads: Int, bandwidth: Double
  ) throws -> ParityReport.Row {
    let shape = ParityOp.Shape(width: size.width, height: size.height, channels: op.channels)
    let image = op.content.image(shape)
    let output = op.output(shape)
    var ours = [UInt8](repeating: 0xA5, count: output.byteCount)
    var reference = [UInt8](repeating: 0x5A, count: output.byteCount)
    Threads.count = threads
    cppref_set_threads(Int32(threads))
    var samples: [(swift: Sample, reference: Sample)] = []
    var refusal: String?
    image.withPixels { src in
      ours.withUnsafeMutableBufferPointer { first in
        reference.withUnsafeMutableBufferPointer { second in
          let dst = MutablePixels(
            base: first.baseAddress!, width: output.width, height: output.height,
            channels: output.channels)
          let from = cppref_image(
            data: src.base, width: Int32(src.width), height: Int32(src.height),
            channels: Int32(src.channels), stride: src.stride)
          let to = cppref_output(
            data: second.baseAddress!, width: Int32(output.width), height: Int32(output.height),
            channels: Int32(output.channels), stride: output.width * output.channels)
          let runSwift = { op.ours(src, dst) }
          let runReference = {
            if op.reference(from, to) != 0 { refusal = String(cString: cppref_last_error()) }
          }
          runSwift()
          runReference()
          guard refusal == nil else { return }
          samples = pairs(runSwift, runReference)
        }
      }
    }
    if let refusal { throw ParityError(op: op.name, size: size, reason: refusal) }
    let moved = Double(shape.byteCount + output.byteCount)
    let ratios = samples.map { $0.swift.wall / $0.reference.wall }.sorted()
    let (low, high) = Self.interval(ratios)
    let swift = median(samples.map(\.swift.wall))
    return ParityReport.Row(
      op: op.name, width: size.width, height: size.height, threads: threads,
      difference: Difference(ours, reference), swiftSeconds: swift,
      referenceSeconds: median(samples.map(\.reference.wall)),
      ratio: median(ratios), ratioLow: low, ratioHigh: high,
      busySwift: Self.busy(samples.map(\.swift)),
      busyReference: Self.busy(samples.map(\.reference)), bytes: moved,
      shareOfBandwidth: moved / swift / bandwidth)
  }

  // MARK: - Time

  /// Wall-clock seconds of a call, and its CPU seconds over all CPUs.
  struct Sample {
    var wall: Double
    var cpu: Double
  }

  private func pairs(
    _ first: () -> Void, _ second: () -> Void
  ) -> [(swift: Sample, reference: Sample)] {
    let calls = (Self.callsATurn(first), Self.callsATurn(second))
    return (0..<repeats).map { i in
      if i % 2 == 0 {
        let a = Self.turn(calls.0, first)
        return (a, Self.turn(calls.1, second))
      }
      let b = Self.turn(calls.1, second)
      return (Self.turn(calls.0, first), b)
    }
  }

  /// How many calls take two milliseconds.
  private static func callsATurn(_ body: () -> Void) -> Int {
    let once = min(time(1, body).wall, time(1, body).wall)
    return min(1000, max(1, Int(2e-3 / max(once, 1e-7))))
  }

  private static func turn(_ calls: Int, _ body: () -> Void) -> Sample {
    usleep(6000)
    body()
    return time(calls, body)
  }

  private static func time(_ calls: Int, _ body: () -> Void) -> Sample {
    let (wall, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
    for _ in 0..<calls { body() }
    return Sample(
      wall: (seconds(CLOCK_MONOTONIC) - wall) / Double(calls),
      cpu: (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / Double(calls))
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// CPU seconds per wall-clock second.
  private static func busy(_ samples: [Sample]) -> Double {
    samples.reduce(0) { $0 + $1.cpu } / samples.reduce(0) { $0 + $1.wall }
  }

  /// A 95 % interval of the median from order statistics, valid for any distribution: the ranks n/2
  /// ± 0.98·√n, clamped to the sample.
  static func interval(_ sorted: [Double]) -> (low: Double, high: Double) {
    let n = Double(sorted.count)
    let spread = 0.98 * n.squareRoot()
    let low = max(0, Int((n / 2 - spread).rounded(.down)))
    let high = min(sorted.count - 1, Int((n / 2 + spread).rounded(.up)) - 1)
    return (sorted[low], sorted[max(low, high)])
  }

  // MARK: - The machine

  /// Bytes per second, read and written, of a copy too large for any cache: the best of several.
  private static func bandwidth(threads: Int) -> Double {
    let shape = ParityOp.Shape(width: 16384, height: 4096, channels: 1)
    let source = [UInt8](repeating: 1, count: shape.byteCount)
    var target = [UInt8](repeating: 0, count: shape.byteCount)
    Threads.count = threads
    let best = source.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        let src = Pixels(
          base: source.baseAddress!, width: shape.width, height: shape.height, channels: 1)
        let dst = MutablePixels(
          base: target.baseAddress!, width: shape.width, height: shape.height, channels: 1)
        return (0..<8).map { _ in time(1) { copy(src, into: dst) }.wall }.min()!
      }
    }
    return 2 * Double(shape.byteCount) / best
  }
}

/// OpenCV rejected a call.
public struct ParityError: Error, CustomStringConvertible {
  public let op: String
  public let size: (width: Int, height: Int)
  public let reason: String

  public var description: String {
    "\(op) at \(size.width)×\(size.height): OpenCV: \(reason)"
  }
}
