"""What runs over and over: the scheduler, the tick of the ladders, the audit, the watch over Home."""
