import ArgumentParser
import AthanorExperiment

/// `--threads N`.
struct ThreadOptions: ParsableArguments, LimitedOptions {
  @Option(help: "CPU threads (default: all).") var threads: Int?

  var limits: [Limit] { [Limit("threads", threads, threadCounts)] }

  func apply() { useThreads(threads) }
}
