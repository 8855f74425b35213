import AthanorKernels
import AthanorTensor

/// A scalar whose bits can be sorted as integers.
protocol SortableScalar: FloatingScalar, TensorScalar {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger & Sendable
  var bitPattern: Bits { get }
  init(bitPattern: Bits)
}

extension Float: SortableScalar {}
extension Double: SortableScalar {}

/// The errors of a batch's pixels in descending order, for one class after another.
///
/// Two buffers with one entry per pixel alternate: while one is filled with the errors of a class,
/// the other still contains the derivatives of the previous class. The result does not depend on
/// the number of threads.
struct ErrorRanking<T: SortableScalar> {
  /// An error and its pixel.
  private struct Entry {
    /// Ascending where errors descend.
    var key: T.Bits
    /// The pixel; the highest bit is set where it belongs to the class.
    var pixelAndMark: UInt32

    @inline(__always)
    init(_ error: T, isTrue: Bool, _ pixel: Int) {
      // The bits of negative numbers are in reverse order, and all of them come before the others.
      let (bits, sign) = (error.bitPattern, T.Bits(1) << (T.Bits.bitWidth - 1))
      key = ~(bits & sign != 0 ? ~bits : bits | sign)
      pixelAndMark = UInt32(truncatingIfNeeded: pixel) | (isTrue ? Self.mark : 0)
    }

    static var mark: UInt32 { 1 << 31 }
    @inline(__always) var isTrue: Bool { pixelAndMark & Self.mark != 0 }
    @inline(__always) var pixel: Int { Int(pixelAndMark & ~Self.mark) }
    @inline(__always) var error: T {
      let (bits, sign) = (~key, T.Bits(1) << (T.Bits.bitWidth - 1))
      return T(bitPattern: bits & sign != 0 ? bits & ~sign : ~bits)
    }
  }

  let count: Int
  private var (entries, spare): (Tensor, Tensor)

  init(count: Int) {
    precondition(count < Int(Entry.mark), "ErrorRanking: \(count) pixels")
    self.count = count
    let bytes = count * MemoryLayout<Entry>.stride
    entries = Tensor(uninitialized: [bytes], .uint8)
    spare = Tensor(uninitialized: [bytes], .uint8)
  }

  private static func entries(_ tensor: Tensor) -> UnsafeMutablePointer<Entry> {
    UnsafeMutableRawPointer(tensor.pointer(to: UInt8.self)).assumingMemoryBound(to: Entry.self)
  }

  /// dL/de of every pixel for the class that was ranked last.
  var derivatives: UnsafeMutablePointer<T> {
    UnsafeMutableRawPointer(spare.pointer(to: UInt8.self)).assumingMemoryBound(to: T.self)
  }

  /// Sets each pixel's error and whether it belongs to the class. `derivatives` are unchanged.
  @inline(__always)
  func fill(_ body: (Int) -> (error: T, isTrue: Bool)) {
    let out = Self.entries(entries)
    parallelRanges(count, grain: 1024) { range in
      for i in range {
        let (error, isTrue) = body(i)
        out[i] = Entry(error, isTrue: isTrue, i)
      }
    }
  }

  /// `scale` times Σ e_i·(J_i − J_{i−1}) over the errors above 0. Sets `derivatives`: by e, or by 1
  /// − e for pixels of the class.
  mutating func rank(scale: Double) -> Double {
    sort()
    let (sorted, derivatives, chunk) = (Self.entries(entries), derivatives, 1 << 16)
    let chunks = (count + chunk - 1) / chunk
    // For each chunk, the number of pixels of the class before it.
    var before = [Int](repeating: 0, count: chunks + 1)
    before.withUnsafeMutableBufferPointer { before in
      nonisolated(unsafe) let before = before
      parallelFor(chunks) { n in
        var hits = 0
        for i in (n * chunk)..<min(count, (n + 1) * chunk) where sorted[i].isTrue { hits += 1 }
        before[n + 1] = hits
      }
    }
    for n in 0..<chunks { before[n + 1] += before[n] }
    let total = Double(before[chunks])
    var losses = [Double](repeating: 0, count: chunks)
    losses.withUnsafeMutableBufferPointer { losses in
      nonisolated(unsafe) let losses = losses
      parallelFor(chunks) { n in
        var (hits, loss) = (before[n], 0.0)
        var last = Self.jaccard(hits, misses: n * chunk - hits, total)
        for i in (n * chunk)..<min(count, (n + 1) * chunk) {
          let entry = sorted[i]
          if entry.isTrue { hits += 1 }
          let jaccard = Self.jaccard(hits, misses: i + 1 - hits, total)
          let (step, error) = ((jaccard - last) * scale, entry.error)
          last = jaccard
          // Not `error > 0`: NaN must not disappear.
          loss += error <= 0 ? 0 : Double(error) * step
          derivatives[entry.pixel] = error <= 0 ? 0 : T(entry.isTrue ? -step : step)
        }
        losses[n] = loss
      }
    }
    return losses.reduce(0, +)
  }

  /// The Jaccard loss of the first pixels of the order.
  @inline(__always)
  private static func jaccard(_ hits: Int, misses: Int, _ total: Double) -> Double {
    hits + misses == 0 ? 0 : 1 - (total - Double(hits)) / (total + Double(misses))
  }

  /// A stable radix sort, eleven bits at a time. Each part of the entries counts its digits, which
  /// gives it offsets of its own for each digit.
  private mutating func sort() {
    let (digits, parts) = (2048, min(Threads.count, max(1, count / 16384)))
    var offsets = [Int](repeating: 0, count: digits * parts)
    for shift in stride(from: 0, to: T.Bits.bitWidth, by: 11) {
      let (from, to) = (Self.entries(entries), Self.entries(spare))
      offsets.withUnsafeMutableBufferPointer { offsets in
        nonisolated(unsafe) let offsets = offsets
        offsets.update(repeating: 0)
        parallelFor(parts) { part in
          let own = offsets.baseAddress! + part * digits
          for i in (count * part / parts)..<(count * (part + 1) / parts) {
            own[Int(truncatingIfNeeded: from[i].key >> T.Bits(shift)) & (digits - 1)] += 1
          }
        }
        var next = 0
        for digit in 0..<digits {
          for part in 0..<parts {
            (offsets[part * digits + digit], next) = (next, next + offsets[part * digits + digit])
          }
        }
        parallelFor(parts) { part in
          let own = offsets.baseAddress! + part * digits
          for i in (count * part / parts)..<(count * (part + 1) / parts) {
            let digit = Int(truncatingIfNeeded: from[i].key >> T.Bits(shift)) & (digits - 1)
            to[own[digit]] = from[i]
            own[digit] += 1
          }
        }
      }
      swap(&entries, &spare)
    }
  }
}
