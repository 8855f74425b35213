import AthanorTensor
import Testing

/// Every operation: its value by definition, its gradient by finite differences, its precisions.
@Suite struct OpTests {
  @Test(arguments: OpCase.elementwise) func elementwise(_ op: OpCase) { check(op) }
  @Test(arguments: OpCase.shapes) func shapes(_ op: OpCase) { check(op) }
  @Test(arguments: OpCase.layers) func layers(_ op: OpCase) { check(op) }

  private func check(_ op: OpCase) {
    op.checkForward()
    op.checkGradient()
    op.checkPrecisions()
  }
}
