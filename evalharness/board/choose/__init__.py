"""Which model fits a brief: limits, fit, utility, uncertainty, reasons."""
