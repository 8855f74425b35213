import AthanorCore
import Foundation

/// A Python process that evaluates the losses with PyTorch's eager operators. For a loss that it
/// does not implement its answer is empty.
public final class PyTorchLosses {
  public struct Failure: Error, CustomStringConvertible {
    public var python: String
    public var reason: String
    public var description: String { "\(python): expected a Python with torch: \(reason)" }
  }

  private let process = Process()
  private let python: String
  private let (input, output, errors) = (Pipe(), Pipe(), Pipe())

  /// - `shape`: The shape `[N,H,W,C]` of the logits that are timed.
  /// - `boxes`: The number of boxes that are timed.
  ///
  /// Throws `Failure` where the program is not a Python with torch.
  public init(
    _ python: String, shape: [Int] = [1, 1, 1, 2], boxes: Int = 1, threads: Int = 1
  ) throws {
    self.python = python
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [python, "-u", "-c", String(decoding: PackageResources.losses_py, as: UTF8.self)]
      + (shape + [boxes, threads]).map(String.init)
    (process.standardInput, process.standardOutput) = (input, output)
    process.standardError = errors
    do { try process.run() } catch { throw Failure(python: python, reason: "\(error)") }
    guard try line() == "ready" else { throw failure() }
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// The time for value and gradient, once.
  public func milliseconds(of loss: String) throws -> Double? {
    try answer(to: ["time", loss]).flatMap(Double.init)
  }

  /// The loss (the sum over boxes) of arrays in `.npy` files in the form that `athanor loss` takes;
  /// its gradient is written to `gradient`.
  public func value(
    of loss: String, prediction: String, target: String, gradient: String
  ) throws -> Double? {
    try answer(to: ["value", loss, prediction, target, gradient]).flatMap(Double.init)
  }

  /// The answer's text; nil where there is no such loss.
  private func answer(to words: [String]) throws -> String? {
    let question = words.joined(separator: "\t") + "\n"
    try input.fileHandleForWriting.write(contentsOf: Data(question.utf8))
    guard let answer = try line() else { throw failure() }
    return answer == "none" ? nil : answer
  }

  private func line() throws -> String? {
    var bytes: [UInt8] = []
    while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
      if byte == 10 { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return nil
  }

  private func failure() -> Failure {
    let text = (try? errors.fileHandleForReading.readToEnd()).flatMap { $0 } ?? Data()
    let last = String(decoding: text, as: UTF8.self).split(separator: "\n").last
    return Failure(python: python, reason: last.map(String.init) ?? "it ended")
  }
}
