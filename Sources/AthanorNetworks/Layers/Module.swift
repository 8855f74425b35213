import AthanorTensor

/// A part of a network that owns parameters: a layer, a block, a backbone, a head.
///
/// Its named parts are the only description of its structure: state dictionary, names of
/// parameters, initial values and summary all follow from it.
///
/// ```swift
/// public var parts: Parts { [("conv1", conv1), ("bn1", bn1), ("layers", layers)] }
/// ```
public protocol Module: Part {
  /// Its parts under PyTorch's names, in the order in which they are saved.
  var parts: Parts { get }

  /// The name that determines the initial values of a part: by default its own, below the name of
  /// the module.
  func randomName(of part: String, in name: String) -> String
}

public typealias Parts = [(name: String, part: any Part)]

/// A part of a module: modules, arrays of them (named by index), parameters, running
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
  /// The name that determines its initial values.
  let randomName: String
}

extension Module {
  /// All entries of the state dictionary in the order of the parts, their names prefixed
  /// by `prefix`.
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

  /// Initialises every parameter from a generator that the seed and the name of its layer
  /// determine: the values do not depend on the other parts of the network.
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
      // The layer's name, without `.weight`, determines its weights.
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
