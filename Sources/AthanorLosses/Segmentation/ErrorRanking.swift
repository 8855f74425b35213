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

/// The errors of a batch's pixels in order from the largest, for one class after another.
///
/// Two buffers of an entry a pixel take turns: while one is filled with the errors of a class, the
/// other still holds the slopes of the class before.
/// The result does not depend on the number of threads.
struct ErrorRanking<T: SortableScalar> {
  /// An error, and whose it is.
  private struct Entry {
    /// Ascending where errors descend.
    var key: T.Bits
    /// The pixel; the highest bit says that the class is there.
    var place: UInt32

    @inline(__always)
    init(_ error: T, isTrue: Bool, _ place: Int) {
      // The bits of a negative number sort downwards, and below all others.
      let (bits, sign) = (error.bitPattern, T.Bits(1) << (T.Bits.bitWidth - 1))
      key = ~(bits & sign != 0 ? ~bits : bits | sign)
      self.place = UInt32(truncatingIfNeeded: place) | (isTrue ? Self.mark : 0)
    }

    static var mark: UInt32 { 1 << 31 }
    @inline(__always) var isTrue: Bool { place & Self.mark != 0 }
    @inline(__always) var pixel: Int { Int(place & ~Self.mark) }
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

  /// dL/derror of every pixel of the class that was ranked last.
  var slopes: UnsafeMutablePointer<T> {
    UnsafeMutableRawPointer(spare.pointer(to: UInt8.self)).assumingMemoryBound(to: T.self)
  }

  /// Takes each pixel's error and whether the class is there. `slopes` stay what they were.
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

  /// Σ e_i·(J_i − J_{i−1}) times `scale` of the errors above 0; its derivatives become `slopes`, as
  /// those of 1 − e where the class is there.
  mutating func rank(scale: Double) -> Double {
    sort()
    let (sorted, slopes, chunk) = (Self.entries(entries), slopes, 1 << 16)
    let chunks = (count + chunk - 1) / chunk
    // Of each chunk the pixels of the class before it.
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
          // Not `error > 0`: NaN is to show.
          loss += error <= 0 ? 0 : Double(error) * step
          slopes[entry.pixel] = error <= 0 ? 0 : T(entry.isTrue ? -step : step)
        }
        losses[n] = loss
      }
    }
    return losses.reduce(0, +)
  }

  /// The Jaccard loss of the first pixels in the order.
  @inline(__always)
  private static func jaccard(_ hits: Int, misses: Int, _ total: Double) -> Double {
    hits + misses == 0 ? 0 : 1 - (total - Double(hits)) / (total + Double(misses))
  }

  /// A stable radix sort by eleven bits at a time. Every part of the entries counts its digits, and
  /// then has places of its own among those of a digit.
  private mutating func sort() {
    let (digits, parts) = (2048, min(Threads.count, max(1, count / 16384)))
    var places = [Int](repeating: 0, count: digits * parts)
    for shift in stride(from: 0, to: T.Bits.bitWidth, by: 11) {
      let (from, to) = (Self.entries(entries), Self.entries(spare))
      places.withUnsafeMutableBufferPointer { places in
        nonisolated(unsafe) let places = places
        places.update(repeating: 0)
        parallelFor(parts) { part in
          let own = places.baseAddress! + part * digits
          for i in (count * part / parts)..<(count * (part + 1) / parts) {
            own[Int(truncatingIfNeeded: from[i].key >> T.Bits(shift)) & (digits - 1)] += 1
          }
        }
        var next = 0
        for digit in 0..<digits {
          for part in 0..<parts {
            (places[part * digits + digit], next) = (next, next + places[part * digits + digit])
          }
        }
        parallelFor(parts) { part in
          let own = places.baseAddress! + part * digits
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
