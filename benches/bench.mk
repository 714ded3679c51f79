# The comparison with MLflow and FastTrackML; see docs/performance.md. PARTS="search start" runs some of it.
.PHONY: bench
bench:
	benches/run.sh $(PARTS)
