/// What a loss is taken to be at least where its logarithm or inverse is.
let smallestLoss = 1e-20
