import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorKernels
import AthanorLosses
import AthanorNetworks
import AthanorTensor
import AthanorTraining
import Testing

/// Stops the run after some updates.
private final class Stop: Callback {
  let steps: Int
  var isReached = false
  init(after steps: Int) { self.steps = steps }
  func onStepEnd(_ record: StepRecord) { isReached = record.step + 1 >= steps }
}

private func bits(_ trainer: Trainer) -> [String: [Double]] {
  trainer.state.tensors.reduce(into: [:]) { $0[$1.name] = $1.tensor.doubles }
}

@Suite(.serialized) struct ResumeTests {
  @Test func theSameSeedGivesTheSameRun() throws {
    let (a, b) = (try TinyRun(), try TinyRun())
    _ = try a.trainer.fit(a.loader)
    _ = try b.trainer.fit(b.loader)
    #expect(bits(a.trainer) == bits(b.trainer))
  }

  @Test(arguments: [1, 3, 4])
  func aResumedRunEndsWithTheSameBits(steps: Int) throws {
    let whole = try TinyRun()
    let history = try whole.trainer.fit(whole.loader)

    let first = try TinyRun()
    let stop = Stop(after: steps)
    _ = try first.trainer.fit(first.loader, callbacks: [stop], shouldStop: { stop.isReached })
    let state = first.trainer.state

    let second = try TinyRun()
    let tensors = Dictionary(
      uniqueKeysWithValues: state.tensors.map {
        // A copy, as a file would give.
        ($0.name, $0.tensor.dtype == .float32 ? $0.tensor * 1 : $0.tensor)
      })
    try second.trainer.restore(
      tensors, state.progress, batchesPerEpoch: second.loader.batchesPerEpoch, from: "checkpoint")
    let resumed = try second.trainer.fit(second.loader)
    #expect(bits(second.trainer) == bits(whole.trainer))
    #expect(resumed.epochs.map(\.total) == history.epochs.map(\.total))
  }

  @Test func thePeakOfMemoryIsThatOfAllAttempts() throws {
    let first = try TinyRun()
    let stop = Stop(after: 1)
    let ballast = 64 << 20
    _ = Tensor(repeating: 1, shape: [ballast], .uint8)
    _ = try first.trainer.fit(first.loader, callbacks: [stop], shouldStop: { stop.isReached })
    let peak = try #require(first.trainer.state.progress.peakBytes)
    #expect(peak > ballast)

    let second = try TinyRun()
    let tensors = Dictionary(
      uniqueKeysWithValues: first.trainer.state.tensors.map { ($0.name, $0.tensor) })
    try second.trainer.restore(
      tensors, first.trainer.progress, batchesPerEpoch: second.loader.batchesPerEpoch,
      from: "checkpoint")
    Allocator.resetPeak()
    _ = try second.trainer.fit(second.loader)
    #expect(second.trainer.progress.peakBytes == peak)
    #expect(Allocator.peakBytes < peak)
  }

  @Test func aCheckpointOfAnotherNetworkIsRefused() throws {
    let run = try TinyRun()
    #expect(throws: ContentError.self) {
      try run.trainer.restore(
        [:], TrainingState.Progress(), batchesPerEpoch: 3, from: "other.safetensors")
    }
  }
}
