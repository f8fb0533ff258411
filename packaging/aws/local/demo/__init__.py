"""Zero downtime, shown: clients talk while requests move from blue to green."""
