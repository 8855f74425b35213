import Athanor
import Testing

/// The README's example, with fewer and smaller scenes.
@Test func theExampleOfTheReadmeTrains() throws {
  var scenes = SyntheticScenes.Options()
  (scenes.train, scenes.val, scenes.width, scenes.height) = (16, 4, 64, 64)
  let data = try SyntheticSource(scenes)
  let (train, val) = (try data.open(.train), try data.open(.val))
  let tasks = try ["segmentation", "detection"].map {
    try RunTask(NamedTask($0, Selection($0)), train.classes, place: "scenes")
  }
  let network = try MultiTaskNetwork(NetworkOptions(), tasks, seed: 0)
  var options = TrainingOptions()
  options.epochs = 1
  let trainer = try Trainer(
    network, Objective(tasks), weighting: UncertaintyWeighting(),
    optimizer: AdamW(learningRate: 3e-3), schedule: CosineSchedule(), options: options)
  let format = InputFormat(width: 64, height: 64)
  let loader = Loader(train, format, labels: trainer.objective.labels)
  let history = try trainer.fit(loader, validation: Evaluator(network, tasks, val, format))
  #expect(trainer.optimizer.baseLearningRate == 3e-3)
  #expect(history.best?.metrics["segmentation/mIoU"].map { (0...1).contains($0) } == true)
}
