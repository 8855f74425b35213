import AthanorCore
import AthanorExperiment
import AthanorMetrics

extension Report {
  /// `results.csv`: one row per run.
  var results: Table {
    var table = Table(
      columns: ["run", "method", "role", "seed", "status", "chosen", "reason"] + tuned
        + ["best_epoch"] + measures.map(\.column) + ["version", "cpu", "threads"])
    for run in runs {
      let method = methods.first { $0.candidates.contains { $0.runs.contains { $0.id == run.id } } }
      let isChosen = method?.runs.contains { $0.id == run.id } ?? false
      var row: [(column: String, value: JSON)] = [
        ("run", .string(run.id)), ("method", method.map { .string($0.label) } ?? .null),
        ("role", .string(run.role.rawValue)), ("seed", run.seed.map { .integer($0) } ?? .null),
        ("status", .string(run.status.rawValue)), ("chosen", .bool(isChosen)),
        ("reason", run.reason.map { .string($0) } ?? .null),
        ("best_epoch", run.bestEpoch.map { .integer($0) } ?? .null),
      ]
      row += tuned.map { ($0, run.keys?.values[$0].map { .string($0) } ?? .null) }
      row += run.values.map { ($0.key.column, .number($0.value)) }
      if let machine = run.machines.last {
        row += [
          ("version", machine.version.map { .string($0) } ?? .null),
          ("cpu", machine.cpu.map { .string($0) } ?? .null),
          ("threads", machine.threads.map { .integer($0) } ?? .null),
        ]
      }
      table.append(row)
    }
    return table
  }

  /// `table.csv`: one row per method, each measure with its standard deviation and count.
  var table: Table {
    let columns = measures.flatMap { name in
      ["", "_sd", "_n"].map { name.column + $0 }
    }
    let differences = paired.flatMap { measure in
      ["", "_half_width", "_n"].map { "difference/\(measure.column)\($0)" }
    }
    var table = Table(
      columns: ["method", "role", "runs", "finished"] + tuned + columns
        + ["mean_rank", "worst_task", "worst_change"] + differences)
    for (index, method) in methods.enumerated() {
      var row: [(column: String, value: JSON)] = [
        ("method", .string(method.label)), ("role", .string(method.role.rawValue)),
        ("runs", .integer(method.chosen?.runs.count ?? method.candidates[0].runs.count)),
        ("finished", .integer(method.runs.count)),
        ("mean_rank", ranks[index].map { .number($0) } ?? .null),
      ]
      row += (method.chosen?.tuned ?? []).map { ($0.key, .string($0.value)) }
      for measure in measures {
        guard let spread = method.spread(measure) else { continue }
        row.append((measure.column, .number(spread.mean)))
        row.append((measure.column + "_n", .integer(spread.count)))
        if let sd = spread.deviation { row.append((measure.column + "_sd", .number(sd))) }
      }
      if let worst = worstTask(method) {
        row += [("worst_task", .string(worst.task)), ("worst_change", .number(worst.change))]
      }
      for measure in paired {
        guard let difference = difference(index, measure) else { continue }
        let column = "difference/\(measure.column)"
        row.append((column, .number(difference.mean)))
        row.append((column + "_n", .integer(difference.count)))
        if let half = difference.halfWidth { row.append((column + "_half_width", .number(half))) }
      }
      table.append(row)
    }
    return table
  }

  /// `table_narrow.csv`: one row per method and measure, the long form that plotting libraries
  /// expect.
  var narrowTable: Table {
    var table = Table(columns: ["method", "role", "measure", "mean", "sd", "n"])
    for method in methods {
      for measure in measures {
        guard let spread = method.spread(measure) else { continue }
        table.append([
          ("method", .string(method.label)), ("role", .string(method.role.rawValue)),
          ("measure", .string(measure.column)), ("mean", .number(spread.mean)),
          ("sd", spread.deviation.map { .number($0) } ?? .null), ("n", .integer(spread.count)),
        ])
      }
    }
    return table
  }

  /// The report as one JSON object.
  public var json: JSON {
    func object(_ method: Method, _ index: Int) -> JSON {
      var members: [JSON.Member] = [
        .init("method", .string(method.label)), .init("role", .string(method.role.rawValue)),
        .init("runs", .integer(method.chosen?.runs.count ?? method.candidates[0].runs.count)),
        .init("finished", .integer(method.runs.count)),
        .init(
          "tuned",
          .object((method.chosen?.tuned ?? []).map { JSON.Member($0.key, .string($0.value)) })),
      ]
      members += measures.map { measure in
        JSON.Member(measure.column, method.spread(measure).map(\.json) ?? .null)
      }
      members.append(.init("mean_rank", ranks[index].map { .number($0) } ?? .null))
      members.append(
        .init(
          "worst",
          worstTask(method).map { ["task": .string($0.task), "change": .number($0.change)] }
            ?? .null))
      members.append(
        .init(
          "differences",
          .object(
            paired.compactMap { measure in
              difference(index, measure).map { JSON.Member(measure.column, $0.json) }
            })))
      return .object(members)
    }
    return [
      "name": .string(title),
      "baseline": baseline.map { .string(methods[$0].label) } ?? .null,
      "delta_m": .string(DeltaM.variant), "lastEpochs": .integer(lastEpochs),
      "methods": .array(methods.enumerated().map { object($1, $0) }),
      "runs": .array(
        runs.map { run in
          [
            "run": .string(run.id), "status": .string(run.status.rawValue),
            "seed": run.seed.map { .integer($0) } ?? .null,
            "reason": run.reason.map { .string($0) } ?? .null,
          ]
        }),
      "notes": .array(notes.map { .string($0) }),
    ]
  }
}

extension Spread {
  fileprivate var json: JSON {
    [
      "mean": .number(mean), "sd": deviation.map { .number($0) } ?? .null, "n": .integer(count),
    ]
  }
}

extension PairedDifference {
  fileprivate var json: JSON {
    [
      "mean": .number(mean), "half_width": halfWidth.map { .number($0) } ?? .null,
      "n": .integer(count),
    ]
  }
}
