# Two commands: make run checks the example tenant, make test runs every test. Both bear repetition and install what
# they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export CGO_ENABLED = 0
BIN := bin/vigie
LINT := bin/golangci-lint
LINT_VERSION := v2.15.0
FUZZ := 10000x

# What the sandbox's node needs of Debian: a program, and the package that has it.
SANDBOX_TOOLS := gcc:gcc nft:nftables ip:iproute2 mkfs.xfs:xfsprogs losetup:mount nsenter:util-linux

.PHONY: help run build test vet lint unit cases fuzz sandbox sandbox-tools docs check-docs bench soak clean tools

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

tools: ## say what is missing on this machine, and install it where Debian's packages have it
	@command -v go >/dev/null || { echo "Go 1.26 is needed: see go.mod" >&2; exit 1; }
	@command -v git >/dev/null || { apt-get update -q && apt-get install -qy git; }

build: tools ## build bin/vigie
	go build -trimpath -o $(BIN) ./cmd/vigie

run: build ## check the example tenant: the main job
	@cd examples/boutique && ../../$(BIN) check . ; code=$$?; \
	if [ $$code -gt 1 ]; then exit $$code; fi

test: tools vet lint unit cases fuzz sandbox ## every test, and nothing else is needed
	@echo "make test: done"

vet:
	go vet ./...
	cd bench && go vet ./...
	cd internal/kinds/rbacproof && go vet ./...

lint: $(LINT)
	$(LINT) run ./...

$(LINT):
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

unit:
	@[ -d ../shared ] || echo "NOT RUN: what reads the papers and other people's files, which do not lie beside the repository"
	go test $$(go list ./... | grep -v '^vigie/sandbox')
	cd bench && go test ./...
	cd internal/kinds/rbacproof && go test -v ./...

cases: ## the cases on which other tools were wrong; VIGIE_CASES names a further folder
	go test -count=1 -v -run '^TestCases$$' ./internal/controls

fuzz: ## each fuzz target, a bounded number of times
	@set -e; for pkg in $$(grep -rlE '^func Fuzz' --include='*_test.go' internal | xargs -n1 dirname | sort -u); do \
	  for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9]+' $$pkg/*_test.go | sed 's/func //'); do \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ) -fuzzminimizetime 1x ./$$pkg; \
	  done; \
	done

sandbox-tools:
	@[ "$$VIGIE_SANDBOX" = control-plane ] && exit 0; missing=""; \
	for t in $(SANDBOX_TOOLS); do command -v $${t%%:*} >/dev/null || missing="$$missing $${t##*:}"; done; \
	[ -e /usr/include/seccomp.h ] || missing="$$missing libseccomp-dev"; \
	[ -z "$$missing" ] || { apt-get update -q && apt-get install -qy $$missing; }

sandbox: tools sandbox-tools ## build the sandbox's cluster where it is not built, and test it; VIGIE_SANDBOX=control-plane: without a node
	@begin=$$(date +%s); go run ./sandbox build && echo "sandbox: built in $$(($$(date +%s) - begin)) s"
	cd sandbox/parts/images && go vet ./... && go test ./...
	cd sandbox/parts/addons && go vet -trimpath ./csi-driver ./netpol
	@begin=$$(date +%s); go test -count=1 -v -parallel 6 -timeout 30m ./sandbox/... | grep -vE '^=== (RUN|PAUSE|CONT|NAME)'; code=$${PIPESTATUS[0]}; \
	echo "sandbox: tested in $$(($$(date +%s) - begin)) s"; exit $$code

docs: ## write the generated documents anew
	go test ./internal/cli -run TestDocs -update
	go test ./internal/app/config -run "TestSchema$$" -update
	go test ./internal/report -run "Golden|Text" -update

bench: build ## speed and memory beside a peer and beside the bare bound, as a table
	cd bench && go run ./run

soak: ## the long proofs, whole
	$(MAKE) fuzz FUZZ=300000x

clean:
	rm -rf bin
