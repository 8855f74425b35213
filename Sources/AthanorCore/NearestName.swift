/// The candidate closest to `name` by edit distance, if any is close enough to be a
/// likely correction.
///
/// Insertions, deletions, substitutions and swaps of neighbours cost 1 each (Damerau 1964,
/// optimal string alignment); a candidate further away than a third of the longer name is
/// not suggested.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let typed = Array(name.lowercased())
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let known = Array(candidate.lowercased())
    let distance = editDistance(typed, known)
    guard distance <= max(1, max(typed.count, known.count) / 3) else { continue }
    if best == nil || distance < best!.distance { best = (candidate, distance) }
  }
  return best?.name
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforePrevious = [Int](repeating: 0, count: b.count + 1)
  var previous = Array(0...b.count)
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      var cost = min(current[j] + 1, previous[j + 1] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforePrevious[j - 1] + 1)
      }
      current.append(cost)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}
