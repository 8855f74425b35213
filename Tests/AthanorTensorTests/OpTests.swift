import AthanorTensor
import Foundation
import Testing

/// Every operation: its value by definition, its gradient by finite differences, its precisions.
@Suite struct OpTests {
  @Test(arguments: OpFamily.all) func fixedCases(_ family: OpFamily) {
    for op in family.fixed {
      for problem in op.problems() { Issue.record("\(op.testDescription): \(problem)") }
    }
  }

  /// A public function of `Tensor` that no family calls is noticed here.
  @Test func noOperationIsLeftOut() throws {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    var declared: Set<String> = []
    for folder in ["Elementwise", "Reduction", "Layers", "Layout"] {
      let path = "\(root)/Sources/AthanorTensor/\(folder)"
      for file in try FileManager.default.contentsOfDirectory(atPath: path) {
        let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
        for match in text.matches(of: /public (?:static |prefix )*func (\S+?)[ (<]/) {
          declared.insert(String(match.1.filter { $0 != "`" }))
        }
      }
    }
    #expect(declared == Set(OpFamily.all.flatMap(\.covers)))
  }
}
