"""What is measured: protocol, tables, plots, attribution, baselines, sweeps."""
