import AthanorCore
import AthanorTasks

/// The place in the palette of a task, of a part of one or of a pair: the same in every figure.
enum TaskColor {
  private static var names: [String] { visionTasks.names }

  /// Of `segmentation`, or of a pair as `segmentation,detection`.
  static func index(_ name: String) -> Int {
    let count = Gnuplot.palette.count
    if let place = names.firstIndex(of: name) { return place % count }
    // Any other name keeps a colour of its own as far as there are some.
    let free = count - names.count
    return names.count + Int(Fingerprint(name.utf8).value % UInt64(max(1, free)))
  }
}
