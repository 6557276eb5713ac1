"""What a range of days came to: calls, outcomes, talking time, answers' latency, busy hours."""
