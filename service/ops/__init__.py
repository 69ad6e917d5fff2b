"""What an operator needs around the answers: ids, logs, metrics, limits, encodings, safety."""
