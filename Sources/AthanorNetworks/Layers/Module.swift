import AthanorTensor

/// A part of a network that owns parameters: a layer, a block, a backbone, a head.
///
/// Its parts under their names are the one description of its structure: what is saved, the
/// parameters' names, the random numbers they begin with and the summary all follow from it.
///
/// ```swift
/// public var parts: Parts { [("conv1", conv1), ("bn1", bn1), ("layers", layers)] }
/// ```
public protocol Module: Part {
  /// Its parts under PyTorch's names, in the order in which they are saved.
  var parts: Parts { get }

  /// Under which name a part draws the random numbers that it begins with: its own, below the name
  /// of the module, unless a module says otherwise.
  func randomName(of part: String, in name: String) -> String
}

public typealias Parts = [(name: String, part: any Part)]

/// What a module is made of: modules, arrays of them (named by index), parameters, running
/// statistics.
public protocol Part: Sendable {}

extension Array: Part where Element: Part {}
extension RunningStatistics: Part {}

extension Module {
  public func randomName(of part: String, in name: String) -> String { joined(name, part) }
}

/// One entry of a network's state under its full name, PyTorch's for the same network.
public struct StateEntry: Sendable {
  public enum Content: Sendable {
    case parameter(Parameter)
    /// Saved as `running_mean`, `running_var` and `num_batches_tracked` below the name.
    case runningStatistics(RunningStatistics)
  }
  public let name: String
  public let content: Content
  /// What addresses the random numbers that it begins with.
  let randomName: String
}

extension Module {
  /// Everything that is saved, in the order of the parts, names beginning with `prefix`.
  public func state(_ prefix: String = "") -> [StateEntry] {
    var entries: [StateEntry] = []
    collect(self, prefix, prefix, into: &entries)
    return entries
  }

  /// Every trained tensor under its name, in a fixed order.
  public func parameters(_ prefix: String = "") -> [(name: String, parameter: Parameter)] {
    state(prefix).compactMap {
      if case .parameter(let parameter) = $0.content { ($0.name, parameter) } else { nil }
    }
  }

  /// Draws the first value of every parameter, from a generator addressed by the seed and the
  /// parameter's layer: the same whatever else the network holds.
  public func initialize(seed: Int, _ prefix: String = "") {
    for entry in state(prefix) {
      guard case .parameter(let parameter) = entry.content else { continue }
      parameter.initialize(seed: seed, name: entry.randomName)
    }
  }
}

private func collect(
  _ part: any Part, _ name: String, _ randomName: String, into entries: inout [StateEntry]
) {
  switch part {
  case let module as any Module:
    for (child, part) in module.parts {
      switch part {
      // A layer's weights are drawn under the layer's name.
      case let parameter as Parameter:
        entries.append(
          StateEntry(
            name: joined(name, child), content: .parameter(parameter),
            randomName: child == "weight" ? randomName : joined(randomName, child)))
      default:
        collect(
          part, joined(name, child), module.randomName(of: child, in: randomName), into: &entries)
      }
    }
  case let parts as [any Part]:
    for (i, part) in parts.enumerated() {
      collect(part, joined(name, "\(i)"), joined(randomName, "\(i)"), into: &entries)
    }
  case let parameter as Parameter:
    entries.append(
      StateEntry(name: name, content: .parameter(parameter), randomName: randomName))
  case let running as RunningStatistics:
    entries.append(
      StateEntry(name: name, content: .runningStatistics(running), randomName: randomName))
  default: preconditionFailure("Module: \(type(of: part)) is no part that is known")
  }
}

private func joined(_ name: String, _ part: String) -> String {
  name.isEmpty ? part : part.isEmpty ? name : "\(name).\(part)"
}
