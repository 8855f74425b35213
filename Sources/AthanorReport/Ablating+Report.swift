import AthanorExperiment

extension Ablating {
  /// Trains the runs that are not finished and writes the report into the ablation's folder. When
  /// `shouldStop` returns true, the finished runs are reported, and no further run is measured on
  /// test.
  public func run(
    executable: String, command: String, shouldStop: @escaping () -> Bool
  ) throws -> Outcome {
    try run(executable: executable, command: command, shouldStop: shouldStop) { folder, measures in
      var options = Report.Options()
      options.measures = measures
      try Report.write(for: [folder], options) { measures && shouldStop() }
    }
  }
}
