# Commands for people and for CI. `make help` lists them.

SWIFT ?= swift
SOURCES = Package.swift Sources Tests Benchmarks Examples

# How `make run` serves the example; empty means the example's own default.
VAULT ?=
PORT ?= 8080
REQUESTS ?=
REDIS ?=

.PHONY: $(shell sed -nE 's/^([a-z0-9-]+):.*/\1/p' $(MAKEFILE_LIST))

help: ## Lists the commands.
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: system-packages ## Builds and serves the example, a vault of notes, with a workload that shows what the cache saves.
	$(SWIFT) build -c release --product notes-vault
	@exec "$$($(SWIFT) build -c release --product notes-vault --show-bin-path)/notes-vault" \
		--port $(PORT) $(if $(VAULT),--vault "$(VAULT)") $(if $(REQUESTS),--requests $(REQUESTS)) $(if $(REDIS),--redis "$(REDIS)")

# Where Varnish listens in `make run-edge`.
EDGE_PORT ?= 8081

run-edge: system-packages ## The same behind a Varnish, which it installs and starts, and which keeps pages until their notes change.
	Scripts/install-system-packages varnish varnish-modules
	$(SWIFT) build -c release --product notes-vault
	@exec env PORT=$(PORT) EDGE_PORT=$(EDGE_PORT) Examples/NotesVault/run-edge \
		"$$($(SWIFT) build -c release --product notes-vault --show-bin-path)/notes-vault" \
		--no-replay $(if $(VAULT),--vault "$(VAULT)")

test: test-packages ## Builds all there is and runs the tests.
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

lint: ## Checks the format of all sources.
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	Scripts/check-files

format: ## Brings all sources into the format.
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

docs: system-packages ## Builds the documentation; warnings are errors.
	Scripts/build-documentation

bench: bench-cache bench-l1 ## Runs all benchmarks.

# How often each figure of `make bench-l1` is measured.
ROUNDS ?= 7

# How long each run of `make bench-redis` takes; PRECEDENCE=1 lets it run before all other processes.
SECONDS ?= 0.5
PRECEDENCE ?=

# What `make fuzz` feeds, and how often.
TARGET ?= resp
RUNS ?= 1000000

bench-l1: system-packages ## Measures the memory cache beside a dictionary and Foundation's cache: hits, writes, memory, tails.
	$(SWIFT) build -c release --product memory-cache-benchmark
	@exec env ROUNDS=$(ROUNDS) "$$($(SWIFT) build -c release --product memory-cache-benchmark --show-bin-path)/memory-cache-benchmark"

# How many clusters `make simulate-cluster` simulates, and from which seed on.
SEEDS ?= 10000

simulate-cluster: ## Looks for a broken promise in SEEDS simulated clusters, and without each fence of the protocol.
	$(SWIFT) build -c release --product cluster-check
	@exec env SEEDS=$(SEEDS) $(if $(SEED),SEED=$(SEED)) \
		"$$($(SWIFT) build -c release --product cluster-check --show-bin-path)/cluster-check"

bench-invalidation: system-packages ## Measures invalidation by tag over a thousand to a million entries, reads after it, and the log in a file.
	$(SWIFT) build -c release --product invalidation-benchmark
	@exec "$$($(SWIFT) build -c release --product invalidation-benchmark --show-bin-path)/invalidation-benchmark"

# How many operations `make check-invalidation` makes.
OPS ?= 100000

check-invalidation: system-packages ## Has two processes on one SQLite file read, write and invalidate OPS times, and looks for a stale read.
	$(SWIFT) build -c release --product invalidation-check
	@exec "$$($(SWIFT) build -c release --product invalidation-check --show-bin-path)/invalidation-check" $(OPS)

# The traces that `make check-curve` reads.
TRACES ?=

check-curve: ## Compares the miss-ratio curve of a sample with the exact one, over TRACES, files that `larder simulate` reads.
	$(SWIFT) build -c release --product curve-check
	@exec "$$($(SWIFT) build -c release --product curve-check --show-bin-path)/curve-check" $(TRACES)

# How many keys `make check-monitoring` reads in its day.
KEYS ?= 1000000

check-monitoring: system-packages ## Measures what all monitoring holds in memory after a simulated day with KEYS keys; fails from 8 MiB on.
	$(SWIFT) build -c release --product monitoring-check
	@exec env KEYS=$(KEYS) "$$($(SWIFT) build -c release --product monitoring-check --show-bin-path)/monitoring-check"

check-warming: KEYS = 100000
check-warming: system-packages ## Warms KEYS keys (100000) from an origin with a rate, on a clock that is moved; fails if the rate is exceeded.
	$(SWIFT) build -c release --product warming-check
	@exec env KEYS=$(KEYS) "$$($(SWIFT) build -c release --product warming-check --show-bin-path)/warming-check"

check-invalidation-redis: system-packages ## The same with four processes and a Redis server, whose connections are cut and which is killed.
	Scripts/install-system-packages redis-server
	$(SWIFT) build -c release --product invalidation-check
	@exec "$$($(SWIFT) build -c release --product invalidation-check --show-bin-path)/invalidation-check" redis $(OPS)

bench-adversarial: system-packages ## Measures the slowest operation of the memory cache where requests are chosen to hurt; fails above 1 ms.
	$(SWIFT) build -c release --product memory-cache-stress
	@exec "$$($(SWIFT) build -c release --product memory-cache-stress --show-bin-path)/memory-cache-stress" adversarial

# How long `make stress` runs; with a seed it does the same again, thread by thread.
MINUTES ?= 1
SEED ?=
STRESS = env MINUTES=$(MINUTES) $(if $(SEED),SEED=$(SEED))

