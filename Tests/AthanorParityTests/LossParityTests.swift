import AthanorCore
import AthanorLosses
import AthanorParity
import AthanorTensor
import CppReference
import Testing

@Suite(.serialized) struct LossParityTests {
  @Test(arguments: LossParity.all.map(\.name)) func everyLossIsAtParity(name: String) throws {
    let row = try #require(LossParity.all.first { $0.name == name }).row()
    #expect(row.isAtParity, "\(row)")
    #expect(row.cases >= 7)
  }

  @Test func everyRegistryIsCovered() {
    #expect(LossParity.all.map(\.name) == segmentationLosses.names + boxLosses.names)
  }

  @Test func lossesAloneAreARun() throws {
    let run = try ParityRun(only: ["losses"], sizes: [(64, 48)], threads: [1], repeats: 1)
    #expect(run.ops.isEmpty && run.count == LossParity.all.count)
    var told: [String] = []
    let report = try run { told.append("\($0) \($1)") }
    #expect(told == LossParity.all.enumerated().map { "\($0) \($1.name)" })
    #expect(report.losses.map(\.loss) == LossParity.all.map(\.name))
    #expect(report.markdown.hasPrefix("| loss"))
    let rows = try #require(report.json["losses"]?.array)
    for key in ["loss", "identical", "worstDouble", "worstFloat"] {
      #expect(rows[0][key] != nil, "\(key)")
    }
  }

  @Test func lossesJoinOpsAndAreLeftOutWhereNotNamed() throws {
    let both = try ParityRun(only: ["losses", "gray"], sizes: [(8, 8)], threads: [1], repeats: 1)
    #expect(both.ops.map(\.name) == ["gray"] && both.includesLosses)
    let one = try ParityRun(only: ["gray"], sizes: [(8, 8)], threads: [1], repeats: 1)
    #expect(!one.includesLosses && one.count == 1)
    let all = try ParityRun(only: [], sizes: [(8, 8)], threads: [1], repeats: 1)
    #expect(all.includesLosses && all.ops.count == parityOps.count)
  }

  @Test func aLossThatTheReferenceLacksIsNotAtParity() {
    let row = LossParity(name: "l3", cases: [FixedCase(ours: 1)]).row()
    #expect(!row.isAtParity)
    #expect(row.failure == "reference: no box loss 'l3'")
  }

  @Test func whatIsNoNumberIsNotAtParity() {
    let row = LossParity(name: "l1", cases: [FixedCase(ours: .nan)]).row()
    #expect(!row.isAtParity && row.failure == nil)
    #expect(row.double.worst == .infinity && row.double.place == "fixed")
  }
}

/// The reference's l1 of two boxes that are 1 apart, and a number in our place.
private struct FixedCase: LossCase {
  let label = "fixed"
  let isSmooth = true
  let ours: Double

  func selections(of name: String) -> [Selection] { [Selection(name)] }

  func evaluate(
    _ selection: Selection, in dtype: DType
  ) throws -> (ours: LossOutput, reference: LossOutput) {
    var value = 0.0
    guard cppref_box_loss(selection.name, "", [0, 0, 1, 1], [0, 0, 1, 2], 1, &value, nil) == 0
    else { throw ReferenceRefusal() }
    return (
      LossOutput(values: [ours], gradient: [0]), LossOutput(values: [value], gradient: [0])
    )
  }
}
