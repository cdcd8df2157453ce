"""What happens by the clock (APScheduler)."""
