import AthanorCore
import AthanorTasks

/// The places in the palette of tasks, of parts of one or of pairs: a figure's names have different
/// ones as far as the palette goes, and a name keeps its own in every figure that leaves it free.
package enum TaskColor {
  private static var names: [String] { visionTasks.names }

  /// Of `segmentation`, or of a pair as `segmentation,detection`.
  package static func index(_ name: String) -> Int { indices([name])[0] }

  /// Of the names of one figure.
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
    // Any other name keeps a colour of its own as far as there are some.
    let free = count - names.count
    return names.count + Int(Fingerprint(name.utf8).value % UInt64(max(1, free)))
  }
}
