/// Σpᵢ in terms of the gᵢ, for methods in which every gradient meets the others one by one: pᵢ starts as gᵢ,
/// takes the other present tasks in an order drawn for it, and `turn` changes it at each.
///
/// `turn` gets pᵢ's coefficients, the place among the present tasks of the one it meets, and both tasks' indices.
/// - Parameter count: All tasks, of which the present ones are `tasks`.
func sumOfTurned(
  _ tasks: [Int], of count: Int, _ noise: Noise,
  _ turn: (_ p: inout [Double], _ place: Int, _ task: Int, _ other: Int) -> Void
) -> [Double] {
  // Drawn for absent tasks too: what the others see does not depend on who is there.
  let orders = (0..<count).map { _ in noise.permutation(count) }
  var weights = tasks.map { _ in 0.0 }
  for task in tasks {
    var p = tasks.map { $0 == task ? 1.0 : 0 }
    for other in orders[task] where other != task {
      if let place = tasks.firstIndex(of: other) { turn(&p, place, task, other) }
    }
    for k in weights.indices { weights[k] += p[k] }
  }
  return weights
}
