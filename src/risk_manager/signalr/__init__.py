"""The JSON hub protocol of ASP.NET Core SignalR, ignorant of trading."""
