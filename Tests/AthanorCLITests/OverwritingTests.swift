import AthanorCore
import Foundation
import Testing

/// No command overwrites its input, or a file that athanor did not write.
@Suite(
  .enabled(if: AthanorBinary.has("preprocess"), "this build has no `athanor preprocess`"),
  .serialized)
struct OverwritingTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    let arguments: [String]
    /// The text of the error; nil: the command succeeds.
    var says: String? = "not written over"
    /// The files that may change anyway.
    var changes: Set<String> = []

    var testDescription: String { name }
  }

  static let loss = [
    "loss", "cross_entropy", "--prediction", "P.npy", "--target", "T.npy", "--gradient",
  ]
  static let balance = ["balance", "fixed", "--losses", "L.npy", "--gradients", "G.npy"]

  /// `photos` has `a.png`, `a.jpg` and `b.png`; `hard.png` and `soft.png` are hard and soft links
  /// to `photos/b.png`, `link` is a link to `photos`.
  @Test(arguments: [
    Case(name: "in place", arguments: ["preprocess", "flip", "photos/b.png", "photos/b.png"]),
    Case(
      name: "another spelling",
      arguments: ["preprocess", "flip", "photos/b.png", "photos/../photos/./b.png"]),
    Case(
      name: "a symbolic link", arguments: ["preprocess", "flip", "photos/b.png", "soft.png"]),
    Case(name: "a hard link", arguments: ["preprocess", "flip", "photos/b.png", "hard.png"]),
    Case(name: "a folder in place", arguments: ["preprocess", "flip", "photos", "photos"]),
    Case(name: "a folder by a link", arguments: ["preprocess", "flip", "photos", "link"]),
    Case(
      name: "a folder in place by force",
      arguments: ["preprocess", "flip", "photos", "link", "--force"]),
    Case(
      name: "a file of another's folder", arguments: ["preprocess", "flip", "photos", "full"]),
    Case(
      name: "a file of another's folder by force",
      arguments: ["preprocess", "flip", "photos", "full", "--force"], says: nil,
      changes: ["full/b.png"]),
    Case(name: "a gradient over its target", arguments: loss + ["T.npy"]),
    Case(
      name: "a gradient over an older one", arguments: loss + ["old.npy"], says: nil,
      changes: ["old.npy"]),
    Case(
      name: "a gradient over a picture", arguments: loss + ["photos/a.jpg"],
      says: "no NumPy array"),
    Case(name: "weights over losses", arguments: balance + ["--out", "L.npy"]),
    Case(
      name: "merged gradients over gradients",
      arguments: balance + ["--out", "W.npy", "--merged", "G.npy"]),
    Case(
      name: "two outputs of one name",
      arguments: balance + ["--out", "W.npy", "--merged", "./W.npy"]),
    Case(
      name: "predictions over truths",
      arguments: ["predict", "RUN", "photos", "--out", "labelled"]),
    Case(
      name: "a run's checkpoint as output",
      arguments: ["preprocess", "normalize", "photos/b.png", "photos/a.jpg"],
      says: "photos/a.jpg"),
    Case(
      name: "a report over a text of one's own", arguments: ["report", "RUN", "--out", "written"]),
    Case(
      name: "a data set into itself", arguments: ["data", "convert", "set", "set"],
      says: "expected a folder that holds nothing of what is read"),
    Case(
      name: "a data set into itself by a link",
      arguments: ["data", "build", "set", "linked", "--val", "0.5"],
      says: "expected a folder that holds nothing of what is read"),
  ])
  func inputsStay(_ test: Case) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try prepare(folder)
    let before = try contents(of: folder)
    let result = try AthanorBinary.run(
      test.arguments.map { $0 == "RUN" ? BadInputTests.run : $0 }, in: folder)
    if let says = test.says {
      #expect(result.status == 1, "exit code \(result.status): \(result.all)")
      #expect(result.all.contains(says), "\(result.all)")
    } else {
      #expect(result.status == 0, "exit code \(result.status): \(result.all)")
    }
    let after = try contents(of: folder)
    for (name, bytes) in before where !test.changes.contains(name) {
      #expect(after[name] == bytes, "\(name) changed")
    }
    for name in test.changes { #expect(after[name] != before[name], "\(name) is unchanged") }
  }

  /// Files that athanor wrote before are replaced without a message.
  @Test(arguments: [
    ["predict", "RUN", "photos", "--out", "seen"], ["report", "RUN", "--out", "compared"],
    ["preprocess", "flip", "photos", "flipped"], ["eval", "RUN", "--out", "measured"],
    ["preprocess", "flip", "photos/b.png", "c.png"],
    ["experiment", "box-regression", "--points", "4", "--steps", "2", "--out", "boxes"],
  ])
  func twiceIsConvenient(_ arguments: [String]) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try prepare(folder)
    for _ in 0..<2 {
      let result = try AthanorBinary.run(
        arguments.map { $0 == "RUN" ? BadInputTests.run : $0 }, in: folder)
      #expect(result.status == 0, "exit code \(result.status): \(result.all)")
    }
  }

  private func prepare(_ folder: String) throws {
    let files = FileManager.default
    for name in ["photos", "full", "labelled", "written"] { try makeFolder("\(folder)/\(name)") }
    func gray(_ path: String, _ value: UInt8) throws {
      try BadInputTests.Content.gray(width: 16, height: 16, value: value)
        .write(to: "\(folder)/\(path)")
    }
    try gray("photos/a.png", 1)
    try gray("photos/b.png", 2)
    try BadInputTests.Content.jpeg(width: 16, height: 16, share: 1)
      .write(to: "\(folder)/photos/a.jpg")
    try gray("full/b.png", 3)
    try gray("labelled/b_mask.png", 4)
    try AtomicFile.write("mine\n", to: "\(folder)/written/report.md")
    try files.linkItem(atPath: "\(folder)/photos/b.png", toPath: "\(folder)/hard.png")
    try files.createSymbolicLink(
      atPath: "\(folder)/soft.png", withDestinationPath: "photos/b.png")
    try files.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "photos")
    try files.createSymbolicLink(atPath: "\(folder)/linked", withDestinationPath: "set")
    let logits: [Float] = [0.5, -1, 2, 0.25, 1, 0, -0.5, 3]
    try NumPyFile.write(NumericArray(logits, shape: [1, 2, 2, 2]), to: "\(folder)/P.npy")
    try NumPyFile.write(
      NumericArray([0, 1, 1, 0] as [UInt8], shape: [1, 2, 2]), to: "\(folder)/T.npy")
    try NumPyFile.write(NumericArray([1, 2] as [Float], shape: [2]), to: "\(folder)/old.npy")
    try NumPyFile.write(
      NumericArray([1, 2, 3, 4] as [Double], shape: [2, 2]), to: "\(folder)/L.npy")
    try NumPyFile.write(
      NumericArray([1, 2, 3, 4, 5, 6, 7, 8] as [Double], shape: [2, 2, 2]),
      to: "\(folder)/G.npy")
    let made = try AthanorBinary.run(
      [
        "data", "synthesize", "--out", "first", "--train", "3", "--val", "1", "--test", "0",
        "--width", "32", "--height", "32",
      ], in: folder)
    try #require(made.status == 0, "\(made.all)")
    // A folder that `data convert` may replace.
    let converted = try AthanorBinary.run(["data", "convert", "first", "set"], in: folder)
    try #require(converted.status == 0, "\(converted.all)")
  }

  /// The content of every file that is not hidden.
  private func contents(of folder: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: folder)! {
      let path = "\(folder)/\(name)"
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      contents[name] = try Data(contentsOf: URL(fileURLWithPath: path))
    }
    return contents
  }
}
