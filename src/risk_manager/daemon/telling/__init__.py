"""What the daemon tells: views for screens, alarms, health, figures."""
