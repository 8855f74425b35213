/// The mean of `values`, `nil` without any.
///
/// Parity: the order of additions is NumPy's, so that means agree to the last bit.
func pairwiseMean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : pairwiseSum(values[...]) / Double(values.count)
}

/// Pairwise summation: halves are summed apart down to 128 numbers, those in eight lanes.
///
/// Source: Higham, The Accuracy of Floating Point Summation, 1993; blocks as in NumPy.
private func pairwiseSum(_ values: ArraySlice<Double>) -> Double {
  let (count, start) = (values.count, values.startIndex)
  if count < 8 { return values.reduce(0, +) }
  if count > 128 {
    let half = count / 2 - count / 2 % 8
    return pairwiseSum(values[..<(start + half)]) + pairwiseSum(values[(start + half)...])
  }
  var lanes = Array(values[..<(start + 8)])
  let whole = count - count % 8
  for i in stride(from: 8, to: whole, by: 8) {
    for lane in 0..<8 { lanes[lane] += values[start + i + lane] }
  }
  let sum =
    ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
    + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
  return values[(start + whole)...].reduce(sum, +)
}
