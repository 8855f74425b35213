/// Losses are clamped to this before their logarithm or inverse is taken.
let smallestLoss = 1e-20
