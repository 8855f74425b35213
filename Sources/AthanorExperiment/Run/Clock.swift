/// `4:05`, or `1:04:05` from an hour on.
package func clock(_ seconds: Double) -> String {
  let whole = Int(min(max(0, seconds), 3.6e8).rounded())
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  let (minutes, rest) = whole.quotientAndRemainder(dividingBy: 60)
  guard minutes >= 60 else { return "\(minutes):\(two(rest))" }
  return "\(minutes / 60):\(two(minutes % 60)):\(two(rest))"
}

extension Duration {
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