stress: system-packages ## Has eight threads do anything with memory caches for MINUTES, and counts what is left at each pause.
	$(SWIFT) build -c release --product memory-cache-stress
	@exec $(STRESS) "$$($(SWIFT) build -c release --product memory-cache-stress --show-bin-path)/memory-cache-stress" stress

stress-tsan: system-packages ## The same under ThreadSanitizer.
	$(SWIFT) build -c release --sanitize=thread --scratch-path .build-tsan --product memory-cache-stress
	@exec $(STRESS) .build-tsan/release/memory-cache-stress stress

stress-asan: system-packages ## The same under AddressSanitizer.
	$(SWIFT) build -c release --sanitize=address --scratch-path .build-asan --product memory-cache-stress
	@exec $(STRESS) .build-asan/release/memory-cache-stress stress

bench-bytes: system-packages ## Measures how small values become on their way to the store, compressed and encrypted, and what that takes.
	$(SWIFT) build -c release --product bytes-benchmark
	@exec "$$($(SWIFT) build -c release --product bytes-benchmark --show-bin-path)/bytes-benchmark"

check-rotation: system-packages ## Rotates an encryption key every second for a minute under load, and counts what readers notice.
	$(SWIFT) build -c release --product rotation-check
	@exec "$$($(SWIFT) build -c release --product rotation-check --show-bin-path)/rotation-check"

bench-peers: system-packages ## Measures the memory cache beside Caffeine; `make bench-peers PEERS=--install` installs that first.
	$(SWIFT) build -c release --product memory-cache-benchmark
	Benchmarks/Peers/run --only speed $(PEERS) \
		--beside "$$($(SWIFT) build -c release --product memory-cache-benchmark --show-bin-path)/memory-cache-benchmark"

bench-cache: system-packages ## Measures hits, misses and a stampede; shows that a hit neither allocates nor suspends.
	$(SWIFT) build -c release --product cache-benchmark
	@exec "$$($(SWIFT) build -c release --product cache-benchmark --show-bin-path)/cache-benchmark"

# How many processes `make crash-test` kills.
KILLS ?= 300

crash-test: system-packages ## Kills KILLS processes that write behind, at random moments, and compares the sink with what was acknowledged.
	$(SWIFT) build -c release --product crash-test
	@exec "$$($(SWIFT) build -c release --product crash-test --show-bin-path)/crash-test" $(KILLS)

bench-journal: system-packages ## Measures acknowledged writes beside plain inserts into SQLite, and beside Redis where it is installed.
	$(SWIFT) build -c release --product journal-benchmark
	@exec "$$($(SWIFT) build -c release --product journal-benchmark --show-bin-path)/journal-benchmark"

bench-redis: system-packages ## Measures the Redis client beside hiredis and redis-benchmark, with a server of its own.
	Scripts/install-system-packages redis-server redis-tools libhiredis-dev util-linux
	@mkdir -p .build
	$(CC) -O2 -o .build/hiredis-benchmark Benchmarks/HiredisBenchmark/hiredis_benchmark.c -lhiredis
	$(SWIFT) build -c release --product redis-client-benchmark
	@exec env HIREDIS=.build/hiredis-benchmark ROUNDS=$(ROUNDS) SECONDS=$(SECONDS) PRECEDENCE=$(PRECEDENCE) \
		"$$($(SWIFT) build -c release --product redis-client-benchmark --show-bin-path)/redis-client-benchmark"

# How many objects `make check-varnish` has, and how many tags it invalidates.
OBJECTS ?= 10000
INVALIDATIONS ?= 500

check-varnish: system-packages ## Invalidates tags of objects behind a real Varnish under load, kills who purges, and looks for a stale one.
	Scripts/install-system-packages varnish varnish-modules wrk
	$(SWIFT) build -c release --product varnish-check
	@exec "$$($(SWIFT) build -c release --product varnish-check --show-bin-path)/varnish-check" $(OBJECTS) $(INVALIDATIONS)

bench-edge: system-packages ## Measures larder edge beside nginx and Varnish: hits of 1 KiB and 100 KiB, with CPU per request.
	Scripts/install-system-packages nginx-light varnish wrk curl procps
	$(SWIFT) build -c release --product larder
	@exec env ROUNDS=$(ROUNDS) Benchmarks/EdgeBenchmark/run \
		"$$($(SWIFT) build -c release --product larder --show-bin-path)/larder"

# For how many seconds all goes well before and after each fault of `make redis-faults`.
CALM ?= 2

redis-faults: test-packages ## Kills, hangs and cuts off Redis servers under load, in all ways, and counts what callers notice.
	$(SWIFT) build -c release --product redis-faults
	@exec env CALM=$(CALM) "$$($(SWIFT) build -c release --product redis-faults --show-bin-path)/redis-faults"

fuzz-briefly: system-packages ## Runs each fuzz target for half a minute, as CI does.
	@for target in envelope lz4 resp zstandard; do SECONDS_LIMIT=30 Fuzzing/run $$target 100000000 || exit 1; done

fuzz: system-packages ## Feeds a parser with bytes that explore it, in a build of its own: TARGET=resp, envelope, zstandard or lz4, RUNS.
	@exec Fuzzing/run $(TARGET) $(RUNS)

clean: ## Removes what was built, and the example's data.
	rm -rf .build .build-tsan .build-asan Examples/NotesVault/data

system-packages: ## Installs the C libraries that the build needs, if they are missing.
	@Scripts/install-system-packages

test-packages: ## Installs what the tests need besides: servers of Redis and Varnish, the checker of Prometheus, openssl, and Chromium.
	@Scripts/install-system-packages redis-server varnish varnish-modules prometheus openssl chromium
