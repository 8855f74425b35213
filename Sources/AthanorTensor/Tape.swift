import AthanorKernels
import Synchronization

/// What a tensor was computed from: its operands' nodes and the backward function.
final class Node: @unchecked Sendable {
  /// Position in the order of computation: an operand's is always lower.
  let order: Int
  let inputs: [Node?]
  /// Maps the gradient of the result to those of the inputs, nil where there is none; the flags say
  /// for which inputs they are needed. A leaf has neither inputs nor a backward function.
  let backward: (@Sendable (Tensor, [Bool]) -> [Tensor?])?

  private static let counter = Atomic<Int>(0)

  init(inputs: [Node?], backward: (@Sendable (Tensor, [Bool]) -> [Tensor?])?) {
    order = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    self.inputs = inputs
    self.backward = backward
  }
}

/// Whether operations remember how they were computed.
public enum Tape {
  @TaskLocal static var isRecording = true

  /// Runs `body` without recording: evaluation, prediction.
  public static func paused<R>(_ body: () throws -> R) rethrows -> R {
    try $isRecording.withValue(false, operation: body)
  }
}

extension Tensor {
  /// This tensor as a leaf that gradients can be taken for.
  public func variable() -> Tensor {
    Tensor(shape: shape, dtype: dtype, storage: storage, node: Node(inputs: [], backward: nil))
  }

  /// This tensor's values, without the graph it was computed by.
  public func detached() -> Tensor { Tensor(shape: shape, dtype: dtype, storage: storage) }

  /// Whether this tensor is part of a graph that gradients can be taken through.
  public var isTracked: Bool { node != nil }

  /// Records that this result was computed from `inputs`; `backward` maps its gradient to theirs
  /// and may skip those whose flag is false.
  public func computed(
    from inputs: [Tensor], backward: @escaping @Sendable (Tensor, [Bool]) -> [Tensor?]
  ) -> Tensor {
    guard inputs.contains(where: { $0.node != nil }), Tape.isRecording else { return self }
    return Tensor(
      shape: shape, dtype: dtype, storage: storage,
      node: Node(inputs: inputs.map(\.node), backward: backward))
  }

  /// As above for a single operand.
  func computed(from input: Tensor, backward: @escaping @Sendable (Tensor) -> Tensor) -> Tensor {
    computed(from: [input]) { gradient, _ in [backward(gradient)] }
  }
}

/// The gradients of Σ⟨outputs, seeds⟩ for `variables`; nil for one that no output depends on.
///
/// A variable may be any tracked tensor of the graph, not only a leaf: shared features for example.
/// Only the paths from outputs to variables are followed, so several losses can be differentiated
/// one after the other over the same forward pass. Seeds default to ones.
public func gradients(
  of outputs: [Tensor], seeds: [Tensor]? = nil, for variables: [Tensor]
) -> [Tensor?] {
  var targets: [ObjectIdentifier: [Int]] = [:]
  var lowest = Int.max
  for (i, variable) in variables.enumerated() {
    require(variable.node != nil, "gradients: variable \(i), \(variable), is not tracked")
    targets[ObjectIdentifier(variable.node!), default: []].append(i)
    lowest = min(lowest, variable.node!.order)
  }
  if let seeds {
    require(
      seeds.map(\.shape) == outputs.map(\.shape) && seeds.map(\.dtype) == outputs.map(\.dtype),
      "gradients: seeds \(seeds) for outputs \(outputs)")
  }
  let (path, leading) = nodesLeadingToTargets(outputs, targets, lowest: lowest)

  var pending: [ObjectIdentifier: Tensor] = [:]
  func deliver(_ gradient: Tensor, to node: Node) {
    let id = ObjectIdentifier(node)
    if var sum = pending.removeValue(forKey: id) {
      sum.accumulate(gradient)
      pending[id] = sum
    } else {
      pending[id] = gradient
    }
  }
  var results = [Tensor?](repeating: nil, count: variables.count)
  Tape.paused {
    for (i, output) in outputs.enumerated() {
      guard let node = output.node, leading.contains(ObjectIdentifier(node)) else { continue }
      deliver(seeds?[i].detached() ?? output.onesLike(), to: node)
    }
    // The latest computed first: by then all that used its result have delivered.
    for node in path.reversed() {
      guard let gradient = pending.removeValue(forKey: ObjectIdentifier(node)) else { continue }
      for i in targets[ObjectIdentifier(node)] ?? [] { results[i] = gradient }
      guard let backward = node.backward else { continue }
      let needed = node.inputs.map { $0.map { leading.contains(ObjectIdentifier($0)) } ?? false }
      guard needed.contains(true) else { continue }
      for (i, part) in backward(gradient, needed).enumerated() where needed[i] {
        if let part { deliver(part.detached(), to: node.inputs[i]!) }
      }
    }
  }
  return results
}

/// The gradients of one scalar loss.
public func gradients(of loss: Tensor, for variables: [Tensor]) -> [Tensor?] {
  require(loss.count == 1, "gradients: the loss has shape \(loss.shape), not one element")
  return gradients(of: [loss], for: variables)
}

/// The nodes on a path from the outputs to a target, in the order of computation.
private func nodesLeadingToTargets(
  _ outputs: [Tensor], _ targets: [ObjectIdentifier: [Int]], lowest: Int
) -> (path: [Node], ids: Set<ObjectIdentifier>) {
  var visited: Set<ObjectIdentifier> = []
  var reachable: [Node] = []
  var stack = outputs.compactMap(\.node)
  while let node = stack.popLast() {
    guard node.order >= lowest, visited.insert(ObjectIdentifier(node)).inserted else { continue }
    reachable.append(node)
    for case let input? in node.inputs { stack.append(input) }
  }
  var (path, leading) = ([Node](), Set<ObjectIdentifier>())
  for node in reachable.sorted(by: { $0.order < $1.order }) {
    let id = ObjectIdentifier(node)
    if targets[id] != nil
      || node.inputs.contains(where: { $0.map { leading.contains(ObjectIdentifier($0)) } ?? false })
    {
      leading.insert(id)
      path.append(node)
    }
  }
  return (path, leading)
}

extension Tensor {
  /// Adds `other`: in place where nothing else shares the elements, else as a new tensor.
  fileprivate mutating func accumulate(_ other: Tensor) {
    require(shape == other.shape, "gradients: parts of shapes \(shape) and \(other.shape) meet")
    guard dtype == other.dtype, dtype.isFloating, ownsStorage() else {
      self = self + other
      return
    }
    if dtype == .float32 { add(other, Float.self) } else { add(other, Double.self) }
  }

  private func add<T: FloatingScalar & TensorScalar>(_ other: Tensor, _ type: T.Type) {
    let (sum, part) = (pointer(to: T.self), other.pointer(to: T.self))
    parallelRanges(count, grain: Self.grain) { for i in $0 { sum[i] += part[i] } }
  }
}
