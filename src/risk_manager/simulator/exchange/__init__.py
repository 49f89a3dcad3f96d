"""The pure half of the played venue: orders, fills and balances, with time passed in."""
