# Everything from here: `make demo` to see it work, `make test` to check it.
# `make deps` installs the Debian packages that are missing; the others call it.

ATHANOR := .build/release/athanor
DEMO    := runs/demo
JOBS    := $(shell nproc)

.PHONY: deps build test docs sanitize fuzz demo ablation clean

deps:
	@.ci/install-dependencies

build: deps
	swift build -c release --product athanor

# Lint, build without warnings, Swift tests (the bad-input table among them, and reports looked at
# by a browser), C++ tests, notebooks.
test:
	@.ci/install-dependencies chromium
	@.ci/test

# The API reference by DocC, into .build/docs/reference (minutes: a build of its own).
docs: deps
	@.ci/docs

# Codecs, kernels and the C++ reference under the address and undefined-behaviour sanitizers (minutes).
sanitize: deps
	@.ci/sanitize

# Every reader under coverage-guided fuzzing, more damaged images and more random tensor ops: 20 s a
# reader, or FUZZ_SECONDS=3600. What is found stays in .build/fuzz/findings.
fuzz: deps
	@.ci/fuzz

# The built-in scenes on disk to look at, the built-in run on the same ones, its numbers and pictures.
demo: build
	@rm -rf $(DEMO)
	$(ATHANOR) data synthesize --out $(DEMO)/data
	$(ATHANOR) train --out $(DEMO)/run
	$(ATHANOR) eval $(DEMO)/run
	$(ATHANOR) predict $(DEMO)/run $$(ls -d $(DEMO)/data/JPEGImages/* | tail -8) \
	  --out $(DEMO)/predictions
	@printf '\nLook at:\n'
	@printf '  %s\n' '$(DEMO)/run/results.png        losses, weights and metrics by epoch' \
	  '$(DEMO)/run/val_batch0_pred.png   predictions beside val_batch0_labels.png' \
	  '$(DEMO)/predictions/              overlays, masks, detections.json'

# Weightings against fixed weights on the built-in scenes; after Ctrl-C the same command goes on.
ablation: build
	$(ATHANOR) ablate --out runs/ablation --jobs $(JOBS)

clean:
	swift package clean
	rm -rf .build/cpp-reference .build/notebooks .build/test-logs .build/sanitize \
	  .build/cpp-sanitize .build/fuzz .build/docs
