"""The venue, played: a TopstepX gateway on loopback that tests and demos trade against."""
