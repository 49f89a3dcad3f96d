"""What the daemon must come through: sudden deaths, and days of bad luck with many traders."""
