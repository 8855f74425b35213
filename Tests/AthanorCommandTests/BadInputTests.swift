import Foundation
import Testing

/// What users get wrong: each must end with an exit code other than 0 and a message that names the
/// file or key at fault, and must not crash.
@Suite(
  .enabled(if: AthanorBinary.has("train"), "this build has no `athanor train`"), .serialized)
struct BadInputTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    /// Files to write first, by path.
    var files: [String: String] = [:]
    let arguments: [String]
    /// Each must be in what is printed.
    let says: [String]

    var testDescription: String { name }
  }

  static let labelme =
    #"{"version":"5.0","shapes":[{"label":"fig","shape_type":"rectangle","#
    + #""points":[[1,1],[5,5]]}],"imagePath":"a.jpg"}"#

  @Test(arguments: [
    Case(name: "missing config", arguments: ["train", "none.yaml"], says: ["none.yaml"]),
    Case(
      name: "unknown key, nearest known one", files: ["c.yaml": "training: {epoch: 3}\n"],
      arguments: ["train", "c.yaml"], says: ["c.yaml", "epoch", "epochs"]),
    Case(
      name: "wrong type", files: ["c.yaml": "training: {epochs: many}\n"],
      arguments: ["train", "c.yaml"], says: ["c.yaml", "epochs", "many"]),
    Case(
      name: "broken YAML", files: ["c.yaml": "training: [1, \n"], arguments: ["train", "c.yaml"],
      says: ["c.yaml"]),
    Case(
      name: "unknown loss, nearest known one",
      arguments: ["train", "--set", "losses.box=gioo"], says: ["losses.box", "gioo", "giou"]),
    Case(
      name: "unknown override", arguments: ["train", "--set", "training.epocs=3"],
      says: ["epocs", "epochs"]),
    Case(
      name: "impossible network shape", arguments: ["train", "--set", "network.fpn_channels=40"],
      says: ["network.fpn_channels", "16", "40"]),
    Case(
      name: "impossible input size", arguments: ["train", "--set", "input.width=100"],
      says: ["input.width", "32", "100"]),
    Case(
      name: "missing data", arguments: ["train", "--set", "data={name: voc, path: nowhere}"],
      says: ["nowhere"]),
    Case(
      name: "empty data folder", files: ["empty/.keep": ""],
      arguments: ["train", "--set", "data={name: folder, path: empty}"], says: ["empty"]),
    Case(
      name: "truncated JPEG",
      files: ["d/a.json": labelme, "d/a.jpg": "\u{1}not a JPEG"],
      arguments: ["train", "--set", "data={name: labelme, path: d}"], says: ["d/a"]),
    Case(
      name: "corrupt checkpoint", files: ["w.safetensors": "not one"],
      arguments: ["eval", "w.safetensors"], says: ["w.safetensors"]),
    Case(name: "missing run", arguments: ["eval", "no-such-run"], says: ["no-such-run"]),
    Case(
      name: "missing image", files: ["w.safetensors": "not one"],
      arguments: ["predict", "w.safetensors", "none.jpg", "--out", "o"], says: ["none.jpg", "w.s"]),
    Case(
      name: "unwritable output",
      arguments: ["train", "--epochs", "1", "--out", "/proc/nowhere/run"],
      says: ["/proc/nowhere"]),
  ])
  func isRefusedWithTheCause(_ test: Case) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (path, text) in test.files {
      let url = URL(fileURLWithPath: "\(folder)/\(path)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    let result = try AthanorBinary.run(test.arguments, in: folder)
    #expect([1, 64].contains(result.status), "exit code \(result.status): \(result.all)")
    if test.name == "missing image" {
      #expect(test.says.contains { result.all.contains($0) }, "\(result.all)")
    } else {
      for word in test.says { #expect(result.all.contains(word), "\(result.all)") }
    }
  }
}
