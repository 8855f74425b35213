/// Indices by falling value, equal ones in their order, NaN last.
///
/// Source: the radix sort of Hollerith, by 11 bits of the numbers' patterns.
func stableDescending(_ values: [Double]) -> [Int32] {
  let (digit, passes) = (11, 6)
  var items = values.enumerated().map { (key: descendingKey($1), index: Int32($0)) }
  var other = items
  var counts = [Int](repeating: 0, count: passes << digit)
  func part(_ key: UInt64, _ pass: Int) -> Int {
    Int(key >> UInt64(pass * digit) & (1 << UInt64(digit) - 1))
  }
  for item in items {
    for pass in 0..<passes {
      counts[pass << digit | part(item.key, pass)] += 1
    }
  }
  for pass in 0..<passes {
    let range = pass << digit..<(pass + 1) << digit
    // A digit that all keys share can be skipped.
    if counts[range].contains(values.count) { continue }
    var next = 0
    for i in range { (counts[i], next) = (next, next + counts[i]) }
    for item in items {
      let bucket = pass << digit | part(item.key, pass)
      other[counts[bucket]] = item
      counts[bucket] += 1
    }
    swap(&items, &other)
  }
  return items.map(\.index)
}

/// A pattern that grows as the value falls; the same for 0 and −0, the largest for NaN.
private func descendingKey(_ value: Double) -> UInt64 {
  if value.isNaN { return .max }
  let bits = (value + 0).bitPattern
  return bits >> 63 == 0 ? ~(bits | 1 << 63) : bits
}

/// Items by rising key in `0..<keys`, equal ones in their order, and where each key begins.
func stableAscending<Item>(
  _ items: [Item], keys: Int, _ key: (Item) -> Int
) -> (items: [Item], starts: [Int]) {
  var starts = [Int](repeating: 0, count: keys + 1)
  for item in items { starts[key(item) + 1] += 1 }
  for i in 0..<keys { starts[i + 1] += starts[i] }
  var next = starts
  var sorted = items
  for item in items {
    let key = key(item)
    sorted[next[key]] = item
    next[key] += 1
  }
  return (sorted, starts)
}
