import AthanorCore

/// The section `losses` of earlier configurations. It is refused with a message that says what to
/// write instead.
public enum EarlierLosses {
  /// Where each of its keys is now: the task and the key of the task.
  private static let places = [
    "segmentation": ("segmentation", "loss"), "classification": ("detection", "classification"),
    "box": ("detection", "box"), "split_detection": ("detection", "split"),
  ]

  /// Throws where a configuration has the section.
  public static func refuse(in settings: Settings) throws {
    guard case .map(let entries) = settings,
      case .map(let losses)? = entries.first(where: { $0.key == "losses" })?.value
    else { return }
    var names = ["segmentation", "detection"]
    if case .list(let items)? = entries.first(where: { $0.key == "tasks" })?.value {
      names = items.compactMap { if case .string(let name) = $0 { name } else { nil } }
    }
    let tasks = names.map { name in
      Settings.Entry(
        name,
        .map(
          losses.compactMap { loss in
            places[loss.key].flatMap { $0.0 == name ? Settings.Entry($0.1, loss.value) : nil }
          }))
    }
    throw SettingsError(
      key: "losses",
      expected: "each loss with its task, in place of 'losses' and 'tasks':\n"
        + Settings.map([.init("tasks", .map(tasks))]).yaml,
      received: "the earlier section 'losses'")
  }

  /// Throws for an override of one of its keys, whose path begins with `losses`.
  public static func refuse(path: [String], from origin: String) throws {
    guard path.count > 1, path[0] == "losses", let (task, key) = places[path[1]] else { return }
    let now = (["tasks", task, key] + path.dropFirst(2)).joined(separator: ".")
    throw SettingsError(
      file: origin, key: path.joined(separator: "."), expected: "the key \(now)",
      received: "the earlier key")
  }
}
