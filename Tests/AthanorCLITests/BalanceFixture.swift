import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorReport
import AthanorTensor
import Foundation

/// A file in `Tests/Balancing/fixtures`, written by `make_fixtures.py`.
struct BalanceFixture {
  static let folder =
    URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().path + "/Balancing"
  /// The methods with an iterative solver.
  static let solved: Set = ["mgda", "cagrad", "nash_mtl", "fairgrad", "upgrad"]

  private let file: SafeTensors

  init(_ name: String) throws {
    file = try SafeTensors("\(Self.folder)/fixtures/\(name).safetensors")
  }

  var names: [String] { file.names }

  /// `name;option=value;…` for each method whose weights are in the file.
  var methods: [String] { methods(after: "") }

  func methods(after prefix: String) -> [String] {
    names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".W") }.sorted()
      .map { String($0.dropFirst(prefix.count).dropLast(2)) }
  }

  func tensor(_ name: String) throws -> Tensor {
    Tensor(try file.elements(name, as: Double.self), shape: try file.array(name).shape)
  }

  /// The result of replaying the recording in Athanor.
  func replay(_ method: String) throws -> Balancing.Result {
    let losses = try tensor("losses")
    let kinds = (0..<losses.shape[1]).map { $0 % 2 == 0 ? "classification" : "regression" }
    var recording = Balancing.Recording(losses: losses)
    recording.gradients = try tensor(gradients(of: method))
    recording.after = try tensor("after")
    recording.noise = try noise(of: method).map(tensor)
    recording.features = try method.hasPrefix("graddrop") ? tensor("features") : nil
    return try Balancing(
      fixture: method,
      and: ["stepsPerEpoch=2", "kinds=[\(kinds.joined(separator: ", "))]"])(recording)
  }

  /// W and M from `recompute.py`; M is in the file where it is not Σ Wᵢgᵢ.
  func expected(_ method: String) throws -> (weights: Tensor, merged: Tensor) {
    let weights = try tensor("\(method).W")
    let (steps, tasks) = (weights.shape[0], weights.shape[1])
    if names.contains("\(method).M") {
      let merged = try tensor("\(method).M")
      return (weights, merged.reshaped([steps, merged.count / steps]))
    }
    let (w, g) = (weights.doubles, try tensor(gradients(of: method)))
    let parameters = g.shape.last!
    // The batch that the weights apply to: modo's third, sdmgrad's first.
    let batches = g.rank == 4 ? 3 : 1
    let batch = method == "modo" ? 2 : 0
    let values = g.doubles
    let merged = (0..<steps * parameters).map { place in
      let (step, p) = place.quotientAndRemainder(dividingBy: parameters)
      return (0..<tasks).reduce(0) { sum, i in
        sum + w[step * tasks + i]
          * values[(((step * batches) + batch) * tasks + i) * parameters + p]
      }
    }
    return (weights, Tensor(merged, shape: [steps, parameters]))
  }

  private func gradients(of method: String) -> String {
    if method.hasPrefix("graddrop") { return "featureGradients" }
    return ["modo", "sdmgrad"].contains(method) ? "triples" : "gradients"
  }

  private func noise(of method: String) -> String? {
    ["rlw": "normals", "pcgrad": "orders", "gradvac": "orders", "graddrop": "uniforms"][
      String(method.split(separator: ";")[0])]
  }
}

extension Balancing {
  /// `name;option=value;…` and further overrides.
  init(fixture words: String, and more: [String] = []) throws {
    let parts = words.split(separator: ";").map(String.init)
    try self.init(parts[0], overrides: try (parts.dropFirst() + more).map { try Override($0) })
  }
}
