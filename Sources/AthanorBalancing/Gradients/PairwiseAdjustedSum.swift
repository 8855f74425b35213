/// The coefficients of Σpᵢ in terms of the gᵢ, for methods that adjust each gradient to the others
/// one by one: pᵢ starts as gᵢ, and `adjust` changes it for every other present task, in
/// random order.
///
/// - Parameters:
///   - tasks: The present tasks.
///   - count: The number of all tasks.
///   - adjust: Gets the coefficients of pᵢ, the index of the other task among the present ones, and
///     both tasks' indices.
func pairwiseAdjustedSum(
  _ tasks: [Int], of count: Int, _ random: RandomSource,
  _ adjust: (_ p: inout [Double], _ index: Int, _ task: Int, _ other: Int) -> Void
) -> [Double] {
  // Drawn for absent tasks too, so that the others' orders do not depend on which tasks
  // are present.
  let orders = (0..<count).map { _ in random.permutation(count) }
  var weights = tasks.map { _ in 0.0 }
  for task in tasks {
    var p = tasks.map { $0 == task ? 1.0 : 0 }
    for other in orders[task] where other != task {
      if let index = tasks.firstIndex(of: other) { adjust(&p, index, task, other) }
    }
    for k in weights.indices { weights[k] += p[k] }
  }
  return weights
}
