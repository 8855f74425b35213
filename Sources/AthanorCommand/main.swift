import AthanorCLI

AthanorCLI.main()
