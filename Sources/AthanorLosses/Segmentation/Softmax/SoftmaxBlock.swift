import AthanorKernels

/// One value for each of a block's pixels: loops over `0..<SoftmaxBlock.lanes` are vectorised.
struct Lanes<T> {
  let base: UnsafeMutablePointer<T>

  subscript(i: Int) -> T {
    @inline(__always) get { base[i] }
    @inline(__always) nonmutating set { base[i] = newValue }
  }
}

/// Rows of lanes: one per class, or one per sum of a loss.
struct Rows<T> {
  let base: UnsafeMutablePointer<T>

  subscript(row: Int) -> Lanes<T> {
    @inline(__always) get { Lanes(base: base + row * SoftmaxBlock<T>.lanes) }
  }
}

/// A few pixels of a batch and their softmax, transposed so that neighbouring pixels are adjacent
/// in memory. A segmentation loss reads the logits from it.
///
/// A single logit channel makes two classes, with 0 as the background's logit: softmax is then σ.
struct SoftmaxBlock<T> {
  /// Pixels in a block. A block that is not full is padded with ignored pixels.
  static var lanes: Int { 32 }

  /// Classes of the softmax: the channels, or 2 where there is one.
  let classes: Int
  /// Classes before the first channel: 1 where there is one channel, else 0.
  let shift: Int
  /// Logits minus the pixel's largest one. Row: class.
  let x: Rows<T>
  /// eˣ after loading, softmax after `normalize()`. Row: class.
  let p: Rows<T>
  /// Where `differentiate` writes dL/dlogit. Row: class.
  let d: Rows<T>
  /// The target class; −1 where ignored.
  let target: Lanes<T>
  /// 1, or 0 where the pixel is ignored.
  let valid: Lanes<T>
  /// Σ eˣ over the classes.
  let total: Lanes<T>
  /// ln Σ eˣ: ln p = x − logTotal.
  let logTotal: Lanes<T>
  /// Scratch memory of the loss.
  let scratch: Rows<T>
  /// What `SoftmaxLoss.maps` computed for each pixel. Row: map.
  let map: Rows<T>

  private static var scratchRows: Int { 6 }

  static func elements(classes: Int, maps: Int) -> Int {
    (3 * classes + 4 + scratchRows + maps) * lanes
  }

  /// Places the rows in `memory`, which has room for `elements(classes:maps:)` values.
  init(channels: Int, _ memory: UnsafeMutablePointer<T>) {
    classes = max(2, channels)
    shift = classes - channels
    let lanes = Self.lanes
    x = Rows(base: memory)
    p = Rows(base: memory + classes * lanes)
    d = Rows(base: memory + 2 * classes * lanes)
    let rest = memory + 3 * classes * lanes
    target = Lanes(base: rest)
    valid = Lanes(base: rest + lanes)
    total = Lanes(base: rest + 2 * lanes)
    logTotal = Lanes(base: rest + 3 * lanes)
    scratch = Rows(base: rest + 4 * lanes)
    map = Rows(base: rest + (4 + Self.scratchRows) * lanes)
  }
}

extension SoftmaxBlock where T: FloatingScalar {
  /// Reads `count` pixels and computes x, eˣ and their sums. Returns the largest target class.
  @inline(__always)
  func load(
    _ logits: UnsafePointer<T>, _ targets: UnsafePointer<UInt8>, channels: Int, count: Int
  ) -> Int {
    var largest = -1
    for i in 0..<Self.lanes {
      let label = i < count ? targets[i] : ignoredClass
      let ignored = label == ignoredClass
      target[i] = ignored ? -1 : T(label)
      valid[i] = ignored ? 0 : 1
      largest = max(largest, ignored ? -1 : Int(label))
    }
    transpose(logits, channels: channels, count: count)
    var first = x[0]
    for i in 0..<Self.lanes { logTotal[i] = first[i] }
    for c in 1..<classes {
      let row = x[c]
      for i in 0..<Self.lanes { logTotal[i] = row[i] > logTotal[i] ? row[i] : logTotal[i] }
    }
    first = total
    for i in 0..<Self.lanes { first[i] = 0 }
    for c in 0..<classes {
      let (row, exponentials) = (x[c], p[c])
      for i in 0..<Self.lanes {
        let shifted = row[i] - logTotal[i]
        let e = T.vectorExp(shifted)
        row[i] = shifted
        exponentials[i] = e
        total[i] += e
      }
    }
    // A NaN among the logits makes the sum NaN, which `vectorLog` would not pass on.
    for i in 0..<Self.lanes {
      logTotal[i] = total[i].isNaN ? total[i] : T.vectorLog(total[i])
    }
    return largest
  }

  /// Reads the maps of `count` pixels; 0 where a pixel is ignored.
  @inline(__always)
  func load(maps: UnsafePointer<T>, _ rows: Int, count: Int) {
    for i in 0..<Self.lanes {
      for row in 0..<rows { map[row][i] = i < count && valid[i] > 0 ? maps[i * rows + row] : 0 }
    }
  }

  /// Transposes logits to lanes; ignored pixels read as 0, so that NaN in them has no effect.
  @inline(__always)
  private func transpose(_ logits: UnsafePointer<T>, channels: Int, count: Int) {
    if shift > 0 { for i in 0..<Self.lanes { x[0][i] = 0 } }
    for i in 0..<Self.lanes {
      let to = x.base + shift * Self.lanes + i
      if valid[i] > 0 {
        let from = logits + i * channels
        for c in 0..<channels { to[c &* Self.lanes] = from[c] }
      } else {
        for c in 0..<channels { to[c &* Self.lanes] = 0 }
      }
    }
  }

  /// Turns `p` into the softmax.
  @inline(__always)
  func normalize() {
    for i in 0..<Self.lanes { total[i] = 1 / total[i] }
    for c in 0..<classes {
      let row = p[c]
      for i in 0..<Self.lanes { row[i] *= total[i] }
    }
  }

  /// From dL/dp in `d` to dL/dlogit: d ← p·(d − Σ p·d). `p` is the softmax.
  @inline(__always)
  func backpropagateSoftmax() {
    let inner = total
    for i in 0..<Self.lanes { inner[i] = 0 }
    for c in 0..<classes {
      let (gradient, row) = (d[c], p[c])
      for i in 0..<Self.lanes { inner[i] += gradient[i] * row[i] }
    }
    for c in 0..<classes {
      let (gradient, row) = (d[c], p[c])
      for i in 0..<Self.lanes { gradient[i] = row[i] * (gradient[i] - inner[i]) }
    }
  }

  /// Writes `d` times `scale` as the logits' gradient.
  @inline(__always)
  func store(_ gradient: UnsafeMutablePointer<T>, channels: Int, count: Int, scale: T) {
    for i in 0..<count {
      let from = d.base + shift * Self.lanes + i
      let to = gradient + i * channels
      for c in 0..<channels { to[c] = from[c &* Self.lanes] * scale }
    }
  }
}
