import AthanorCLI
import AthanorExperiment
import AthanorReport
import Foundation
import Testing

@Suite struct NotebookTests {
  let folder = NSTemporaryDirectory() + "athanor-notebook-\(UUID().uuidString)"

  func run(_ text: String, _ mode: Notebook.Mode = .check) throws -> Notebook.Outcome {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try Notebook(path: "n.md", text: text).run(
      mode, in: folder, tools: "/nowhere", environment: ["PATH": "/usr/bin:/bin"])
  }

  func block(_ options: String, _ lines: String...) -> String {
    "text\n```console\(options)\n\(lines.joined(separator: "\n"))\n```\nmore"
  }

  @Test func whatIsTrueStays() throws {
    let text = block("", "$ echo a; echo b >&2", "a", "b", "$ printf 'x\\n\\ny'", "x", "", "y")
    let outcome = try run(text)
    #expect(outcome.differences.isEmpty)
    #expect(outcome.blocks == 1 && outcome.commands == 2)
  }

  @Test func aDifferenceNamesItsLine() throws {
    let outcome = try run(block("", "$ echo a; echo b", "a", "c"))
    #expect(outcome.differences.map(\.line) == [5])
    #expect("\(outcome.differences[0])".contains("expected c"))
    #expect(try run(block("", "$ echo a", "a", "b")).differences.count == 1)
    #expect(try run(block("", "$ echo a; echo b", "a")).differences.count == 1)
  }

  @Test func numbersWithinTheTolerance() throws {
    let command = "$ echo 'mIoU   0.812 at 3'"
    #expect(try run(block(" tolerance=0.01", command, "mIoU 0.815 at 3")).differences.isEmpty)
    #expect(try run(block(" tolerance=0.01", command, "mIoU 0.835 at 3")).differences.count == 1)
    #expect(try run(block(" tolerance=0.01", command, "mIoT 0.812 at 3")).differences.count == 1)
    #expect(try run(block("", command, "mIoU 0.815 at 3")).differences.count == 1)
  }

  @Test func volatileNumbers() throws {
    let options = " volatile=\"[0-9.]+ ms\""
    #expect(try run(block(options, "$ echo 7 in 12.5 ms", "7 in 9 ms")).differences.isEmpty)
    #expect(try run(block(options, "$ echo 7 in 12.5 ms", "8 in 9 ms")).differences.count == 1)
  }

  @Test func commandsMustSucceedOrFailAsSaid() throws {
    #expect(try run(block("", "$ false")).differences.count == 1)
    #expect(try run(block(" fails", "$ echo no; exit 3", "no")).differences.isEmpty)
    #expect(try run(block(" fails", "$ true")).differences.count == 1)
  }

  @Test func oneFolderForAllBlocks() throws {
    let text = block("", "$ echo 1 > f") + "\n" + block("", "$ cat \\", "    f", "1")
    #expect(try run(text).differences.isEmpty)
  }

  @Test func quickForm() throws {
    let text = "<!-- quick: echo small > f -->\n```console\n$ sleep 100\n```\n"
    #expect(try run(text + block(" quick=run", "$ cat f", "big"), .quick).differences.isEmpty)
    #expect(try run(text + block("", "$ cat f", "big"), .quick).differences.count == 1)
    #expect(try run(block(" quick=skip", "$ sleep 100"), .quick).blocks == 0)
  }

  @Test func updateWritesOnlyWhatDiffers() throws {
    let text = block("", "$ echo a", "b", "c", "$ echo d", "d")
    #expect(try run(text, .update).text == block("", "$ echo a", "a", "$ echo d", "d"))
    #expect(try run(block(" tolerance=0.1", "$ echo 1.01", "1"), .update).text == nil)
  }

  @Test func otherFencesAreNotRun() throws {
    #expect(try run("````markdown\n```console\n$ false\n```\n````\n").blocks == 0)
  }

  @Test func mistakesInTheNotebook() {
    for text in [
      block(" tolerace=1", "$ true"), block(" tolerance=x", "$ true"),
      block(" volatile=\"(\"", "$ true"), block("", "no command"), "```console\n$ true",
    ] {
      #expect(throws: NotebookError.self) { try Notebook(path: "n.md", text: text) }
    }
  }
}
