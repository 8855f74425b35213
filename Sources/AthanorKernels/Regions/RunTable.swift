/// The runs of equal pixels of a mask, row by row, joined to connected components.
struct RunTable {
  /// Pixels `start..<end` of a row.
  fileprivate struct Run {
    var start: Int32
    var end: Int32
    var value: UInt8
  }

  private let width: Int
  private let height: Int
  private var runs: [Run] = []
  /// The index of each row's first run, and the end of the last row.
  private var rowStarts: [Int] = [0]
  /// An earlier run of the same component, or the run itself; after numbering, its number.
  private var parents: [Int32] = []
  /// The value of each numbered component.
  private(set) var classes: [UInt8] = []

  init(width: Int, height: Int, appendRow: (Int, inout RunTable) -> Void) {
    (self.width, self.height) = (width, height)
    runs.reserveCapacity(16 * height)
    rowStarts.reserveCapacity(height + 1)
    for y in 0..<height {
      appendRow(y, &self)
      rowStarts.append(runs.count)
    }
    parents = (0..<Int32(runs.count)).map { $0 }
  }

  mutating func appendRuns(ofNonZero row: UnsafePointer<UInt8>) {
    forEachRun(ofNonZero: row, width) { start, end in
      runs.append(Run(start: Int32(start), end: Int32(end), value: 1))
    }
  }

  mutating func appendRuns(ofClasses row: UnsafePointer<UInt8>) {
    var x = 0
    while x < width {
      let value = row[x]
      var end = x &+ 1
      while end < width && row[end] == value { end &+= 1 }
      if value != 0 && value != 255 {
        runs.append(Run(start: Int32(x), end: Int32(end), value: value))
      }
      x = end
    }
  }

  /// Joins the runs of neighbouring rows that touch and have one value.
  mutating func join(_ connectivity: Connectivity) {
    // Corners reach one pixel further.
    let slack: Int32 = connectivity == .eight ? 1 : 0
    let rowStarts = rowStarts
    runs.withUnsafeBufferPointer { runs in
      parents.withUnsafeMutableBufferPointer { parents in
        for y in 1..<max(1, height) {
          var above = rowStarts[y - 1]
          let endAbove = rowStarts[y]
          if above == endAbove { continue }
          for i in rowStarts[y]..<rowStarts[y + 1] {
            let run = runs[i]
            while above < endAbove && runs[above].end &+ slack <= run.start { above &+= 1 }
            var j = above
            while j < endAbove && runs[j].start < run.end &+ slack {
              if runs[j].value == run.value { Self.unite(parents, i, j) }
              j &+= 1
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func root(_ parents: UnsafeMutableBufferPointer<Int32>, _ i: Int) -> Int {
    var i = i
    while Int(parents[i]) != i {
      parents[i] = parents[Int(parents[i])]
      i = Int(parents[i])
    }
    return i
  }

  @inline(__always)
  private static func unite(_ parents: UnsafeMutableBufferPointer<Int32>, _ i: Int, _ j: Int) {
    let (a, b) = (root(parents, i), root(parents, j))
    if a < b {
      parents[b] = Int32(truncatingIfNeeded: a)
    } else {
      parents[a] = Int32(truncatingIfNeeded: b)
    }
  }

  /// Numbers the components from 1 on and measures them.
  mutating func number(_ connectivity: Connectivity) -> [Component] {
    var numbers = [Int32](repeating: 0, count: runs.count)
    var boxes: [(left: Int32, top: Int32, right: Int32, bottom: Int32, area: Int32)] = []
    var classes: [UInt8] = []
    parents.withUnsafeMutableBufferPointer { parents in
      func visit(_ i: Int, _ y: Int) {
        let (root, run, y) = (Self.root(parents, i), runs[i], Int32(truncatingIfNeeded: y))
        if numbers[root] == 0 {
          boxes.append((run.start, y, run.end, y &+ 1, 0))
          classes.append(run.value)
          numbers[root] = Int32(boxes.count)
        }
        let k = Int(numbers[root]) &- 1
        boxes[k].left = min(boxes[k].left, run.start)
        boxes[k].top = min(boxes[k].top, y)
        boxes[k].right = max(boxes[k].right, run.end)
        boxes[k].bottom = max(boxes[k].bottom, y &+ 1)
        boxes[k].area &+= run.end &- run.start
        numbers[i] = numbers[root]
      }
      if connectivity == .four {
        for y in 0..<height {
          for i in rowStarts[y]..<rowStarts[y + 1] { visit(i, y) }
        }
        return
      }
      for y in stride(from: 0, to: height, by: 2) {
        var (i, j) = (rowStarts[y], rowStarts[y + 1])
        let endI = j
        let endJ = y + 1 < height ? rowStarts[y + 2] : j
        while i < endI || j < endJ {
          if j == endJ || (i < endI && runs[i].start / 2 <= runs[j].start / 2) {
            visit(i, y)
            i &+= 1
          } else {
            visit(j, y &+ 1)
            j &+= 1
          }
        }
      }
    }
    parents = numbers
    self.classes = classes
    return boxes.map {
      Component(
        left: $0.left, top: $0.top, width: $0.right - $0.left, height: $0.bottom - $0.top,
        area: $0.area)
    }
  }

  /// Calls `body` with a function that writes the labels of a row.
  func withNumbers(_ body: (Labels) -> Void) {
    runs.withUnsafeBufferPointer { runs in
      parents.withUnsafeBufferPointer { numbers in
        rowStarts.withUnsafeBufferPointer { rowStarts in
          body(Labels(runs: runs, numbers: numbers, rowStarts: rowStarts, width: width))
        }
      }
    }
  }

  struct Labels: @unchecked Sendable {
    fileprivate let runs: UnsafeBufferPointer<Run>
    fileprivate let numbers: UnsafeBufferPointer<Int32>
    fileprivate let rowStarts: UnsafeBufferPointer<Int>
    fileprivate let width: Int

    func writeLabels(row y: Int, _ dst: UnsafeMutablePointer<Int32>) {
      var x = 0
      for i in rowStarts[y]..<rowStarts[y &+ 1] {
        let (start, end) = (Int(runs[i].start), Int(runs[i].end))
        (dst + x).update(repeating: 0, count: start &- x)
        (dst + start).update(repeating: numbers[i], count: end &- start)
        x = end
      }
      (dst + x).update(repeating: 0, count: width &- x)
    }
  }
}
