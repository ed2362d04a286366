"""What an administrator sets up, through the API (README.md, "Configuration objects")."""
