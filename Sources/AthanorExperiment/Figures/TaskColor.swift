import AthanorCore
import AthanorTasks

/// Palette indices for tasks, parts of tasks or pairs of tasks. The names in one figure have
/// different indices while the palette lasts, and a name keeps its index in every figure where no
/// other name has taken it.
package enum TaskColor {
  private static var names: [String] { visionTasks.names }

  /// The index of `segmentation`, or of a pair such as `segmentation,detection`.
  package static func index(_ name: String) -> Int { indices([name])[0] }

  /// The indices of the names in one figure.
  package static func indices(_ figure: [String]) -> [Int] {
    let count = Gnuplot.palette.count
    var taken: Set<Int> = []
    return figure.map { name in
      let own = own(name)
      let place = (0..<count).map { (own + $0) % count }.first { !taken.contains($0) } ?? own
      taken.insert(place)
      return place
    }
  }

  private static func own(_ name: String) -> Int {
    let count = Gnuplot.palette.count
    if let place = names.firstIndex(of: name) { return place % count }
    // Any other name gets one of the remaining colours, as long as there are some.
    let free = count - names.count
    return names.count + Int(Fingerprint(name.utf8).value % UInt64(max(1, free)))
  }
}
