"""Alert rules tried on a recorded log, without Kafka: what `callpulse backtest` prints, and draws."""
