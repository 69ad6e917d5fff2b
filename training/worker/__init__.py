"""Always on: train when something changed, read sources when their time has come."""
