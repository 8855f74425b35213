/// Where the tasks' gradients are taken that a method looks at.
public enum GradientSite: String, Codable, CaseIterable, Sendable { case parameters, features }
