"""Options of the estimates that several tests start from."""

MEMORY = ("memory", "--model", "llama-3.1-8b-instruct")
TIME = ("time", "--params", "8B", "--tokens", "1e6", "--gpu", "L4")
PROMPT = (
    *("--calls-per-month", "100000", "--prefix-tokens", "2000", "--input-tokens", "100"),
    *("--output-tokens", "50", "--input-usd-per-mtok", "3", "--output-usd-per-mtok", "15"),
    *("--cached-input-usd-per-mtok", "0.3", "--cache-hit-share", "90%"),
)
TUNED = (
    *("--training-usd", "500", "--setup-usd", "500"),
    *("--tuned-input-usd-per-mtok", "1", "--tuned-output-usd-per-mtok", "4"),
)
