import AthanorCore
import Foundation

extension ExperimentConfig {
  /// The same configuration with paths that refer to the same files from any working folder.
  func withAbsolutePaths() -> ExperimentConfig {
    var config = self
    let tree = Settings.selection(name: data.name, options: data.options)
    if case .selection(let name, let options) = tree.withAbsolutePaths {
      config.data = Selection(name, options)
    }
    config.network.weights = network.weights.map(absolutePath)
    return config
  }
}

extension Settings {
  /// Makes every option `path` of a data set, and of the members of a mix, absolute.
  fileprivate var withAbsolutePaths: Settings {
    func absolute(_ entries: [Entry]) -> [Entry] {
      entries.map { entry in
        if entry.key == "path", case .string(let path) = entry.value {
          return Entry(entry.key, .string(absolutePath(path)))
        }
        return Entry(entry.key, entry.value.withAbsolutePaths)
      }
    }
    switch self {
    case .selection(let name, let options):
      return .selection(name: name, options: absolute(options))
    case .map(let entries): return .map(absolute(entries))
    case .dictionary(let entries): return .dictionary(absolute(entries))
    case .list(let items): return .list(items.map(\.withAbsolutePaths))
    default: return self
    }
  }
}

/// The absolute path; an empty one stays empty.
package func absolutePath(_ path: String) -> String {
  guard !path.isEmpty, !path.hasPrefix("/") else { return path }
  var rest = path[...]
  while rest.hasPrefix("./") { rest = rest.dropFirst(2) }
  return rest == "." || rest.isEmpty
    ? FileManager.default.currentDirectoryPath
    : "\(FileManager.default.currentDirectoryPath)/\(rest)"
}
