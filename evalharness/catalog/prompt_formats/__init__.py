"""One small file per published prompt format; each has a `FORMAT` the registry knows."""
