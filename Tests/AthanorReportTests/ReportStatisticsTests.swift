import AthanorExperiment
import AthanorReport
import Testing

@Test func spreadsAreOfTheSample() throws {
  let spread = try #require(Spread([1, 2, 4, .nan]))
  #expect(spread.count == 3)
  #expect(abs(spread.mean - 7.0 / 3) < 1e-15)
  // Squares of −4/3, −1/3, 5/3 over 2.
  #expect(abs(spread.deviation! - (42.0 / 18).squareRoot()) < 1e-15)
  #expect(try #require(Spread([5])).deviation == nil)
  #expect(Spread([Double.nan, .infinity]) == nil)
}

/// The two-sided 95 % points from any table of Student's t.
@Test(arguments: [
  (1, 12.7062), (2, 4.30265), (3, 3.18245), (4, 2.77645), (9, 2.26216), (30, 2.04227),
  (1000, 1.96234),
])
func quantilesAreTheTables(_ degrees: Int, _ expected: Double) {
  #expect(abs(StudentT.quantile(0.975, degrees: degrees) - expected) < 1e-4)
}

@Test func differencesArePairedBySeed() throws {
  let method = [0: 0.50, 1: 0.56, 2: 0.58, 7: 0.9]
  let baseline = [2: 0.52, 1: 0.52, 0: 0.48, 3: 0.1]
  let difference = try #require(PairedDifference(method, minus: baseline))
  // 0.02, 0.04, 0.06: mean 0.04, sd 0.02, 4.30265 · 0.02 / √3.
  #expect(difference.count == 3)
  #expect(abs(difference.mean - 0.04) < 1e-12)
  #expect(abs(difference.halfWidth! - 0.0496828) < 1e-6)
  #expect(!difference.excludesZero)
  let single = try #require(PairedDifference([4: 1], minus: [4: 0.5, 5: 2]))
  #expect(single.halfWidth == nil)
  #expect(single.mean == 0.5)
  #expect(PairedDifference([1: 1], minus: [2: 1]) == nil)
  #expect(PairedDifference([1: .nan], minus: [1: 1]) == nil)
}

@Test func textInMarkupIsEscaped() {
  let hostile = "<script>alert('&\"')</script>"
  let html: HTML = "<p title=\"\(hostile)\">\(hostile)</p>"
  let escaped = "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;"
  #expect(html.markup == "<p title=\"\(escaped)\">\(escaped)</p>")
}
