"""What the streams do not tell, or no longer: REST beside them, and who is watched."""
