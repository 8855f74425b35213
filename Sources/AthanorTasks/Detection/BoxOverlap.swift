import AthanorCore

/// Intersection over union of continuous boxes; 0 where they do not overlap.
func overlap(_ a: BoundingBox, _ b: BoundingBox) -> Float {
  let width = min(a.x2, b.x2) - max(a.x1, b.x1)
  let height = min(a.y2, b.y2) - max(a.y1, b.y1)
  guard width > 0, height > 0 else { return 0 }
  let intersection = width * height
  return intersection / (a.area + b.area - intersection)
}

/// Squared distance of the centres over the squared diagonal of the smallest enclosing box, 0…1.
func relativeDistance(_ a: BoundingBox, _ b: BoundingBox) -> Float {
  let dx = (a.x1 + a.x2 - b.x1 - b.x2) / 2
  let dy = (a.y1 + a.y2 - b.y1 - b.y2) / 2
  let width = max(a.x2, b.x2) - min(a.x1, b.x1)
  let height = max(a.y2, b.y2) - min(a.y1, b.y1)
  let diagonal = width * width + height * height
  return diagonal > 0 ? (dx * dx + dy * dy) / diagonal : 0
}
