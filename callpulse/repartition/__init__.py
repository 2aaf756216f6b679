"""More partitions, with every stored cell in the partition that its key belongs to then."""
