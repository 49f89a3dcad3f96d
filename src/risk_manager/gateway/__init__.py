"""The venue: TopstepX over REST and two SignalR hubs."""
