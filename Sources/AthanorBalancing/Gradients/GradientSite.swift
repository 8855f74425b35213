/// Where a method takes the tasks' gradients.
public enum GradientSite: String, Codable, CaseIterable, Sendable { case parameters, features }
