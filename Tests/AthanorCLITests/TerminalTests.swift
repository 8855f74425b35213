import AthanorCLI
import Testing

@Test func terminalsAreJudgedPerStream() {
  func redraws(_ isTerminal: Bool, _ term: String) -> Bool {
    Terminal(file: 2, isTerminal: isTerminal, environment: ["TERM": term]).isInteractive
  }
  #expect(redraws(true, "xterm"))
  #expect(!redraws(true, "dumb"))
  #expect(!redraws(false, "xterm"))
}

@Test func progressLinesFitAndTell() {
  let line = ProgressBar.line(
    "epoch 3/20", done: 34, total: 75, unit: "step", seconds: 12, details: "loss 1.23", width: 100)
  #expect(line.hasPrefix("epoch 3/20  45% │"))
  #expect(line.hasSuffix("34/75 0:12<0:14 2.8 step/s  loss 1.23"))
  for width in 1..<120 {
    let line = ProgressBar.line(
      "t", done: 1, total: 3, unit: "it", seconds: 9000, details: "d", width: width)
    #expect(line.count <= width)
  }
  #expect(
    ProgressBar.line("t", done: 0, total: 0, unit: "it", seconds: 0, details: "", width: 80)
      .contains("100%"))
}
