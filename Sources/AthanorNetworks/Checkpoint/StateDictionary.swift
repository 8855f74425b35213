import AthanorCore
import AthanorTensor

extension StateRange {
  /// Checks a saved tensor against the one it replaces, and its values against the
  /// range. Throws `ContentError`.
  public func check(
    _ tensor: Tensor, against current: Tensor, entry: String, file: String
  ) throws {
    guard tensor.shape == current.shape, tensor.dtype == current.dtype else {
      throw ContentError(
        path: file, key: "'\(entry)'", expected: "\(current.dtype) of shape \(current.shape)",
        received: "\(tensor.dtype) of shape \(tensor.shape)")
    }
    if let mismatch = mismatch(tensor) {
      throw ContentError(
        path: file, key: "'\(entry)'", expected: mismatch.expected, received: mismatch.received)
    }
  }
}

extension Module {
  /// Everything that is saved, under PyTorch's names, weights as `[O,I,KH,KW]`.
  public func stateDictionary(_ prefix: String = "") -> [(name: String, tensor: Tensor)] {
    state(prefix).flatMap { entry -> [(name: String, tensor: Tensor)] in
      switch entry.content {
      case .parameter(let parameter): [(entry.name, parameter.value.detached())]
      case .runningStatistics(let running):
        [
          ("\(entry.name).running_mean", running.mean),
          ("\(entry.name).running_var", running.variance),
          ("\(entry.name).num_batches_tracked", Tensor([Int64(running.batches)], shape: [])),
        ]
      }
    }
  }

  /// Loads every value from `tensors`. Nothing changes where one is missing, of another shape or
  /// type, or out of its range, such as NaN in a weight or a negative variance.
  ///
  /// Entries that the network does not have are ignored: a file may contain more than weights.
  /// Throws `ContentError`, naming `file`.
  public func load(
    _ tensors: [String: Tensor], _ prefix: String = "", from file: String
  ) throws {
    var fitting: [String: Tensor] = [:]
    for (name, current) in stateDictionary(prefix) {
      guard let tensor = tensors[name] else {
        if name.hasSuffix("num_batches_tracked") { continue }
        throw ContentError(
          path: file, key: "'\(name)'", expected: "a tensor of shape \(current.shape)",
          received: "a checkpoint without it")
      }
      try Self.range(ofEntry: name).check(tensor, against: current, entry: name, file: file)
      fitting[name] = tensor
    }
    for entry in state(prefix) {
      switch entry.content {
      case .parameter(let parameter): parameter.assign(fitting[entry.name]!)
      case .runningStatistics(let running):
        running.mean = fitting["\(entry.name).running_mean"]!
        running.variance = fitting["\(entry.name).running_var"]!
        running.batches = fitting["\(entry.name).num_batches_tracked"].map { Int($0.scalar) } ?? 0
      }
    }
  }

  private static func range(ofEntry name: String) -> StateRange {
    if name.hasSuffix("running_var") { return .notNegative }
    // Whole numbers up to this one are exact as doubles.
    return name.hasSuffix("num_batches_tracked") ? .count(upTo: 1 << 53) : .finite
  }
}

extension MultiTaskNetwork {
  /// Loads the values whose names and shapes agree and leaves the others unchanged: from a
  /// checkpoint, or from a backbone alone under torchvision's or timm's names, which have
  /// no `backbone.`.
  ///
  /// Returns the number of tensors and of parameters loaded; throws
  /// `ContentError`, naming `file`, where none agrees.
  @discardableResult
  public func loadMatching(
    _ tensors: [String: Tensor], from file: String
  ) throws -> (tensors: Int, parameters: Int) {
    let prefix = "backbone."
    var merged: [String: Tensor] = [:]
    var (taken, parameters) = (0, 0)
    for (name, current) in stateDictionary() {
      merged[name] = current
      var candidates = [name]
      if name.hasPrefix(prefix) {
        let own = String(name.dropFirst(prefix.count))
        candidates += [own, backbone.timmName(of: own)]
      }
      for candidate in candidates {
        guard let tensor = tensors[candidate]?.reshapedIfSqueezed(to: current.shape),
          tensor.dtype == current.dtype
        else { continue }
        merged[name] = tensor
        taken += 1
        if StateEntry.isParameter(name) { parameters += tensor.count }
        break
      }
    }
    guard taken > 0 else {
      throw ContentError(
        path: file, key: "'\(merged.keys.sorted().first ?? "")'",
        expected: "names and shapes of this network",
        received: "\(tensors.count) tensors of which none agrees")
    }
    try load(merged, from: file)
    return (taken, parameters)
  }
}

extension Tensor {
  /// The tensor in a shape that differs from its own only in axes of size 1, as `[C]` from
  /// `[C,1,1]`; nil where it does not fit.
  fileprivate func reshapedIfSqueezed(to shape: [Int]) -> Tensor? {
    if self.shape == shape { return self }
    guard self.shape.filter({ $0 != 1 }) == shape.filter({ $0 != 1 }) else { return nil }
    return reshaped(shape)
  }
}

extension StateEntry {
  fileprivate static func isParameter(_ name: String) -> Bool {
    !["running_mean", "running_var", "num_batches_tracked"].contains { name.hasSuffix(".\($0)") }
  }
}
