"""The admin's desk: menu and commands behind the password."""
