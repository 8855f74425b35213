/// Sums in a fixed order, whatever the number of threads: short runs in vectors of the scalar type
/// or in double precision, then the sums of the runs in order in double precision.
public enum Sums {
  private static let block = 4096

  /// The sum of `count` elements.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func total<T: FloatingScalar>(_ x: UnsafePointer<T>, _ count: Int) -> Double {
    let blocks = (count + block - 1) / block
    guard blocks > 1 else { return row(x, count) }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { partial in
      let out = partial.baseAddress!
      parallelFor(blocks, grain: 8) { b in
        out[b] = row(x + b * block, min(block, count - b * block))
      }
      return partial.reduce(0, +)
    }
  }

  /// For each pair (i, j) the inner product of a[i] and b[j], vectors in parts of `counts`
  /// elements each; a part that is nil is zero. Products are in double precision, and a vector that
  /// several pairs share is read from memory once.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func products<T: FloatingScalar>(
    _ a: [[UnsafePointer<T>?]], _ b: [[UnsafePointer<T>?]], counts: [Int], pairs: [(Int, Int)]
  ) -> [Double] {
    let blocks = counts.enumerated().flatMap { part, count in
      stride(from: 0, to: count, by: block).map { (part, $0, min(block, count - $0)) }
    }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks.count * pairs.count) {
      partial in
      let out = partial.baseAddress!
      parallelFor(blocks.count, grain: 8) { i in
        let (part, start, count) = blocks[i]
        for (k, pair) in pairs.enumerated() {
          guard let x = a[pair.0][part], let y = b[pair.1][part] else {
            out[i * pairs.count + k] = 0
            continue
          }
          out[i * pairs.count + k] = row(x + start, times: y + start, count)
        }
      }
      return pairs.indices.map { k in
        blocks.indices.reduce(0) { $0 + out[$1 * pairs.count + k] }
      }
    }
  }

  /// dst[outer, inner] = Σ over the middle axis of src[outer, n, inner].
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func middle<T: FloatingScalar>(
    _ src: UnsafePointer<T>, outer: Int, n: Int, inner: Int, dst: UnsafeMutablePointer<T>
  ) {
    if inner == 1 {
      parallelFor(outer, grain: max(1, 8192 / max(1, n))) { dst[$0] = T(row(src + $0 * n, n)) }
      return
    }
    // Parts are the column sums of `rows` rows; they are added in order.
    let rows = 1024
    let parts = max(1, (n + rows - 1) / rows)
    guard inner > 0, outer > 0 else { return }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: outer * parts * inner) { partial in
      let sums = partial.baseAddress!
      sums.initialize(repeating: 0, count: outer * parts * inner)
      let work = max(1, min(rows, n) * inner)
      parallelFor(outer * parts, grain: max(1, 16384 / work)) { i in
        let (o, first) = (i / parts, i % parts * rows)
        columns(
          src + (o * n + first) * inner, rows: min(rows, n - first), columns: inner,
          into: sums + i * inner)
      }
      for o in 0..<outer {
        for k in 0..<inner {
          var sum = 0.0
          for p in 0..<parts { sum += sums[(o * parts + p) * inner + k] }
          dst[o * inner + k] = T(sum)
        }
      }
    }
  }

  /// The sum of a contiguous row, eight lanes wide in double precision.
  @inline(__always)
  private static func row<T: FloatingScalar>(_ x: UnsafePointer<T>, _ count: Int) -> Double {
    var (a, b) = (SIMD8<Double>(), SIMD8<Double>())
    let raw = UnsafeRawPointer(x)
    var i = 0
    while i + 16 <= count {
      a += SIMD8<Double>(raw.loadUnaligned(fromByteOffset: i * size(T.self), as: SIMD8<T>.self))
      b += SIMD8<Double>(
        raw.loadUnaligned(fromByteOffset: (i + 8) * size(T.self), as: SIMD8<T>.self))
      i += 16
    }
    var sum = (a + b).sum()
    while i < count {
      sum += Double(x[i])
      i += 1
    }
    return sum
  }

  /// The sum of the products of two contiguous rows, eight lanes wide in double precision.
  @inline(__always)
  private static func row<T: FloatingScalar>(
    _ x: UnsafePointer<T>, times y: UnsafePointer<T>, _ count: Int
  ) -> Double {
    var (a, b) = (SIMD8<Double>(), SIMD8<Double>())
    let (left, right) = (UnsafeRawPointer(x), UnsafeRawPointer(y))
    func lanes(_ raw: UnsafeRawPointer, _ i: Int) -> SIMD8<Double> {
      SIMD8<Double>(raw.loadUnaligned(fromByteOffset: i * size(T.self), as: SIMD8<T>.self))
    }
    var i = 0
    while i + 16 <= count {
      a += lanes(left, i) * lanes(right, i)
      b += lanes(left, i + 8) * lanes(right, i + 8)
      i += 16
    }
    var sum = (a + b).sum()
    while i < count {
      sum += Double(x[i]) * Double(y[i])
      i += 1
    }
    return sum
  }

  @inline(__always)
  private static func size<T>(_ type: T.Type) -> Int { MemoryLayout<T>.size }

  /// Sums the columns of a `[rows, columns]` matrix: 16 rows in the scalar type, then double.
  @inline(__always)
  private static func columns<T: FloatingScalar>(
    _ x: UnsafePointer<T>, rows: Int, columns: Int, into sums: UnsafeMutablePointer<Double>
  ) {
    withUnsafeTemporaryAllocation(of: T.self, capacity: columns) { partial in
      let part = partial.baseAddress!
      for start in stride(from: 0, to: rows, by: 16) {
        part.update(from: x + start * columns, count: columns)
        for r in (start + 1)..<max(start + 1, min(start + 16, rows)) {
          let line = x + r * columns
          for c in 0..<columns { part[c] += line[c] }
        }
        for c in 0..<columns { sums[c] += Double(part[c]) }
      }
    }
  }
}
