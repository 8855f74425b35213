extension AblationSpec {
  /// The spec that `athanor ablate` uses when none is given: every family of weightings against the
  /// front of fixed weights, on the built-in scenes.
  public static let builtIn = """
    # How should the losses of two tasks be combined? Methods that learn or compute the weights \
    against
    # fixed ones, on the built-in scenes: half an hour on two CPUs. See athanor ablate --help.
    name: weighting
    set:
      data.train: 480
      data.val: 100
      training.epochs: 4
    seeds: 3
    grid:
      weighting:
        - fixed
        - uncertainty
        - {name: uncertainty, form: libmtl}
        - {name: uncertainty, form: exp}
        - {name: uncertainty, form: liebel}
        - dwa
        - rlw
        - famo
        - gradnorm
        - mgda
        - pcgrad
        - cagrad
        - nash_mtl
        - imtl_g
        - graddrop
    front: [0.125, 0.35, 1, 2.8, 8]
    single_tasks: true
    baseline: fixed
    last_epochs: 2

    """
}
