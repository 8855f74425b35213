import AthanorExperiment

extension Ablating {
  /// Trains what is not finished and writes the report into the ablation's folder. When
  /// `shouldStop` turns true, what is finished is reported, and no further run is measured on test.
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
